/* jwks.c: the published form of the keys (contract 01 section 16.3). */
#include <string.h>

#include "jose_int.h"

/* Never published, whatever the type of the key: private members of every type, and the name of a key in KMS. */
static const char *const withheld[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "aws:kms:arn", "use", "key_ops"};
/* Published in base64url without padding, however they were given. */
static const char *const binary[] = {"n", "e", "x", "y"};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, list[i]) == 0)
			return true;
	}
	return false;
}

static struct json_object *string_of(const char *string)
{
	return must(json_object_new_string(string));
}

static struct json_object *encoded_again(struct json_object *jwk, const char *name)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why;
	size_t len;
	unsigned char *bytes = jwk_bytes(mem, jwk, name, &len, &why);
	struct json_object *value = bytes ? string_of(base64_encode(mem, BASE64_URL_RAW, bytes, len)) : NULL;

	talloc_free(mem);
	return value;
}

static struct json_object *public_view(struct json_object *jwk)
{
	struct json_object *view = must(json_object_new_object()), *operations = must(json_object_new_array());

	json_object_object_foreach(jwk, name, value)
	{
		if (is_one_of(name, withheld, sizeof(withheld) / sizeof(withheld[0])))
			continue;
		if (is_one_of(name, binary, sizeof(binary) / sizeof(binary[0])))
			json_object_object_add(view, name, encoded_again(jwk, name));
		else if (value)
			json_object_object_add(view, name, json_object_get(value));
	}
	json_object_array_add(operations, string_of("verify"));
	json_object_object_add(view, "key_ops", operations);
	json_object_object_add(view, "use", string_of("sig"));
	return view;
}

struct text jwks_document(TALLOC_CTX *mem, struct jose_key *const *items, struct json_object *const *jwks, size_t count)
{
	TALLOC_CTX *scratch = talloc_new(mem);
	struct json_object *document = json_hold(scratch, must(json_object_new_object())), *list = must(json_object_new_array());
	struct text text;

	for (size_t i = 0; i < count; i++) {
		if (items[i]->type != TYPE_OCT)
			json_object_array_add(list, public_view(jwks[i]));
	}
	json_object_object_add(document, "keys", list);
	text = json_canonical(mem, document);
	talloc_free(scratch);
	return text;
}
