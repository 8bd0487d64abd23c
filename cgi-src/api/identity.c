/* identity.c: DELETE /user/identities/{identity_id} (contract 05 section 8.2). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "latchkey/mail.h"

struct unlink {
	struct user *user;
	struct identity identity; /* as it was */
};

static struct identity *find(const struct user *user, const struct uuid *id)
{
	for (size_t i = 0; i < user->identity_count; i++)
		if (uuid_equal(&user->identities[i].id, id))
			return &user->identities[i];
	return NULL;
}

static int follow_email(struct request *req, struct user *user)
{
	static const char message[] = "Database error updating user email";
	bool conflict;

	if (user_rederive_email(req, user, &conflict, message) < 0)
		return fail_server(req, message);
	if (conflict)
		return fail(req, 422, "email_conflict_identity_not_deletable", "Unable to unlink identity due to email conflict");
	return 0;
}

static int write_unlink(struct request *req, void *arg)
{
	struct unlink *unlink = arg;
	const struct identity *identity = &unlink->identity;
	struct user *user = unlink->user;
	struct json_object *traits = audit_traits(req, "identity_id", uuid_string(req, &identity->id), "provider", identity->provider, "provider_id",
						  identity->provider_id, NULL);

	audit_or(req, AUDIT_IDENTITY_UNLINKED, user, traits, true, "Error recording audit log entry");
	identity_delete(req, user, find(user, &identity->id), "Database error deleting identity");
	if (strcmp(identity->provider, "phone") == 0)
		user_remove_phone(req, user, "Database error updating user phone");
	else if (follow_email(req, user) < 0)
		return -1;
	user_recompute_providers(req, user, "Database error updating user providers");
	return 0;
}

int api_identity_delete(struct request *req)
{
	struct unlink unlink = {.user = req->bearer->user};
	struct notification notification = {.kind = MAIL_IDENTITY_UNLINKED, .user = unlink.user, .to = text_of(unlink.user->email)};
	const struct identity *identity;
	struct uuid id;
	int moved;

	if (http_uuid_capture(req, 0, "identity_id", &id) < 0)
		return -1;
	if (!audience_matches(req))
		return fail(req, 403, "unexpected_audience", "Token audience doesn't match request audience");
	if (unlink.user->identity_count <= 1)
		return fail(req, 422, "single_identity_not_deletable", "User must have at least 1 identity after unlinking");
	identity = find(unlink.user, &id);
	if (!identity)
		return fail(req, 422, "identity_not_found", "Identity doesn't exist");
	moved = req->settings->mailer.notify[MAIL_IDENTITY_UNLINKED] && mail_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	unlink.identity = *identity;
	if (db_transaction(req, write_unlink, &unlink) < 0)
		return -1;
	notification.provider = unlink.identity.provider;
	if (notification.to.len)
		mail_notify(req, &notification);
	return reply_empty_object(req);
}
