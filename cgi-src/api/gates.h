/* gates.h: what a request has to pass before its handler (contract 01 sections 2.5, 8, 10). Those of one row run in the order of the bits. */
#ifndef API_GATES_H
#define API_GATES_H

#include "latchkey/http.h"

enum gate_bit {
	GATE_FLOW_STATE = 1 << 0,
	GATE_OAUTH_SERVER = 1 << 1,
	GATE_CUSTOM_PROVIDERS = 1 << 2,
	GATE_SCIM = 1 << 3,
	GATE_PASSKEY = 1 << 4,
	GATE_SAML = 1 << 5,
	GATE_BEARER = 1 << 6,
	GATE_ADMIN = 1 << 7,
	GATE_LINKING = 1 << 8,
	GATE_NOT_ANONYMOUS = 1 << 9,
	GATE_SUBJECT = 1 << 10, /* {user_id}, the path's first parameter: http->subject */
	GATE_FACTOR = 1 << 11,	/* {factor_id}, the path's last parameter, of subject or else of the bearer: http->subject_factor */
	GATE_SSO_PROVIDER = 1 << 12,
	GATE_OAUTH_CLIENT = 1 << 13,
	GATE_LIMIT = 1 << 14, /* the row's limiter, which needs no bit */
	GATE_CAPTCHA = 1 << 15,
	GATE_EMAIL = 1 << 16,
	GATE_CLIENT_AUTH = 1 << 17,
};

int gate_captcha(struct request *req);

/* Gates of rooms that come later. */
int gate_flow_state(struct request *req);
int gate_sso_provider(struct request *req);
int gate_oauth_client(struct request *req);
int gate_client_auth(struct request *req);

#endif
