/* wallet_spend.c: a wallet's message is accepted once (chapter 12, row for 07 section 11). */
#include "latchkey/crypto.h"
#include "latchkey/oauth.h"

int wallet_message_spend(struct request *req, enum wallet_chain chain, struct text message, const unsigned char point[32], moment until, bool *first)
{
	struct buffer *signed_by = buffer_new(req, 64);
	unsigned char digest[32];
	struct db_rows *rows;

	buffer_string(signed_by, chain == WALLET_SOLANA ? "solana" : "ethereum");
	buffer_add(signed_by, point, 32);
	sha256_two(buffer_as_text(signed_by), message, digest);
	if (db_fetch(req, STMT_WALLET_MESSAGE_SPEND,
		     DB_ARGS(db_bytes((struct text){(char *)digest, sizeof(digest)}), db_moment(until), db_moment(moment_now())), &rows) < 0)
		return -1;
	*first = db_row_count(rows) > 0;
	return 0;
}
