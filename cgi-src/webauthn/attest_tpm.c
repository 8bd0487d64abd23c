/* attest_tpm.c: attestation of a TPM 2.0 (contract 08 section 10.8; TCG TPM 2.0 part 2, TPMT_PUBLIC and TPMS_ATTEST). */
#include <openssl/x509v3.h>
#include <string.h>

#include "webauthn_int.h"

enum {
	TPM_RSA = 0x0001,
	TPM_ECC = 0x0023,
	TPM_NULL = 0x0010,
	ATTEST_CERTIFY = 0x8017,
	ATTEST_CLOCK_AND_FIRMWARE = 17 + 8,
};
#define TPM_GENERATED 0xff544347U
#define OID_AIK_CERTIFICATE "2.23.133.8.3"
#define OID_MANUFACTURER "2.23.133.2.1"
#define OID_MODEL "2.23.133.2.2"
#define OID_VERSION "2.23.133.2.3"

/* ---- numbers and sized buffers, big-endian --------------------------------------------------------------------------------------------------- */

struct cut {
	struct text rest;
	bool bad;
};

static uint32_t take(struct cut *in, size_t len)
{
	uint32_t number = 0;

	if (in->bad || in->rest.len < len) {
		in->bad = true;
		return 0;
	}
	for (size_t i = 0; i < len; i++)
		number = number << 8 | (unsigned char)in->rest.data[i];
	in->rest.data += len;
	in->rest.len -= len;
	return number;
}

static struct text take_bytes(struct cut *in, size_t len)
{
	struct text out = {in->rest.data, len};

	if (in->bad || in->rest.len < len) {
		in->bad = true;
		return TEXT_NONE;
	}
	in->rest.data += len;
	in->rest.len -= len;
	return out;
}

static struct text take_sized(struct cut *in)
{
	return take_bytes(in, take(in, 2));
}

/* ---- pubArea ------------------------------------------------------------------------------------------------------------------------------------- */

struct public_area {
	uint32_t type, name_alg, curve, exponent;
	struct text n, x, y;
};

static void skip_symmetric(struct cut *in)
{
	if (take(in, 2) != TPM_NULL)
		take(in, 4); /* key bits, mode */
}

static void skip_scheme(struct cut *in)
{
	if (take(in, 2) != TPM_NULL)
		take(in, 2); /* its digest */
}

static bool read_public(struct text bytes, struct public_area *area)
{
	struct cut in = {bytes, false};

	*area = (struct public_area){.type = take(&in, 2)};
	area->name_alg = take(&in, 2);
	take(&in, 4);	 /* attributes */
	take_sized(&in); /* policy */
	skip_symmetric(&in);
	skip_scheme(&in);
	if (area->type == TPM_RSA) {
		take(&in, 2); /* bits */
		area->exponent = take(&in, 4);
		area->n = take_sized(&in);
	} else if (area->type == TPM_ECC) {
		area->curve = take(&in, 2);
		skip_scheme(&in); /* key derivation */
		area->x = take_sized(&in);
		area->y = take_sized(&in);
	} else {
		return false;
	}
	return !in.bad;
}

static bool is_same_number(struct text a, struct text b)
{
	while (a.len && a.data[0] == 0)
		a.data++, a.len--;
	while (b.len && b.data[0] == 0)
		b.data++, b.len--;
	return text_equal(a, b);
}

static bool is_key(const struct public_area *area, const struct cose_key *key)
{
	uint32_t exponent = 0;

	if (area->type == TPM_ECC) /* curves: TPM counts P-256 from 3, COSE from 1 */
		return key->kty == COSE_EC2 && key->crv + 2 == (int64_t)area->curve && is_same_number(area->x, key->x) &&
		       is_same_number(area->y, key->y);
	if (key->kty != COSE_RSA || key->e.len < 3 || key->e.len > 4)
		return false;
	for (size_t i = 0; i < key->e.len; i++)
		exponent = exponent << 8 | (unsigned char)key->e.data[i];
	return exponent == (area->exponent ? area->exponent : 65537) && is_same_number(area->n, key->n);
}

/* ---- certInfo -------------------------------------------------------------------------------------------------------------------------------------- */

static bool digest_is(const EVP_MD *digest, struct text data, struct text expected)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return digest && EVP_Digest(data.data, data.len, out, &len, digest, NULL) == 1 && text_equal((struct text){(char *)out, len}, expected);
}

static const EVP_MD *tpm_digest(uint32_t alg)
{
	switch (alg) {
	case 0x0004:
		return EVP_sha1();
	case 0x000b:
		return EVP_sha256();
	case 0x000c:
		return EVP_sha384();
	case 0x000d:
		return EVP_sha512();
	default:
		return NULL;
	}
}

static bool certifies(struct text cert_info, struct text pub_area, const struct public_area *area, const EVP_MD *digest, struct text signed_data)
{
	struct cut in = {cert_info, false}, name_in;
	struct text extra, name;

	if (take(&in, 4) != TPM_GENERATED || take(&in, 2) != ATTEST_CERTIFY)
		return false;
	take_sized(&in); /* qualified signer */
	extra = take_sized(&in);
	take_bytes(&in, ATTEST_CLOCK_AND_FIRMWARE);
	name = take_sized(&in);
	if (in.bad || !digest_is(digest, signed_data, extra))
		return false;
	name_in = (struct cut){name, false};
	return take(&name_in, 2) == area->name_alg && digest_is(tpm_digest(area->name_alg), pub_area, name_in.rest);
}

/* ---- the certificate -------------------------------------------------------------------------------------------------------------------------------- */

/* Manufacturers of TPMs, by the hexadecimal form of their vendor id. */
static const char *const manufacturers[] = {
	"414D4400", "414E5400", "41544D4C", "4252434D", "4353434F", "464C5953", "524F4343", "474F4F47", "48504900", "48504500", "48495349",
	"49424d00", "49424D00", "49465800", "494E5443", "4C454E00", "4D534654", "4E534D20", "4E545A00", "4E534700", "4E544300", "51434F4D",
	"534D534E", "53454345", "534E5300", "534D5343", "53544D20", "54584E00", "57454300", "5345414C", "FFFFF1D0",
};

static struct text name_part(const X509_NAME *name, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = object ? X509_NAME_get_index_by_OBJ(name, object, -1) : -1;
	const ASN1_STRING *value = at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));

	ASN1_OBJECT_free(object);
	return value ? (struct text){(const char *)ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)} : TEXT_NONE;
}

static bool is_tpm(const X509_NAME *name)
{
	struct text id = name_part(name, OID_MANUFACTURER);

	if (!name_part(name, OID_MODEL).len || !name_part(name, OID_VERSION).len)
		return false;
	if (text_starts(id, "id:"))
		id = (struct text){id.data + 3, id.len - 3};
	for (size_t i = 0; i < sizeof(manufacturers) / sizeof(manufacturers[0]); i++)
		if (text_is(id, manufacturers[i]))
			return true;
	return false;
}

static bool names_a_tpm(X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		found |= name->type == GEN_DIRNAME && is_tpm(name->d.directoryName);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool is_for_attestation(X509 *certificate)
{
	EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_ASN1_OBJECT_num(uses); i++) {
		char oid[64];

		OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(uses, i), 1);
		found |= strcmp(oid, OID_AIK_CERTIFICATE) == 0;
	}
	EXTENDED_KEY_USAGE_free(uses);
	return found;
}

static bool certificate_is_right(X509 *certificate)
{
	return X509_get_version(certificate) == X509_VERSION_3 && X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0 &&
	       names_a_tpm(certificate) && is_for_attestation(certificate) && !(X509_get_extension_flags(certificate) & EXFLAG_CA);
}

bool attest_tpm(struct attestation *attestation)
{
	const struct cbor_node *statement = attestation->statement, *version = cbor_member(statement, "ver");
	struct text signature = cbor_bytes(cbor_member(statement, "sig")), cert_info = cbor_bytes(cbor_member(statement, "certInfo")),
		    pub_area = cbor_bytes(cbor_member(statement, "pubArea"));
	struct certificates *certificates = certificates_read(attestation->mem, cbor_member(statement, "x5c"));
	struct public_area area;
	int64_t alg;

	if (!cbor_has_kind(version, NODE_TEXT) || !text_is(version->text, "2.0") || !cbor_int(cbor_member(statement, "alg"), &alg) ||
	    !signature.data || !cert_info.data || !pub_area.data || !certificates || cbor_has_kind(cbor_member(statement, "ecdaaKeyId"), NODE_BYTES))
		return refuse_attestation(attestation, "tpm: statement");
	if (!read_public(pub_area, &area) || !is_key(&area, &attestation->key))
		return refuse_attestation(attestation, "tpm: key");
	if (!certifies(cert_info, pub_area, &area, cose_digest(alg), attestation->signed_data))
		return refuse_attestation(attestation, "tpm: what is certified");
	if (!cose_verify_with(X509_get0_pubkey(certificates->items[0]), alg, cert_info, signature))
		return refuse_attestation(attestation, "tpm: signature");
	return certificate_is_right(certificates->items[0]) || refuse_attestation(attestation, "tpm: certificate");
}
