/* person.c: who an assertion is about: user id, e-mail, mapped attributes (contract 09 section 6.9). */
#include "saml_int.h"

/* Attributes that hold an e-mail where none is mapped, in order. */
static const char *const email_names[] = {
	"urn:oid:0.9.2342.19200300.100.1.3",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
	"http://schemas.xmlsoap.org/claims/EmailAddress",
	"mail",
	"email",
};

struct values {
	struct text *items;
	size_t count;
};

/* A(name) of the chapter: the values of all attributes with this name, in document order. */
static struct values values_of(TALLOC_CTX *mem, const struct saml_assertion *assertion, struct text name)
{
	struct values values = {NULL, 0};

	for (size_t i = 0; i < assertion->attribute_count; i++) {
		const struct saml_attribute *attribute = &assertion->attributes[i];

		if (!saml_same_name(mem, attribute->name, name) && !saml_same_name(mem, attribute->friendly_name, name))
			continue;
		for (size_t k = 0; k < attribute->value_count; k++) {
			values.items = must(talloc_realloc(mem, values.items, struct text, (unsigned)values.count + 1));
			values.items[values.count++] = attribute->values[k];
		}
	}
	return values;
}

static struct text first_filled(struct values values)
{
	for (size_t i = 0; i < values.count; i++)
		if (values.items[i].len)
			return values.items[i];
	return TEXT_NONE;
}

/* ---- the subject -------------------------------------------------------------------------------------------------------------------------------------- */

static bool name_id_is_email(const struct saml_assertion *assertion)
{
	return assertion->name_id.len && text_is(assertion->name_id_format, FORMAT_EMAIL);
}

static struct text user_id_of(TALLOC_CTX *mem, const struct saml_assertion *assertion)
{
	struct values subject_ids = values_of(mem, assertion, TEXT("urn:oasis:names:tc:SAML:attribute:subject-id"));

	if (subject_ids.count)
		return subject_ids.items[0];
	if (name_id_is_email(assertion))
		return text_lower(mem, text_trim_unicode_space(assertion->name_id));
	return text_is(assertion->name_id_format, FORMAT_TRANSIENT) ? TEXT_NONE : assertion->name_id;
}

static struct text email_of(TALLOC_CTX *mem, const struct saml_assertion *assertion, struct json_object *claims)
{
	struct text email = json_get_text(claims, "email");

	for (size_t i = 0; !email.len && i < sizeof(email_names) / sizeof(email_names[0]); i++)
		email = first_filled(values_of(mem, assertion, text_of(email_names[i])));
	return email.len || !name_id_is_email(assertion) ? email : assertion->name_id;
}

/* ---- mapping -------------------------------------------------------------------------------------------------------------------------------------------- */

static struct json_object *text_value(struct text text)
{
	return must(json_object_new_string_len(text.data, (int)text.len));
}

static struct json_object *list_value(struct values values)
{
	struct json_object *list = must(json_object_new_array());

	for (size_t i = 0; i < values.count; i++)
		if (values.items[i].len)
			json_object_array_add(list, text_value(values.items[i]));
	return list;
}

static struct text string_of(struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return TEXT_NONE;
	return (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

/* The values of the first candidate that has any. */
static struct values find_values(TALLOC_CTX *mem, const struct saml_assertion *assertion, struct json_object *rule)
{
	struct text name = json_get_text(rule, "name");
	struct json_object *names = json_get(rule, "names");
	size_t count = json_object_is_type(names, json_type_array) ? json_object_array_length(names) : 0;
	struct values values = name.len ? values_of(mem, assertion, name) : (struct values){NULL, 0};

	for (size_t i = 0; i < count && !first_filled(values).len; i++) {
		struct text one = string_of(json_object_array_get_idx(names, i));

		values = values_of(mem, assertion, one.data ? one : TEXT(""));
	}
	return values;
}

static void map_one(TALLOC_CTX *mem, const struct saml_assertion *assertion, const char *key, struct json_object *rule, struct json_object *claims)
{
	struct values values = find_values(mem, assertion, rule);
	struct text first = first_filled(values);
	struct json_object *standard = json_get(rule, "default");

	if (first.len)
		json_object_object_add(claims, key, json_get_true(rule, "array") ? list_value(values) : text_value(first));
	else if (standard)
		json_object_object_add(claims, key, json_object_get(standard));
}

static struct json_object *map_all(TALLOC_CTX *mem, const struct saml_assertion *assertion, struct json_object *mapping)
{
	struct json_object *claims = json_hold(mem, must(json_object_new_object())), *rules = json_get(mapping, "keys");
	size_t count;
	const char **keys = json_names_sorted(mem, rules, &count);

	for (size_t i = 0; i < count; i++)
		map_one(mem, assertion, keys[i], json_get(rules, keys[i]), claims);
	return claims;
}

int saml_person_of(struct request *req, const struct saml_assertion *assertion, struct json_object *mapping, struct saml_person *person)
{
	person->user_id = user_id_of(req, assertion);
	if (!person->user_id.len)
		return fail(
			req, 400, "saml_assertion_no_user_id",
			"SAML Assertion did not contain a persistent Subject Identifier attribute or Subject NameID uniquely identifying this user");
	person->claims = map_all(req, assertion, mapping);
	person->email = email_of(req, assertion, person->claims);
	return person->email.len ? 0 : fail(req, 400, "saml_assertion_no_email", "SAML Assertion does not contain an email address");
}
