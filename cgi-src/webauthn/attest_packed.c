/* attest_packed.c: attestation of format "packed", by the credential itself or by a certificate (contract 08 section 10.8). */
#include <openssl/x509v3.h>
#include <string.h>

#include "webauthn_int.h"

#define OID_AAGUID "1.3.6.1.4.1.45724.1.1.4"

/* ISO 3166-1 alpha-2, and the codes that are left to users; each with a blank on both sides. */
static const char countries[] =
	" AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL"
	" CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU"
	" GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC"
	" MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT"
	" PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA"
	" UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW AA ZZ ";

static bool is_country(struct text code)
{
	char padded[5] = {' ', 0, 0, ' ', 0};

	if (code.len != 2 || code.data[0] < 'A' || code.data[0] > 'Z' || code.data[1] < 'A' || code.data[1] > 'Z')
		return false;
	if (code.data[0] == 'X' || (code.data[0] == 'Q' && code.data[1] >= 'M'))
		return true;
	memcpy(padded + 1, code.data, 2);
	return strstr(countries, padded);
}

/* The values of one part of the subject, joined by blanks; *count how many there are. */
static struct text subject_part(TALLOC_CTX *mem, const X509 *certificate, int nid, size_t *count)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	struct buffer *out = buffer_new(mem, 64);
	int at = -1;

	*count = 0;
	while ((at = X509_NAME_get_index_by_NID(subject, nid, at)) >= 0) {
		unsigned char *utf8 = NULL;
		int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));

		if ((*count)++)
			buffer_char(out, ' ');
		if (len > 0)
			buffer_add(out, utf8, (size_t)len);
		OPENSSL_free(utf8);
	}
	return buffer_as_text(out);
}

static bool subject_is_right(TALLOC_CTX *mem, const X509 *certificate)
{
	size_t count;
	struct text country = subject_part(mem, certificate, NID_countryName, &count);

	if (count != 1 || !is_country(country))
		return false;
	return subject_part(mem, certificate, NID_organizationName, &count).len && subject_part(mem, certificate, NID_commonName, &count).len &&
	       text_is(subject_part(mem, certificate, NID_organizationalUnitName, &count), "Authenticator Attestation");
}

static bool aaguid_is_right(const X509 *certificate, const unsigned char aaguid[16])
{
	bool critical = false;
	struct text extension = certificate_extension(certificate, OID_AAGUID, &critical);
	struct der value;

	if (!extension.data)
		return true;
	return !critical && der_next(&extension, &value) && value.tag == V_ASN1_OCTET_STRING && value.content.len == 16 &&
	       memcmp(value.content.data, aaguid, 16) == 0;
}

static bool by_certificate(struct attestation *attestation, int64_t alg, struct text signature)
{
	struct certificates *certificates = certificates_read(attestation->mem, cbor_member(attestation->statement, "x5c"));
	X509 *first;

	if (!certificates)
		return refuse_attestation(attestation, "packed: certificates");
	for (size_t i = 0; i < certificates->count; i++)
		if (!certificate_is_current(certificates->items[i]))
			return refuse_attestation(attestation, "packed: a certificate outside of its validity");
	first = certificates->items[0];
	if (!cose_verify_with(X509_get0_pubkey(first), alg, attestation->signed_data, signature))
		return refuse_attestation(attestation, "packed: signature");
	if (X509_get_version(first) != X509_VERSION_3 || (X509_get_extension_flags(first) & EXFLAG_CA))
		return refuse_attestation(attestation, "packed: kind of certificate");
	if (!subject_is_right(attestation->mem, first))
		return refuse_attestation(attestation, "packed: subject of the certificate");
	return aaguid_is_right(first, attestation->answer->auth.aaguid) || refuse_attestation(attestation, "packed: AAGUID");
}

bool attest_packed(struct attestation *attestation)
{
	const struct cbor_node *statement = attestation->statement, *x5c = cbor_member(statement, "x5c");
	struct text signature = cbor_bytes(cbor_member(statement, "sig"));
	int64_t alg;

	if (!cbor_int(cbor_member(statement, "alg"), &alg) || alg >= 0 || !signature.data)
		return refuse_attestation(attestation, "packed: statement");
	if (cbor_has_kind(x5c, NODE_LIST))
		return by_certificate(attestation, alg, signature);
	if (cbor_has_kind(cbor_member(statement, "ecdaaKeyId"), NODE_BYTES))
		return refuse_attestation(attestation, "packed: ECDAA");
	if (alg != attestation->key.alg || !cose_verify(&attestation->key, attestation->signed_data, signature))
		return refuse_attestation(attestation, "packed: signature of the key itself");
	return true;
}
