/* token.c: compact JWS, made and taken apart (RFC 7515 section 7.1). */
#include <string.h>

#include "token.h"

int token_fail(TALLOC_CTX *mem, const char **detail, const char *kind, const char *reason)
{
	*detail = format(mem, "%s: %s", kind, reason);
	return -1;
}

bool token_split(struct text token, struct segments *parts)
{
	struct text rest;

	if (!text_cut(token, '.', &parts->header, &rest) || !text_cut(rest, '.', &parts->payload, &parts->signature) ||
	    memchr(parts->signature.data, '.', parts->signature.len))
		return false;
	parts->input = (struct text){token.data, parts->header.len + 1 + parts->payload.len};
	return true;
}

int token_decode(TALLOC_CTX *mem, struct text encoded, const char *what, struct text *bytes, const char **detail)
{
	size_t len, bad_at = 0;
	unsigned char *decoded = base64_decode(mem, BASE64_URL_RAW, encoded, &len, &bad_at);

	if (!decoded) {
		*detail = format(mem, MALFORMED ": could not base64 decode %s: illegal base64 data at input byte %zu", what, bad_at);
		return -1;
	}
	*bytes = (struct text){(char *)decoded, len};
	return 0;
}

int token_decode_object(TALLOC_CTX *mem, struct text encoded, const char *what, struct json_object **object, const char **detail)
{
	struct text bytes;
	const char *why;

	if (token_decode(mem, encoded, what, &bytes, detail) < 0)
		return -1;
	if (json_parse(mem, bytes, object, &why) < 0) {
		*detail = format(mem, MALFORMED ": could not JSON decode %s: %s", what, why);
		return -1;
	}
	if (!*object) /* null leaves everything at its default */
		*object = json_hold(mem, must(json_object_new_object()));
	if (!json_object_is_type(*object, json_type_object)) {
		*detail = format(mem, MALFORMED ": could not JSON decode %s: json: it is not an object", what);
		return -1;
	}
	return 0;
}

int jose_split(TALLOC_CTX *mem, struct text token, struct jose_parts *parts, const char **detail)
{
	struct segments segments;

	if (!token_split(token, &segments))
		return token_fail(mem, detail, MALFORMED, "token contains an invalid number of segments");
	parts->signing_input = segments.input;
	if (token_decode_object(mem, segments.header, "header", &parts->header, detail) < 0 ||
	    token_decode_object(mem, segments.payload, "claim", &parts->payload, detail) < 0)
		return -1;
	return token_decode(mem, segments.signature, "signature", &parts->signature, detail);
}

int jose_payload(TALLOC_CTX *mem, struct text token, struct json_object **payload, const char **detail)
{
	struct segments segments;

	if (!token_split(token, &segments))
		return token_fail(mem, detail, MALFORMED, "token contains an invalid number of segments");
	return token_decode_object(mem, segments.payload, "claim", payload, detail);
}

struct text jose_sign(TALLOC_CTX *mem, const struct jose_keys *keys, struct text payload)
{
	struct buffer *out = buffer_new(mem, keys->header.len + payload.len / 3 * 4 + 128);
	char *encoded = base64_encode(out, BASE64_URL_RAW, payload.data, payload.len);
	struct text signature;

	buffer_text(out, keys->header);
	buffer_char(out, '.');
	buffer_string(out, encoded);
	signature = jose_signature(out, keys->signer, keys->signing_alg, buffer_as_text(out));
	if (!signature.data) {
		talloc_free(out);
		return TEXT_NONE;
	}
	buffer_char(out, '.');
	buffer_string(out, base64_encode(out, BASE64_URL_RAW, signature.data, signature.len));
	talloc_free(encoded);
	return buffer_as_text(out);
}
