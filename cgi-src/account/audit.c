/* audit.c: what happened to whom: a log entry at once, a row in the transaction of the change (contract 05 section 12, 02 section 9). */
#include <stdarg.h>
#include <string.h>

#include "account_int.h"
#include "latchkey/session.h" /* the shape of req->bearer */

static const struct action {
	const char *name, *log_type;
} actions[] = {
	[AUDIT_LOGIN] = {"login", "account"},
	[AUDIT_LOGOUT] = {"logout", "account"},
	[AUDIT_INVITE_ACCEPTED] = {"invite_accepted", "account"},
	[AUDIT_USER_SIGNEDUP] = {"user_signedup", "team"},
	[AUDIT_USER_INVITED] = {"user_invited", "team"},
	[AUDIT_USER_DELETED] = {"user_deleted", "team"},
	[AUDIT_USER_MODIFIED] = {"user_modified", "user"},
	[AUDIT_USER_RECOVERY_REQUESTED] = {"user_recovery_requested", "user"},
	[AUDIT_USER_REAUTHENTICATE_REQUESTED] = {"user_reauthenticate_requested", "user"},
	[AUDIT_USER_CONFIRMATION_REQUESTED] = {"user_confirmation_requested", "user"},
	[AUDIT_USER_REPEATED_SIGNUP] = {"user_repeated_signup", "user"},
	[AUDIT_USER_UPDATED_PASSWORD] = {"user_updated_password", "user"},
	[AUDIT_IDENTITY_LINKED] = {"identity_linked", "user"},
	[AUDIT_IDENTITY_UNLINKED] = {"identity_unlinked", "user"},
	[AUDIT_TOKEN_REVOKED] = {"token_revoked", "token"},
	[AUDIT_TOKEN_REFRESHED] = {"token_refreshed", "token"},
	[AUDIT_FACTOR_IN_PROGRESS] = {"factor_in_progress", "factor"},
	[AUDIT_FACTOR_UNENROLLED] = {"factor_unenrolled", "factor"},
	[AUDIT_CHALLENGE_CREATED] = {"challenge_created", "factor"},
	[AUDIT_VERIFICATION_ATTEMPTED] = {"verification_attempted", "factor"},
	[AUDIT_FACTOR_DELETED] = {"factor_deleted", "factor"},
	[AUDIT_FACTOR_UPDATED] = {"factor_updated", "factor"},
	[AUDIT_PASSKEY_CREATED] = {"passkey_created", "user"},
	[AUDIT_PASSKEY_UPDATED] = {"passkey_updated", "user"},
	[AUDIT_PASSKEY_DELETED] = {"passkey_deleted", "user"},
};

/* What differs between the payload and the log entry. */
struct event {
	struct request *req;
	const struct action *action;
	const struct user *actor;
	struct json_object *traits;
	struct text address;
	struct uuid id;
	moment at;
};

static void members_of_actor(struct json_writer *out, const struct event *event)
{
	const struct user *actor = event->actor;
	struct json_object *name;

	if (!actor) { /* the synthetic admin (05 section 12.2) */
		json_member_uuid(out, "actor_id", &(struct uuid){0});
		json_member_text(out, "actor_username", event->req->bearer ? event->req->bearer->claims.role : TEXT(""));
		json_member_truth(out, "actor_via_sso", false);
		return;
	}
	json_member_uuid(out, "actor_id", &actor->id);
	if (json_has(actor->user_metadata, "full_name")) {
		json_object_object_get_ex(actor->user_metadata, "full_name", &name);
		json_member_value(out, "actor_name", name);
	}
	json_member_string(out, "actor_username", actor->phone[0] ? actor->phone : actor->email);
	json_member_truth(out, "actor_via_sso", actor->is_sso_user);
}

/* Members in byte order: audit_log_id, created_at, ip_address, request_id and user_agent stand among the payload's where they are shown. */
static struct text event_json(const struct event *event, bool for_log)
{
	struct buffer *buffer = buffer_new(event->req, 256);
	struct json_writer out = json_writer(buffer);

	json_open_object(&out);
	json_member_string(&out, "action", event->action->name);
	members_of_actor(&out, event);
	if (for_log) {
		json_member_uuid(&out, "audit_log_id", &event->id);
		json_member_moment(&out, "created_at", event->at);
		json_member_text(&out, "ip_address", event->address);
	}
	json_member_string(&out, "log_type", event->action->log_type);
	if (for_log && event->req->id.len)
		json_member_text(&out, "request_id", event->req->id);
	if (event->traits)
		json_member_value(&out, "traits", event->traits);
	if (for_log && event->req->user_agent.len)
		json_member_text(&out, "user_agent", event->req->user_agent);
	json_close_object(&out);
	return buffer_as_text(buffer);
}

static struct text announce(const struct event *event)
{
	struct text payload = event_json(event, false);

	event->req->audit_payload = payload;
	if (log_enabled(LOG_INFO))
		log_to(LOG_INFO, "audit_event", log_json("auth_audit_event", event_json(event, true)));
	return payload;
}

static struct event event_new(struct request *req, enum audit_action action, const struct user *actor, struct json_object *traits, bool with_address)
{
	return (struct event){
		.req = req,
		.action = &actions[action],
		.actor = actor,
		.traits = traits,
		.address = with_address ? req->address : TEXT(""),
		.id = uuid_v4(),
		.at = moment_now(),
	};
}

void audit_written(struct request *req, enum audit_action action, const struct user *actor, const struct uuid *id, moment at)
{
	struct event event = event_new(req, action, actor, NULL, false);

	event.id = *id;
	event.at = at;
	announce(&event);
}

void audit_or(struct request *req, enum audit_action action, const struct user *actor, struct json_object *traits, bool with_address,
	      const char *message)
{
	struct event event = event_new(req, action, actor, traits, with_address);
	struct text payload = announce(&event);

	if (req->settings->audit_log.disable_postgres)
		return;
	db_later(req, message, STMT_AUDIT_INSERT, DB_ARGS(db_uuid(&event.id), db_text(payload), db_moment(event.at), db_text(event.address)));
}

void audit(struct request *req, enum audit_action action, const struct user *actor, struct json_object *traits, bool with_address)
{
	audit_or(req, action, actor, traits, with_address, NULL);
}

struct json_object *audit_traits(struct request *req, const char *name, const char *value, ...)
{
	struct json_object *traits = json_hold(req, must(json_object_new_object()));
	va_list args;

	va_start(args, value);
	while (name) {
		json_object_object_add(traits, name, must(json_object_new_string(value ? value : "")));
		name = va_arg(args, const char *);
		if (name)
			value = va_arg(args, const char *);
	}
	va_end(args);
	return traits;
}
