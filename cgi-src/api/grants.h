/* grants.h: the grants of POST /token; token.c has the table. */
#ifndef API_GRANTS_H
#define API_GRANTS_H

#include "cgi-src/api/handlers.h"

int grant_password(struct request *req);
int grant_refresh_token(struct request *req);
int grant_pkce(struct request *req);
int grant_id_token(struct request *req);
int grant_web3(struct request *req);

#endif
