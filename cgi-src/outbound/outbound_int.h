/* outbound_int.h: what the files of this room share. */
#ifndef OUTBOUND_INT_H
#define OUTBOUND_INT_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "latchkey/outbound.h"

/* Why this address is none to call on somebody else's word; NULL: it is fine. saved: the chapter's list, for a URL that is to be kept.
 * connected: also what a network of ours could lead inside from there; for the moment of connecting. */
const char *address_complaint_saved(const struct sockaddr *address);
const char *address_complaint_connected(const struct sockaddr *address);

/* The proxy for a URL of this scheme and host (contract 02 section 3.20), "" for none. */
const char *proxy_for(const struct settings *settings, struct text scheme, struct text host, struct text port);

#endif
