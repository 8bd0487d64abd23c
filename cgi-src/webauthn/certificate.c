/* certificate.c: certificates of attestation statements, and the DER inside them. */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "webauthn_int.h"

static int free_certificates(struct certificates *certificates)
{
	for (size_t i = 0; i < certificates->count; i++)
		X509_free(certificates->items[i]);
	return 0;
}

static X509 *parse(struct text der)
{
	const unsigned char *at = (const unsigned char *)der.data;
	X509 *certificate = der.len && der.len <= INT32_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;

	ERR_clear_error();
	if (certificate && at != (const unsigned char *)der.data + der.len) {
		X509_free(certificate);
		return NULL;
	}
	return certificate;
}

struct certificates *certificates_read(TALLOC_CTX *mem, const struct cbor_node *x5c)
{
	struct certificates *out;

	if (!cbor_has_kind(x5c, NODE_LIST) || x5c->count == 0)
		return NULL;
	out = must(talloc_zero(mem, struct certificates));
	talloc_set_destructor(out, free_certificates);
	out->items = must(talloc_array(out, X509 *, (unsigned)x5c->count));
	for (; out->count < x5c->count; out->count++) {
		out->items[out->count] = parse(cbor_bytes(&x5c->items[out->count]));
		if (!out->items[out->count]) {
			talloc_free(out);
			return NULL;
		}
	}
	return out;
}

static int free_certificate(X509 **holder)
{
	X509_free(*holder);
	return 0;
}

X509 *certificate_read(TALLOC_CTX *mem, struct text der)
{
	X509 **holder = must(talloc_zero(mem, X509 *));

	talloc_set_destructor(holder, free_certificate);
	*holder = parse(der);
	return *holder;
}

bool certificate_is_current(const X509 *certificate)
{
	return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 && X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

struct text certificate_extension(const X509 *certificate, const char *oid, bool *critical)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = object ? X509_get_ext_by_OBJ(certificate, object, -1) : -1;
	X509_EXTENSION *extension = at < 0 ? NULL : X509_get_ext(certificate, at);
	const ASN1_OCTET_STRING *value = extension ? X509_EXTENSION_get_data(extension) : NULL;

	ASN1_OBJECT_free(object);
	if (!value)
		return TEXT_NONE;
	if (critical)
		*critical = X509_EXTENSION_get_critical(extension);
	return (struct text){(const char *)ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
}

bool der_next(struct text *in, struct der *element)
{
	const unsigned char *start = (const unsigned char *)in->data, *at = start;
	long length;
	int flags;

	if (in->len == 0 || in->len > INT32_MAX)
		return false;
	flags = ASN1_get_object(&at, &length, &element->tag, &element->class, (long)in->len);
	ERR_clear_error();
	if ((flags & 0x80) || flags == 0x21) /* an error, or of indefinite length */
		return false;
	element->content = (struct text){(const char *)at, (size_t)length};
	in->len -= (size_t)(at - start) + (size_t)length;
	in->data = (const char *)at + length;
	return true;
}

/* ---- chains ---------------------------------------------------------------------------------------------------------------------------------- */

static const char apple_root[] = "-----BEGIN CERTIFICATE-----\n"
				 "MIICEjCCAZmgAwIBAgIQaB0BbHo84wIlpQGUKEdXcTAKBggqhkjOPQQDAzBLMR8w\n"
				 "HQYDVQQDDBZBcHBsZSBXZWJBdXRobiBSb290IENBMRMwEQYDVQQKDApBcHBsZSBJ\n"
				 "bmMuMRMwEQYDVQQIDApDYWxpZm9ybmlhMB4XDTIwMDMxODE4MjEzMloXDTQ1MDMx\n"
				 "NTAwMDAwMFowSzEfMB0GA1UEAwwWQXBwbGUgV2ViQXV0aG4gUm9vdCBDQTETMBEG\n"
				 "A1UECgwKQXBwbGUgSW5jLjETMBEGA1UECAwKQ2FsaWZvcm5pYTB2MBAGByqGSM49\n"
				 "AgEGBSuBBAAiA2IABCJCQ2pTVhzjl4Wo6IhHtMSAzO2cv+H9DQKev3//fG59G11k\n"
				 "xu9eI0/7o6V5uShBpe1u6l6mS19S1FEh6yGljnZAJ+2GNP1mi/YK2kSXIuTHjxA/\n"
				 "pcoRf7XkOtO4o1qlcaNCMEAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUJtdk\n"
				 "2cV4wlpn0afeaxLQG2PxxtcwDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMDA2cA\n"
				 "MGQCMFrZ+9DsJ1PW9hfNdBywZDsWDbWFp28it1d/5w2RPkRX3Bbn/UbDTNLx7Jr3\n"
				 "jAGGiQIwHFj+dJZYUJR786osByBelJYsVZd2GbHQu209b5RCmGQ21gpSAk9QZW4B\n"
				 "1bWeT0vT\n"
				 "-----END CERTIFICATE-----\n";
static const char android_root[] = "-----BEGIN CERTIFICATE-----\n"
				   "MIIFHDCCAwSgAwIBAgIJAPHBcqaZ6vUdMA0GCSqGSIb3DQEBCwUAMBsxGTAXBgNV\n"
				   "BAUTEGY5MjAwOWU4NTNiNmIwNDUwHhcNMjIwMzIwMTgwNzQ4WhcNNDIwMzE1MTgw\n"
				   "NzQ4WjAbMRkwFwYDVQQFExBmOTIwMDllODUzYjZiMDQ1MIICIjANBgkqhkiG9w0B\n"
				   "AQEFAAOCAg8AMIICCgKCAgEAr7bHgiuxpwHsK7Qui8xUFmOr75gvMsd/dTEDDJdS\n"
				   "Sxtf6An7xyqpRR90PL2abxM1dEqlXnf2tqw1Ne4Xwl5jlRfdnJLmN0pTy/4lj4/7\n"
				   "tv0Sk3iiKkypnEUtR6WfMgH0QZfKHM1+di+y9TFRtv6y//0rb+T+W8a9nsNL/ggj\n"
				   "nar86461qO0rOs2cXjp3kOG1FEJ5MVmFmBGtnrKpa73XpXyTqRxB/M0n1n/W9nGq\n"
				   "C4FSYa04T6N5RIZGBN2z2MT5IKGbFlbC8UrW0DxW7AYImQQcHtGl/m00QLVWutHQ\n"
				   "oVJYnFPlXTcHYvASLu+RhhsbDmxMgJJ0mcDpvsC4PjvB+TxywElgS70vE0XmLD+O\n"
				   "JtvsBslHZvPBKCOdT0MS+tgSOIfga+z1Z1g7+DVagf7quvmag8jfPioyKvxnK/Eg\n"
				   "sTUVi2ghzq8wm27ud/mIM7AY2qEORR8Go3TVB4HzWQgpZrt3i5MIlCaY504LzSRi\n"
				   "igHCzAPlHws+W0rB5N+er5/2pJKnfBSDiCiFAVtCLOZ7gLiMm0jhO2B6tUXHI/+M\n"
				   "RPjy02i59lINMRRev56GKtcd9qO/0kUJWdZTdA2XoS82ixPvZtXQpUpuL12ab+9E\n"
				   "aDK8Z4RHJYYfCT3Q5vNAXaiWQ+8PTWm2QgBR/bkwSWc+NpUFgNPN9PvQi8WEg5Um\n"
				   "AGMCAwEAAaNjMGEwHQYDVR0OBBYEFDZh4QB8iAUJUYtEbEf/GkzJ6k8SMB8GA1Ud\n"
				   "IwQYMBaAFDZh4QB8iAUJUYtEbEf/GkzJ6k8SMA8GA1UdEwEB/wQFMAMBAf8wDgYD\n"
				   "VR0PAQH/BAQDAgIEMA0GCSqGSIb3DQEBCwUAA4ICAQB8cMqTllHc8U+qCrOlg3H7\n"
				   "174lmaCsbo/bJ0C17JEgMLb4kvrqsXZs01U3mB/qABg/1t5Pd5AORHARs1hhqGIC\n"
				   "W/nKMav574f9rZN4PC2ZlufGXb7sIdJpGiO9ctRhiLuYuly10JccUZGEHpHSYM2G\n"
				   "tkgYbZba6lsCPYAAP83cyDV+1aOkTf1RCp/lM0PKvmxYN10RYsK631jrleGdcdkx\n"
				   "oSK//mSQbgcWnmAEZrzHoF1/0gso1HZgIn0YLzVhLSA/iXCX4QT2h3J5z3znluKG\n"
				   "1nv8NQdxei2DIIhASWfu804CA96cQKTTlaae2fweqXjdN1/v2nqOhngNyz1361mF\n"
				   "mr4XmaKH/ItTwOe72NI9ZcwS1lVaCvsIkTDCEXdm9rCNPAY10iTunIHFXRh+7KPz\n"
				   "lHGewCq/8TOohBRn0/NNfh7uRslOSZ/xKbN9tMBtw37Z8d2vvnXq/YWdsm1+JLVw\n"
				   "n6yYD/yacNJBlwpddla8eaVMjsF6nBnIgQOf9zKSe06nSTqvgwUHosgOECZJZ1Eu\n"
				   "zbH4yswbt02tKtKEFhx+v+OTge/06V+jGsqTWLsfrOCNLuA8H++z+pUENmpqnnHo\n"
				   "vaI47gC+TNpkgYGkkBT6B/m/U01BuOBBTzhIlMEZq9qkDWuM2cA5kW5V3FJUcfHn\n"
				   "w1IdYIg2Wxg7yHcQZemFQg==\n"
				   "-----END CERTIFICATE-----\n";
static const char android_attestation[] = "-----BEGIN CERTIFICATE-----\n"
					  "MIICIjCCAaigAwIBAgIRAISp0Cl7DrWK5/8OgN52BgUwCgYIKoZIzj0EAwMwUjEc\n"
					  "MBoGA1UEAwwTS2V5IEF0dGVzdGF0aW9uIENBMTEQMA4GA1UECwwHQW5kcm9pZDET\n"
					  "MBEGA1UECgwKR29vZ2xlIExMQzELMAkGA1UEBhMCVVMwHhcNMjUwNzE3MjIzMjE4\n"
					  "WhcNMzUwNzE1MjIzMjE4WjBSMRwwGgYDVQQDDBNLZXkgQXR0ZXN0YXRpb24gQ0Ex\n"
					  "MRAwDgYDVQQLDAdBbmRyb2lkMRMwEQYDVQQKDApHb29nbGUgTExDMQswCQYDVQQG\n"
					  "EwJVUzB2MBAGByqGSM49AgEGBSuBBAAiA2IABCPaI3FO3z5bBQo8cuiEas4HjqCt\n"
					  "G/mLFfRT0MsIssPBEEU5Cfbt6sH5yOAxqEi5QagpU1yX4HwnGb7OtBYpDTB57uH5\n"
					  "Eczm34A5FNijV3s0/f0UPl7zbJcTx6xwqMIRq6NCMEAwDwYDVR0TAQH/BAUwAwEB\n"
					  "/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFFIyuyz7RkOb3NaBqQ5lZuA0QepA\n"
					  "MAoGCCqGSM49BAMDA2gAMGUCMETfjPO/HwqReR2CS7p0ZWoD/LHs6hDi422opifH\n"
					  "EUaYLxwGlT9SLdjkVpz0UUOR5wIxAIoGyxGKRHVTpqpGRFiJtQEOOTp/+s1GcxeY\n"
					  "uR2zh/80lQyu9vAFCj6E4AXc+osmRg==\n"
					  "-----END CERTIFICATE-----\n";

static const struct {
	enum anchor anchor;
	const char *pem;
} anchors[] = {
	{ANCHOR_APPLE, apple_root},	       /* to 2045 */
	{ANCHOR_ANDROID, android_root},	       /* to 2042; older issues have the same name and key */
	{ANCHOR_ANDROID, android_attestation}, /* to 2035 */
};

static X509_STORE *store_of(enum anchor anchor)
{
	X509_STORE *store = must(X509_STORE_new());

	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
		BIO *pem;
		X509 *root;

		if (anchors[i].anchor != anchor)
			continue;
		pem = must(BIO_new_mem_buf(anchors[i].pem, -1));
		root = must(PEM_read_bio_X509(pem, NULL, NULL, NULL));
		X509_STORE_add_cert(store, root);
		X509_free(root);
		BIO_free(pem);
	}
	return store;
}

static bool is_authority(X509 *certificate)
{
	return X509_get_extension_flags(certificate) & EXFLAG_CA;
}

/* Where uses are listed, serverAuth or any use is among them. */
static bool use_is_allowed(X509 *certificate)
{
	uint32_t use = X509_get_extended_key_usage(certificate);

	return use == UINT32_MAX || (use & (XKU_SSL_SERVER | XKU_ANYEKU));
}

static bool has_begun(const struct certificates *certificates)
{
	for (size_t i = 0; i < certificates->count; i++)
		if (X509_cmp_current_time(X509_get0_notBefore(certificates->items[i])) > 0)
			return false;
	return true;
}

bool certificates_chain(const struct certificates *certificates, enum anchor anchor)
{
	STACK_OF(X509) *others = must(sk_X509_new_null());
	X509_STORE_CTX *context = must(X509_STORE_CTX_new());
	X509_STORE *store = store_of(anchor);
	X509 *leaf = NULL;
	bool good = false;

	for (size_t i = 0; i < certificates->count; i++) {
		if (is_authority(certificates->items[i]))
			sk_X509_push(others, certificates->items[i]);
		else if (!leaf)
			leaf = certificates->items[i];
	}
	if (leaf && use_is_allowed(leaf) && has_begun(certificates) && X509_STORE_CTX_init(context, store, leaf, others) == 1) {
		/* the end of validity of what is presented does not count: keys outlive it */
		X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_NO_CHECK_TIME);
		good = X509_verify_cert(context) == 1;
	}
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	sk_X509_free(others);
	ERR_clear_error();
	return good;
}
