/* verifier.c: PKCE at the code exchange (RFC 7636 section 4.6; contract 04 section 9.2, 10 section 12.3 row 7). */
#include <strings.h>

#include "idp_int.h"
#include "latchkey/crypto.h"

const char *verifier_complaint(TALLOC_CTX *mem, const char *challenge, const char *method, struct text verifier)
{
	struct text given = verifier;
	unsigned char digest[32];

	if (!challenge || !*challenge)
		return NULL; /* only rows that were not made by section 8 */
	if (!verifier.len)
		return "code_verifier is required when PKCE challenge is present";
	if (method && strcasecmp(method, "s256") == 0) {
		sha256(verifier, digest);
		given = text_of(base64_encode(mem, BASE64_URL_RAW, digest, sizeof(digest)));
	} else if (!method || strcasecmp(method, "plain") != 0) {
		return "code challenge method not supported";
	}
	return secret_equal(given, text_of(challenge)) ? NULL : "code challenge does not match previously saved code verifier";
}
