/* client_auth.c: a client proves at the token endpoint who it is (contract 10 section 7, RFC 6749 section 2.3). */
#include <string.h>

#include "idp_int.h"
#include "latchkey/crypto.h"

static int refuse(struct request *req, const char *why)
{
	return fail(req, 400, "invalid_credentials", "%s", why);
}

/* The digests are compared, in constant time. */
static bool secret_fits(struct request *req, const struct oauth_client *client, struct text secret)
{
	unsigned char digest[32], *stored;
	size_t len;

	sha256(secret, digest);
	stored = base64_decode(req, BASE64_URL_RAW, text_of(client->secret_hash), &len, NULL);
	return stored && secret_equal((struct text){(const char *)stored, len}, (struct text){(const char *)digest, sizeof(digest)});
}

static const char *method_used(const struct oauth_credentials *given)
{
	if (given->basic)
		return "client_secret_basic";
	return given->secret.len ? "client_secret_post" : "none";
}

static int check_secret(struct request *req, const struct oauth_client *client, const struct oauth_credentials *given)
{
	const char *used = method_used(given);

	if (strcmp(used, client->auth_method) != 0)
		return fail(req, 400, "invalid_credentials", "invalid authentication method: client is registered for '%s' but '%s' was used",
			    client->auth_method, used);
	if (oauth_client_is_public(client))
		return given->secret.len ? refuse(req, "public clients must not provide client_secret") : 0;
	if (!given->secret.len)
		return refuse(req, "confidential clients must provide client_secret");
	return secret_fits(req, client, given->secret) ? 0 : refuse(req, "invalid client credentials");
}

int oauth_client_authenticate(struct request *req, const struct oauth_credentials *given, struct oauth_client **client)
{
	struct uuid id;

	if (!uuid_parse(given->client_id, &id))
		return refuse(req, "Invalid client_id format");
	if (oauth_client_by_id(req, &id, client) < 0)
		return fail_server(req, "Error validating client credentials");
	if (!*client)
		return refuse(req, "Invalid client credentials");
	return check_secret(req, *client, given);
}
