/* unbuilt.c: what stands for delivery until it is built: a clear failure. */
#include "cgi-src/mail/mail_int.h"

int mail_enqueue(struct request *req, const struct sending_operation *operation, const struct message *message, const struct rendered *rendered)
{
	(void)message;
	(void)rendered;
	fail_cause(req, "mail is not part of this build yet");
	return fail_server(req, "%s", mail_types[operation->kind].failure);
}
