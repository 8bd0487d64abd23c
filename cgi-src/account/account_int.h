/* account_int.h: what the files of this room share. */
#ifndef ACCOUNT_INT_H
#define ACCOUNT_INT_H

#include "latchkey/account.h"
#include "latchkey/settings.h"

/* An object of its own with the members of base, and over them those of changes, nulls included. */
struct json_object *json_overlay(TALLOC_CTX *mem, struct json_object *base, struct json_object *changes);
/* As json_overlay, for one text, truth or null member. */
struct json_object *json_with_text(TALLOC_CTX *mem, struct json_object *base, const char *name, const char *value);
struct json_object *json_with_truth(TALLOC_CTX *mem, struct json_object *base, const char *name, bool value);

struct db_value db_json(struct request *req, struct json_object *value);

/* Have I Been Pwned (contract 05 section 2.2). */
enum pwned { PWNED_NO, PWNED_YES, PWNED_UNKNOWN };
enum pwned hibp_check(struct request *req, struct text password);
#define HIBP_DIGEST 40 /* a SHA-1 digest in upper-case hex */
bool hibp_cache_has(const struct settings *settings, const char digest[HIBP_DIGEST]);
void hibp_cache_add(const struct settings *settings, const char digest[HIBP_DIGEST]);

/* H of contract 03 section 10. */
char *user_obfuscate(TALLOC_CTX *mem, const struct uuid *user, struct text text);

#endif
