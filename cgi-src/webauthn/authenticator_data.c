/* authenticator_data.c: the bytes that an authenticator signs (contract 08 section 10.3.1). */
#include <string.h>

#include "webauthn_int.h"

enum { HEAD = 37, ATTESTED_HEAD = 55, ID_MAX = 1023 };

static bool refuse(const char **why, const char *text)
{
	*why = text;
	return false;
}

static struct text part(struct text bytes, size_t from, size_t len)
{
	return (struct text){bytes.data + from, len};
}

/* AAGUID, credential id and key; *end is where they end, with the key as long as its canonical form is. */
static bool read_attested(TALLOC_CTX *mem, struct text bytes, struct authenticator_data *data, size_t *end, const char **why)
{
	const unsigned char *raw = (const unsigned char *)bytes.data;
	struct cbor_node key;
	size_t id_len, used, at;

	if (bytes.len <= ATTESTED_HEAD)
		return refuse(why, "attested data: too short");
	memcpy(data->aaguid, raw + HEAD, 16);
	id_len = (size_t)raw[HEAD + 16] << 8 | raw[HEAD + 17];
	at = ATTESTED_HEAD + id_len;
	if (id_len > ID_MAX || at > bytes.len)
		return refuse(why, "attested data: length of the credential id");
	data->credential_id = part(bytes, ATTESTED_HEAD, id_len);
	if (!cbor_read(mem, part(bytes, at, bytes.len - at), &key, &used))
		return refuse(why, "attested data: the key is no CBOR");
	data->public_key = cbor_canonical(mem, &key);
	data->attested = true;
	*end = at + data->public_key.len;
	return *end <= bytes.len || refuse(why, "attested data: the key is too short");
}

bool authenticator_data_read(TALLOC_CTX *mem, struct text bytes, struct authenticator_data *data, const char **why)
{
	const unsigned char *raw = (const unsigned char *)bytes.data;
	size_t end = HEAD;

	*data = (struct authenticator_data){.bytes = bytes};
	if (bytes.len < HEAD)
		return refuse(why, "authenticator data: too short");
	data->rp_id_hash = part(bytes, 0, 32);
	data->flags = raw[32];
	data->counter = (uint32_t)raw[33] << 24 | (uint32_t)raw[34] << 16 | (uint32_t)raw[35] << 8 | raw[36];
	if ((data->flags & AUTH_AT) && !read_attested(mem, bytes, data, &end, why))
		return false;
	if (data->flags & AUTH_ED) {
		data->extensions = part(bytes, end, bytes.len - end);
		return data->extensions.len > 0 || refuse(why, "authenticator data: no extensions");
	}
	return end == bytes.len || refuse(why, "authenticator data: bytes left over");
}
