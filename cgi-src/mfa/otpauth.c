/* otpauth.c: the address that authenticator apps read from a QR code (contract 08 section 5.5). */
#include <string.h>

#include "mfa_int.h"

static void put(struct buffer *out, struct text text, const char *bare)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool plain =
			(byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || (byte && strchr(bare, byte));

		if (plain)
			buffer_char(out, (char)byte);
		else
			buffer_format(out, "%%%02X", byte);
	}
}

char *otpauth_uri(TALLOC_CTX *mem, struct text issuer, struct text account, const char *secret)
{
	static const char path[] = "-_.~$&+,/:;=@";
	static const char query[] = "-_.~$:@"; /* the reference also leaves & = + as they are, with which an issuer could add parameters */
	struct buffer *out = buffer_new(mem, 256);

	buffer_string(out, "otpauth://totp/");
	put(out, issuer, path);
	buffer_char(out, ':');
	put(out, account, path);
	buffer_string(out, "?algorithm=SHA1&digits=6&issuer=");
	put(out, issuer, query);
	buffer_string(out, "&period=30&secret=");
	buffer_string(out, secret);
	return out->data;
}
