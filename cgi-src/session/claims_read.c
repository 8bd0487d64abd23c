/* claims_read.c: the claims of a token that somebody presents: their types and times (contract 04 sections 3.2 and 3.3). */
#include <math.h>
#include <string.h>

#include "session_int.h"

#define SECONDS_MAX 9e12 /* as a moment this is still in range */

enum kind { CLAIM_TEXT, CLAIM_SECONDS, CLAIM_AUDIENCE, CLAIM_OBJECT, CLAIM_TRUTH, CLAIM_AMR };

/* What is held while reading: the claims, and those that nobody asks for later. */
struct reading {
	struct claims claims;
	struct text jti;
	moment nbf;
};

static const struct claim {
	const char *name;
	enum kind kind;
	size_t offset;
} table[] = {
	{"iss", CLAIM_TEXT, offsetof(struct reading, claims.iss)},
	{"sub", CLAIM_TEXT, offsetof(struct reading, claims.sub)},
	{"aud", CLAIM_AUDIENCE, offsetof(struct reading, claims.aud)},
	{"exp", CLAIM_SECONDS, offsetof(struct reading, claims.exp)},
	{"nbf", CLAIM_SECONDS, offsetof(struct reading, nbf)},
	{"iat", CLAIM_SECONDS, offsetof(struct reading, claims.iat)},
	{"jti", CLAIM_TEXT, offsetof(struct reading, jti)},
	{"email", CLAIM_TEXT, offsetof(struct reading, claims.email)},
	{"phone", CLAIM_TEXT, offsetof(struct reading, claims.phone)},
	{"app_metadata", CLAIM_OBJECT, offsetof(struct reading, claims.app_metadata)},
	{"user_metadata", CLAIM_OBJECT, offsetof(struct reading, claims.user_metadata)},
	{"role", CLAIM_TEXT, offsetof(struct reading, claims.role)},
	{"aal", CLAIM_TEXT, offsetof(struct reading, claims.aal)},
	{"amr", CLAIM_AMR, offsetof(struct reading, claims.amr)},
	{"session_id", CLAIM_TEXT, offsetof(struct reading, claims.session_id)},
	{"is_anonymous", CLAIM_TRUTH, offsetof(struct reading, claims.is_anonymous)},
	{"client_id", CLAIM_TEXT, offsetof(struct reading, claims.client_id)},
	{"scope", CLAIM_TEXT, offsetof(struct reading, claims.scope)},
};

static struct text text_of_string(struct json_object *value)
{
	return (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

/* A number, or one written in a string; cut to whole seconds. */
static bool read_seconds(TALLOC_CTX *mem, struct json_object *value, moment *at)
{
	const char *why;
	double seconds;

	if (json_object_is_type(value, json_type_string) && (json_parse(mem, text_of_string(value), &value, &why) < 0 || !value))
		return false;
	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return false;
	seconds = trunc(json_object_get_double(value));
	if (isnan(seconds))
		return false;
	*at = (moment)fmax(-SECONDS_MAX, fmin(SECONDS_MAX, seconds)) * 1000000;
	return true;
}

static bool read_audience(TALLOC_CTX *mem, struct json_object *value, struct text_list *audience)
{
	bool one = json_object_is_type(value, json_type_string);
	size_t count = one ? 1 : 0;

	if (!one && !json_object_is_type(value, json_type_array))
		return false;
	count = one ? 1 : json_object_array_length(value);
	*audience = (struct text_list){must(talloc_array(mem, struct text, (unsigned)count + 1)), 0, true};
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = one ? value : json_object_array_get_idx(value, i);

		if (!json_object_is_type(item, json_type_string))
			return false;
		audience->items[audience->count++] = text_of_string(item);
	}
	return true;
}

static bool is_absent_or(struct json_object *object, const char *name, bool (*fits)(struct json_object *value))
{
	struct json_object *value = json_get(object, name);

	return !value || fits(value);
}

static bool is_text(struct json_object *value)
{
	return json_object_is_type(value, json_type_string);
}

/* json_parse() makes every number a double. */
static bool is_whole(struct json_object *value)
{
	double number = json_object_get_double(value);

	return json_object_is_type(value, json_type_int) || (json_object_is_type(value, json_type_double) && number == trunc(number));
}

static bool amr_fits(struct json_object *amr)
{
	if (!json_object_is_type(amr, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(amr); i++) {
		struct json_object *item = json_object_array_get_idx(amr, i);

		if (!item || json_object_is_type(item, json_type_string)) /* null is an entry without a method */
			continue;
		if (!json_object_is_type(item, json_type_object) || !is_absent_or(item, "method", is_text) ||
		    !is_absent_or(item, "provider", is_text) || !is_absent_or(item, "timestamp", is_whole))
			return false;
	}
	return true;
}

static bool read_claim(TALLOC_CTX *mem, const struct claim *claim, struct json_object *value, struct reading *reading)
{
	void *to = (char *)reading + claim->offset;

	switch (claim->kind) {
	case CLAIM_TEXT:
		*(struct text *)to = text_of_string(value);
		return json_object_is_type(value, json_type_string);
	case CLAIM_SECONDS:
		return read_seconds(mem, value, to);
	case CLAIM_AUDIENCE:
		return read_audience(mem, value, to);
	case CLAIM_OBJECT:
		*(struct json_object **)to = value;
		return json_object_is_type(value, json_type_object);
	case CLAIM_TRUTH:
		*(bool *)to = json_object_get_boolean(value);
		return json_object_is_type(value, json_type_boolean);
	case CLAIM_AMR:
		*(struct json_object **)to = value;
		return amr_fits(value);
	}
	return false;
}

/* Check 13 of section 3.2: no leeway. */
static bool times_fit(const struct reading *reading, const char **detail)
{
	moment now = moment_now();
	bool expired = reading->claims.exp != MOMENT_NONE && now >= reading->claims.exp;
	bool early = reading->nbf != MOMENT_NONE && now < reading->nbf;

	if (expired && early)
		*detail = "token has invalid claims: token is expired, token is not valid yet";
	else if (expired)
		*detail = "token has invalid claims: token is expired";
	else if (early)
		*detail = "token has invalid claims: token is not valid yet";
	return !expired && !early;
}

bool claims_read(TALLOC_CTX *mem, struct json_object *from, struct claims *claims, const char **detail)
{
	struct reading reading = {.claims = {.exp = MOMENT_NONE, .iat = MOMENT_NONE}, .nbf = MOMENT_NONE};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct json_object *value = json_get(from, table[i].name);

		if (value && !read_claim(mem, &table[i], value, &reading)) {
			*detail = format(mem, "token is malformed: could not JSON decode claim: claim %s has the wrong type", table[i].name);
			return false;
		}
	}
	*claims = reading.claims;
	return times_fit(&reading, detail);
}
