/* client_secret.c: clients' secrets: made, hashed, changed (contract 10 sections 3.1, 6.5). */
#include <sodium.h>

#include "idp_int.h"
#include "latchkey/crypto.h"

#define SECRET_BYTES 32

char *client_secret_hash(TALLOC_CTX *mem, struct text secret)
{
	unsigned char digest[32];

	sha256(secret, digest);
	return base64_encode(mem, BASE64_URL_RAW, digest, sizeof(digest));
}

char *client_secret_new(TALLOC_CTX *mem)
{
	unsigned char bytes[SECRET_BYTES];
	char *secret;

	random_bytes(bytes, sizeof(bytes));
	secret = base64_encode(mem, BASE64_URL_RAW, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
	return secret;
}

int oauth_client_new_secret(struct request *req, struct oauth_client *client, char **secret)
{
	struct db_rows *rows;

	if (oauth_client_is_public(client))
		return fail(req, 400, "validation_failed", "Cannot regenerate secret for public client");
	*secret = client_secret_new(req);
	if (db_fetch(req, STMT_OAUTH_CLIENT_SET_SECRET,
		     DB_ARGS(db_uuid(&client->id), db_moment(moment_now()), db_string(client_secret_hash(req, text_of(*secret)))), &rows) < 0 ||
	    db_row_count(rows) == 0)
		return fail_server(req, "Error regenerating OAuth client secret");
	client_from_row(req, rows, 0, client);
	return 0;
}
