/* client_state.c: the verifiers of PKCE towards providers, each used once (contract 07 section 3). */
#include "oauth_int.h"

#define VERIFIER_BYTES 32

int oauth_client_state_create(struct request *req, struct text provider, struct oauth_client_state *state)
{
	unsigned char bytes[VERIFIER_BYTES];

	random_bytes(bytes, sizeof(bytes));
	*state = (struct oauth_client_state){
		.id = uuid_v4(),
		.provider_type = text_string(req, provider),
		.code_verifier = base64_encode(req, BASE64_URL_RAW, bytes, sizeof(bytes)),
		.created_at = moment_now(),
	};
	return db_execute(
		req, STMT_OAUTH_CLIENT_STATE_INSERT,
		DB_ARGS(db_uuid(&state->id), db_string(state->provider_type), db_string(state->code_verifier), db_moment(state->created_at)));
}

int oauth_client_state_take(struct request *req, const struct uuid *id, struct oauth_client_state *state, bool *found)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_OAUTH_CLIENT_STATE_TAKE, DB_ARGS(db_uuid(id)), &rows) < 0)
		return -1;
	*found = db_row_count(rows) > 0;
	if (*found)
		*state = (struct oauth_client_state){
			.id = *id,
			.provider_type = db_get_string(rows, 0, 0),
			.code_verifier = db_get_string(rows, 0, 1),
			.created_at = db_get_moment(rows, 0, 2),
		};
	return 0;
}
