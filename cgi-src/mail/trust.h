/* trust.h: the authorities that sign relays' certificates (trust.c). */
#ifndef LATCHKEY_MAIL_TRUST_H
#define LATCHKEY_MAIL_TRUST_H

#include <openssl/ossl_typ.h>

#include "cgi-src/mail/delivery.h"

/* Those of the relay's cafile, else of SSL_CERT_FILE and SSL_CERT_DIR, else of the system; kept by the process, read anew where the file has
 * changed. */
X509_STORE *trust_of(const struct settings *settings, const struct relay *relay);
/* Before a courier is made for a relay that will want them. */
void trust_prepare(const struct settings *settings, struct shared *shared, const struct relay *relay);

#endif
