/* unbuilt.c: stands for the sending of codes to phones until it is built. */
#include "latchkey/sms.h"

int sms_send_code(struct request *req, struct user *user, struct text phone, enum sms_purpose purpose, struct text channel, const char **message_id)
{
	(void)user;
	(void)phone;
	(void)purpose;
	(void)channel;
	*message_id = "";
	fail_server(req, "Unable to get SMS provider");
	return fail_cause(req, "sms: no gateway is built in yet");
}
