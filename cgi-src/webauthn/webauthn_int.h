/* webauthn_int.h: what the files of this room share. */
#ifndef WEBAUTHN_INT_H
#define WEBAUTHN_INT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "config.h"
#include "latchkey/settings.h"
#include "latchkey/webauthn.h"

/* ---- CBOR (section 10.7) ---------------------------------------------------------------------------------------------------------------------- */

enum node_kind { NODE_INT, NODE_BYTES, NODE_TEXT, NODE_LIST, NODE_MAP, NODE_OTHER };

struct cbor_node {
	enum node_kind kind;
	bool negative; /* NODE_INT: it is -1 - number */
	uint64_t number;
	struct text text;	 /* bytes, text; NODE_OTHER: its encoding */
	struct cbor_node *items; /* a list's; a map's keys and values in turn */
	size_t count;		 /* of items */
};

/* Reads one item from the start of in; *used is its length. false: it is none of the kind that section 10.7 accepts. */
bool cbor_read(TALLOC_CTX *mem, struct text in, struct cbor_node *node, size_t *used);
struct text cbor_canonical(TALLOC_CTX *mem, const struct cbor_node *node);
const struct cbor_node *cbor_member(const struct cbor_node *map, const char *name); /* NULL: absent */
const struct cbor_node *cbor_label(const struct cbor_node *map, int64_t label);	    /* NULL: absent */
bool cbor_int(const struct cbor_node *node, int64_t *number);			    /* false: NULL, another kind, or too large */
struct text cbor_bytes(const struct cbor_node *node);				    /* TEXT_NONE for NULL and other kinds */
bool cbor_has_kind(const struct cbor_node *node, enum node_kind kind);		    /* false for NULL */

/* ---- keys and signatures (section 10.6) ---------------------------------------------------------------------------------------------------------- */

enum { COSE_OKP = 1, COSE_EC2 = 2, COSE_RSA = 3 };
#define COSE_RS1 (-65535)

struct cose_key {
	int64_t kty, alg, crv; /* crv 0: absent */
	struct text x, y, n, e;
	EVP_PKEY *key; /* NULL: the numbers are no key; freed with the context */
};

extern const int64_t cose_offered[]; /* in the order of section 10.1 */
extern const size_t cose_offered_count;

/* false: it is no COSE key of a kind known here. The numbers may still be no key: then key is NULL. */
bool cose_read(TALLOC_CTX *mem, struct text cose, struct cose_key *key);
bool cose_verify(const struct cose_key *key, struct text data, struct text signature);
/* With the key of a certificate, under an algorithm of section 10.6 or RS1. */
bool cose_verify_with(EVP_PKEY *key, int64_t alg, struct text data, struct text signature);
const EVP_MD *cose_digest(int64_t alg); /* NULL: none, or unknown */

/* ---- authenticator data ---------------------------------------------------------------------------------------------------------------------------- */

bool authenticator_data_read(TALLOC_CTX *mem, struct text bytes, struct authenticator_data *data, const char **why);
bool client_data_read(TALLOC_CTX *mem, struct text json, struct client_data *data, const char **why);

/* ---- JSON ----------------------------------------------------------------------------------------------------------------------------------------- */

void webauthn_member_bytes(struct json_writer *out, const char *name, enum base64_kind kind, struct text bytes); /* null where data is NULL */
void webauthn_member_texts(struct json_writer *out, const char *name, const struct text_list *list);		 /* null where it is not set */

/* ---- attestation (section 10.8) --------------------------------------------------------------------------------------------------------------------- */

struct attestation {
	TALLOC_CTX *mem;
	const struct webauthn_answer *answer;
	const struct cbor_node *statement;
	struct cose_key key;
	struct text signed_data; /* authData, then SHA-256 of the client data */
	struct text client_hash;
	const char *why;
};

bool attestation_accepted(TALLOC_CTX *mem, const struct webauthn_answer *answer, const char **why);

/* One for each format; false with why set. */
bool attest_packed(struct attestation *attestation);
bool attest_u2f(struct attestation *attestation);
bool attest_apple(struct attestation *attestation);
bool attest_android_key(struct attestation *attestation);
bool attest_safetynet(struct attestation *attestation);
bool attest_tpm(struct attestation *attestation);

/* Certificate extensions of Apple and Android, for their tests too. */
bool apple_nonce_is(struct text extension, struct text expected);
bool android_description_is_right(struct text extension, struct text challenge);

bool refuse_attestation(struct attestation *attestation, const char *why); /* false */

/* Certificates of x5c, freed with mem; NULL where x5c is no list of certificates, or empty. */
struct certificates {
	X509 **items;
	size_t count;
};
struct certificates *certificates_read(TALLOC_CTX *mem, const struct cbor_node *x5c);
X509 *certificate_read(TALLOC_CTX *mem, struct text der);
bool certificate_is_current(const X509 *certificate);
/* The chain of Apple's and Android's: to a trust anchor, whatever its end of validity (section 10.8). */
enum anchor { ANCHOR_APPLE, ANCHOR_ANDROID };
bool certificates_chain(const struct certificates *certificates, enum anchor anchor);
/* Content of the extension's OCTET STRING; TEXT_NONE where there is none. */
struct text certificate_extension(const X509 *certificate, const char *oid, bool *critical);
/* DER: takes one element off in. false: it is none. tag: the number; class: V_ASN1_… bits. */
struct der {
	int tag, class;
	struct text content;
};
bool der_next(struct text *in, struct der *element);

#endif
