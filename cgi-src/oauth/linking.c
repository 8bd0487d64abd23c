/* linking.c: which account a sign-in from outside belongs to (contract 07 sections 8.1 and 8.2). */
#include <string.h>

#include "linking.h"

static struct text domain_of(const struct request *req, const char *provider)
{
	struct text domain;

	if (strncmp(provider, "sso:", 4) == 0)
		return text_of(provider);
	domain = text_map_get(&req->settings->experimental.provider_linking_domains, text_of(provider));
	return domain.len ? domain : TEXT("default");
}

/* ---- what the provider vouches for --------------------------------------------------------------------------------------------------------------------- */

static struct text_list verified_addresses(struct request *req, const struct oauth_profile *profile)
{
	bool all = req->settings->mailer.autoconfirm;
	struct text_list list = {must(talloc_array(req, struct text, (unsigned)profile->email_count + 1)), 0, true};

	for (size_t i = 0; i < profile->email_count; i++)
		if (all || profile->emails[i].verified)
			list.items[list.count++] = text_lower(req, profile->emails[i].address);
	return list;
}

/* The last primary one. */
static void set_candidate(struct request *req, const struct oauth_profile *profile, struct linking *linking)
{
	for (size_t i = 0; i < profile->email_count; i++)
		if (profile->emails[i].primary) {
			linking->candidate = text_lower(req, profile->emails[i].address);
			linking->verified = profile->emails[i].verified;
		}
}

/* ---- rule 1 ------------------------------------------------------------------------------------------------------------------------------------------------ */

static int find_known(struct request *req, const struct external_login *login, struct linking *linking)
{
	struct identity *identity;

	if (identity_by_provider(req, login->provider, json_get_text(linking->claims, "sub"), &identity) < 0)
		return -1;
	if (!identity)
		return 0;
	if (user_by_id(req, &identity->user_id, &linking->user) < 0)
		return -1;
	if (!linking->user)
		return fail_unexpected(req, "the identity's user is gone");
	linking->decision = DECIDED_EXISTS;
	linking->identity = identity->id;
	linking->candidate = text_of(linking->user->email);
	return 0;
}

/* ---- rule 2: an address that nobody vouches for leads nowhere, and is not taken over ---------------------------------------------------------------------- */

static int blank_taken(struct request *req, struct linking *linking)
{
	struct user *owner;

	if (!linking->candidate.len)
		return 0;
	if (user_duplicate_email(req, linking->candidate, request_audience(req), NULL, &owner) < 0)
		return -1;
	if (owner)
		linking->candidate = TEXT_NONE;
	return 0;
}

/* ---- rules 3 and 4 ------------------------------------------------------------------------------------------------------------------------------------------- */

struct owners {
	struct uuid first;
	size_t count; /* 2: several */
};

static void add_owner(struct owners *owners, const struct uuid *user)
{
	if (owners->count && uuid_equal(&owners->first, user))
		return;
	if (!owners->count)
		owners->first = *user;
	owners->count++;
}

static int choose(struct request *req, const struct owners *owners, struct linking *linking)
{
	if (owners->count > 1) {
		linking->decision = DECIDED_MULTIPLE;
		return 0;
	}
	linking->decision = DECIDED_LINK;
	if (user_by_id(req, &owners->first, &linking->user) < 0)
		return -1;
	return linking->user ? 0 : fail_unexpected(req, "the user to link to is gone");
}

static int find_similar(struct request *req, const struct text_list *addresses, struct linking *linking)
{
	bool in_default = text_is(linking->domain, "default");
	struct owners identities = {0}, users = {0};
	struct db_rows *rows;

	if (db_fetch(req, STMT_LINKING_CANDIDATES, DB_ARGS(db_text_array(req, addresses)), &rows) < 0)
		return -1;
	for (int i = 0; i < db_row_count(rows); i++) {
		struct uuid user = db_get_uuid(rows, i, 1);

		if (!db_get_bool(rows, i, 0))
			add_owner(&users, &user);
		else if (text_equal(domain_of(req, db_get_string(rows, i, 2)), linking->domain))
			add_owner(&identities, &user);
	}
	if (identities.count)
		return choose(req, &identities, linking);
	return in_default && users.count ? choose(req, &users, linking) : 0;
}

/* ---- the decision --------------------------------------------------------------------------------------------------------------------------------------------- */

/* identity_data keeps addresses in lower case, and so does what is merged from it (section 16.6). */
struct json_object *claims_with_lower_email(struct request *req, struct json_object *claims)
{
	struct text email = json_get_text(claims, "email"), lower = text_lower(req, email);
	struct json_object *copy;

	if (text_equal(email, lower))
		return claims;
	copy = json_hold(req, must(json_object_new_object()));
	json_object_object_foreach(claims, name, value)
	{
		json_object_object_add(copy, name, json_object_get(value));
	}
	json_object_object_add(copy, "email", must(json_object_new_string_len(lower.data, (int)lower.len)));
	return copy;
}

int linking_decide(struct request *req, const struct external_login *login, struct linking *linking)
{
	struct text_list addresses = verified_addresses(req, login->profile);

	*linking = (struct linking){
		.decision = DECIDED_CREATE,
		.domain = domain_of(req, login->provider),
		.claims = claims_with_lower_email(req, login->profile->claims),
	};
	if (!json_get_text(linking->claims, "sub").len)
		return fail_unexpected(req, "error missing provider id");
	set_candidate(req, login->profile, linking);
	if (find_known(req, login, linking) < 0)
		return -1;
	if (linking->decision == DECIDED_EXISTS)
		return 0;
	if (!addresses.count)
		return blank_taken(req, linking);
	return find_similar(req, &addresses, linking);
}
