/* account.c: a sign-in from outside carried out: account made, linked or found (contract 07 sections 8.3 and 8.4, 4.4 step 3). */
#include <string.h>

#include "latchkey/mail.h"
#include "linking.h"

#define CREATING "Error creating identity"
#define UPDATING "Database error updating user"

static struct json_object *provider_trait(struct request *req, const struct external_login *login)
{
	return audit_traits(req, "provider", login->provider, NULL);
}

static int refuse_signup(struct request *req)
{
	return fail(req, 422, "signup_disabled", "Signups not allowed for this instance");
}

/* ---- the account ---------------------------------------------------------------------------------------------------------------------------------------- */

static struct json_object *app_metadata(struct request *req, const char *provider)
{
	struct json_object *metadata = json_hold(req, must(json_object_new_object())), *providers = must(json_object_new_array());

	json_object_array_add(providers, must(json_object_new_string(provider)));
	json_object_object_add(metadata, "provider", must(json_object_new_string(provider)));
	json_object_object_add(metadata, "providers", providers);
	return metadata;
}

static struct user *make_user(struct request *req, const struct external_login *login, const struct linking *linking)
{
	struct user *user = user_new(req, linking->candidate, TEXT_NONE, request_audience(req));

	user->user_metadata = linking->claims;
	user->app_metadata = app_metadata(req, login->provider);
	user->is_sso_user = !text_is(linking->domain, "default");
	return user;
}

static int create(struct request *req, struct external_login *login, struct linking *linking)
{
	struct identity *identity;

	if (req->settings->disable_signup)
		return refuse_signup(req);
	linking->user = make_user(req, login, linking);
	if (user_create(req, linking->user) < 0)
		return -1;
	identity = identity_create(req, linking->user, login->provider, linking->claims, CREATING);
	linking->identity = identity->id;
	return 0;
}

static int link_to(struct request *req, struct external_login *login, struct linking *linking)
{
	struct user *user = linking->user;
	const struct identity *identity = identity_create(req, user, login->provider, linking->claims, CREATING);

	linking->identity = identity->id;
	audit(req, AUDIT_IDENTITY_LINKED, user,
	      audit_traits(req, "identity_id", uuid_string(req, &identity->id), "provider", identity->provider, "provider_id", identity->provider_id,
			   NULL),
	      true);
	user_merge_user_metadata(req, user, linking->claims, UPDATING);
	user_recompute_providers(req, user, UPDATING);
	return 0;
}

static struct identity *identity_of(struct linking *linking)
{
	for (size_t i = 0; i < linking->user->identity_count; i++)
		if (uuid_equal(&linking->user->identities[i].id, &linking->identity))
			return &linking->user->identities[i];
	return NULL;
}

static int refresh(struct request *req, struct linking *linking)
{
	struct identity *identity = identity_of(linking);

	if (!identity)
		return fail_unexpected(req, "the identity is gone");
	identity_replace_data(req, identity, linking->claims, NULL);
	user_merge_user_metadata(req, linking->user, linking->claims, UPDATING);
	user_recompute_providers(req, linking->user, UPDATING);
	return 0;
}

static int apply(struct request *req, struct external_login *login, struct linking *linking)
{
	switch (linking->decision) {
	case DECIDED_CREATE:
		return create(req, login, linking);
	case DECIDED_LINK:
		return link_to(req, login, linking);
	case DECIDED_EXISTS:
		return refresh(req, linking);
	case DECIDED_MULTIPLE:
		break;
	}
	return fail_server(req, "Multiple accounts with the same email address in the same linking domain detected: %.*s", (int)linking->domain.len,
			   linking->domain.data);
}

/* ---- the common tail (8.4) -------------------------------------------------------------------------------------------------------------------------------- */

static int ask_for_confirmation(struct request *req, struct external_login *login, struct linking *linking)
{
	const char *provider = login->provider;
	bool sends = linking->candidate.len > 0;

	if (sends && mail_confirmation(req, linking->user, false) < 0)
		return -1;
	if (req->settings->mailer.allow_unverified_email_sign_ins)
		return 0;
	if (sends)
		return fail_keeping(req, 422, "provider_email_needs_verification",
				    "Unverified email with %s. A confirmation email has been sent to your %s email", provider, provider);
	return fail_keeping(req, 422, "provider_email_needs_verification", "Unverified email with %s. Verify the email with %s in order to sign in",
			    provider, provider);
}

/* The account was nobody's yet: what others may have prepared in it goes (8.4 step 3a). */
static int take_over(struct request *req, struct external_login *login, struct linking *linking)
{
	const struct identity *identity = identity_of(linking);

	if (!identity)
		return fail_unexpected(req, "the identity is gone");
	user_drop_unconfirmed_identities(req, linking->user, identity, UPDATING);
	if (!linking->verified && !req->settings->mailer.autoconfirm)
		return ask_for_confirmation(req, login, linking);
	audit(req, AUDIT_USER_SIGNEDUP, linking->user, provider_trait(req, login), false);
	user_confirm_email(req, linking->user, UPDATING);
	return 0;
}

static int finish(struct request *req, struct external_login *login, struct linking *linking)
{
	bool relevant = strcmp(login->provider, "web3") != 0 && !(login->email_optional && !linking->candidate.len);

	if (user_is_banned(linking->user, req->started))
		return fail(req, 403, "user_banned", "User is banned");
	if (relevant && !user_email_confirmed(linking->user))
		return take_over(req, login, linking);
	audit(req, AUDIT_LOGIN, linking->user, provider_trait(req, login), false);
	return 0;
}

int external_sign_in(struct request *req, struct external_login *login)
{
	struct linking linking;

	if (linking_decide(req, login, &linking) < 0 || apply(req, login, &linking) < 0)
		return -1;
	login->decision = linking.decision;
	login->user = linking.user;
	return finish(req, login, &linking);
}

int external_ask_hook(struct request *req, struct external_login *login, int (*hook)(struct request *req, const struct user *user))
{
	struct linking linking;

	if (linking_decide(req, login, &linking) < 0)
		return -1;
	if (linking.decision != DECIDED_CREATE)
		return 0;
	if (req->settings->disable_signup)
		return refuse_signup(req);
	return hook(req, make_user(req, login, &linking));
}
