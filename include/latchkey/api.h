/* api.h: the endpoints. */
#ifndef LATCHKEY_API_H
#define LATCHKEY_API_H

#include "latchkey/http.h"

/* The one table of routes; its end is a row without pattern. */
extern const struct route api_routes[];

#endif
