/* unbuilt.c: what stands for templates and delivery until they are built: a clear failure. */
#include "cgi-src/mail/mail_int.h"

int mail_render(struct request *req, enum mail_kind kind, struct json_object *variables, const struct user *user, struct rendered *rendered,
		const char **why)
{
	(void)req;
	(void)kind;
	(void)variables;
	(void)user;
	*rendered = (struct rendered){TEXT_NONE, TEXT_NONE};
	*why = "mail is not part of this build yet";
	return -1;
}

int mail_validate_address(struct request *req, const struct sending_operation *operation, struct text address)
{
	(void)req;
	(void)operation;
	(void)address;
	return 0;
}

int mail_enqueue(struct request *req, const struct sending_operation *operation, const struct message *message, const struct rendered *rendered)
{
	(void)message;
	(void)rendered;
	fail_cause(req, "mail is not part of this build yet");
	return fail_server(req, "%s", mail_types[operation->kind].failure);
}
