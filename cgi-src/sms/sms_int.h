/* sms_int.h: what the files of this room share. */
#ifndef SMS_INT_H
#define SMS_INT_H

#include "latchkey/outbound.h"
#include "latchkey/settings.h"
#include "latchkey/sms.h"

struct sms_message {
	struct text phone; /* without "+" */
	struct text channel, text, code;
};

/* What a refusal is about, and so what is done where there are further gateways. */
enum sms_fault {
	SMS_FAULT_MESSAGE, /* this message, here: another may take it */
	SMS_FAULT_GATEWAY, /* the gateway is of no use for now: it is left alone for a while, and another is asked */
	SMS_FAULT_NUMBER,  /* the number gets no messages: nobody else is asked */
};

/* Why a message was not taken. */
struct sms_refusal {
	const char *message; /* what the client reads after "provider: " */
	const char *cause;   /* for the log; NULL: the message says it */
	enum sms_fault fault;
};

/* A gateway: a file each, listed in gateways.c. */
struct sms_gateway {
	const char *name; /* value of GOTRUE_SMS_PROVIDER */
	bool whatsapp;	  /* takes messages for that channel, too */
	bool (*configured)(const struct settings *settings);
	int (*send)(struct request *req, const struct sms_message *message, struct sms_refusal *refusal);
	/* NULL: codes are compared here. *right is set where it answers at all. */
	int (*check)(struct request *req, struct text phone, struct text code, bool *right, struct sms_refusal *refusal);
};
extern const struct sms_gateway gateway_twilio, gateway_twilio_verify, gateway_messagebird, gateway_textlocal, gateway_vonage;

#define GATEWAYS_MAX 8
/* Those of the settings in their order, with credentials; none where the setting is empty, names none, or they are missing. */
size_t gateways_configured(const struct settings *settings, const struct sms_gateway *list[GATEWAYS_MAX]);
const struct sms_gateway *gateway_named(struct text name);

/* deliver.c: offers a message to the gateways in their order until one takes it or says that the number gets none. -1: why the last of them
 * refused. *by: who that was; NULL: there is no gateway. */
int sms_deliver(struct request *req, const struct sms_message *message, struct sms_refusal *refusal, const struct sms_gateway **by);

/* A provider's words for a log, where numbers of people, and codes, are nobody's business. */
const char *sms_without_numbers(struct request *req, const char *words);

/* The text of a message: .Code is all there is. -1: *why is for the log. */
int sms_render(struct request *req, const char *text_template, struct text code, struct text *text, const char **why);

/* The hook instead of a gateway (contract 11 sections 3.4, 4.4); type NULL: left out. */
int sms_call_hook(struct request *req, const struct user *user, struct text phone, struct text code, const char *type);

/* ---- what gateways are made of --------------------------------------------------------------------------------------------------------------- */

struct gateway_field {
	const char *name;
	struct text value; /* data NULL: left out */
};
struct gateway_call {
	const char *url;
	const char *user, *password; /* HTTP Basic; NULL: none */
	struct text authorization;   /* header; TEXT_NONE: none */
	const struct gateway_field *fields;
	size_t count;
};
/* POSTs the fields as a form, in their order, which is that of their names. */
int gateway_post(struct request *req, const struct gateway_call *call, struct outbound_answer *answer, struct sms_refusal *refusal);
/* Reads members of the answer. */
int gateway_read(struct request *req, const struct outbound_answer *answer, const struct json_shape *shape, void *out, struct sms_refusal *refusal);
/* The first item of an array into out; false where there is none. -1 goes into refusal as in gateway_read. */
int gateway_read_first(struct request *req, struct json_object *array, const struct json_shape *shape, void *out, bool *found,
		       struct sms_refusal *refusal);
int gateway_refuse(struct request *req, struct sms_refusal *refusal, const char *text, ...) __attribute__((format(printf, 3, 4)));
/* What a gateway's own number for a reason is about. */
struct gateway_reason {
	int64_t code;
	enum sms_fault fault;
};
enum sms_fault gateway_fault(const struct gateway_reason *reasons, size_t count, int64_t code); /* not listed: the message */

/* Twilio's two services answer alike: 200 and 201 are good, the rest is a refusal. */
int twilio_post(struct request *req, const struct gateway_call *call, struct outbound_answer *answer, struct sms_refusal *refusal);

#endif
