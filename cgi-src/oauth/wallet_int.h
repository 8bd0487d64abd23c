/* wallet_int.h: what the files about wallet messages share. */
#ifndef WALLET_INT_H
#define WALLET_INT_H

#include "latchkey/http.h"
#include "latchkey/oauth.h"

/* MOMENT_NONE for the zero time. */
bool wallet_time_parse(struct text text, moment *at);

/* Go's url.ParseRequestURI: an absolute URI or an absolute path; a "#" is part of the path. */
bool wallet_uri_valid(TALLOC_CTX *mem, struct text text);

#endif
