/* validate.c: whether an address can get mail at all: fixed rules, DNS, a service (contract 06 section 10.1). What cannot be decided is valid. */
#include <arpa/inet.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>

#include "cgi-src/mail/mail_int.h"
#include "latchkey/outbound.h"

#define BUDGET (3 * SECOND)
#define SERVICE_ANSWER_MAX 32

enum verdict { VALID, INVALID, BLOCKED };

static bool is_one_of(struct text text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(text, list[i]))
			return true;
	return false;
}

#define IS_ONE_OF(text, list) is_one_of(text, list, sizeof(list) / sizeof((list)[0]))

static bool ends_with(struct text text, const char *suffix)
{
	size_t len = strlen(suffix);

	return text.len >= len && memcmp(text.data + text.len - len, suffix, len) == 0;
}

/* Dots may stand neither at an end nor side by side (RFC 5322 section 3.2.3). */
static bool dots_are_right(struct text part)
{
	if (part.len == 0 || part.data[0] == '.' || part.data[part.len - 1] == '.')
		return false;
	return !memmem(part.data, part.len, "..", 2);
}

static enum verdict fixed_rules(struct text address, struct text local, struct text host)
{
	static const char *const addresses[] = {"test@gmail.com", "example@gmail.com", "someone@gmail.com", "test@email.com"};
	static const char *const hosts[] = {"test",	   "example",	  "invalid",   "local",	    "localhost",     "test.com", "example.com",
					    "example.net", "example.org", "gamil.com", "gamai.com", "anonymous.com", "email.com"};
	static const char *const suffixes[] = {".test", ".example", ".invalid", ".local", ".localhost"};

	if (!dots_are_right(local) || !dots_are_right(host) || IS_ONE_OF(address, addresses) || IS_ONE_OF(host, hosts))
		return INVALID;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (ends_with(host, suffixes[i]))
			return INVALID;
	return text_is(host, "gmail.com") && local.len < 6 ? INVALID : VALID;
}

/* ---- DNS ---- */

/* The configured names, each with and without a final dot. */
static bool is_blocked(struct request *req, const char *name)
{
	struct json_object *list;
	struct text wanted = text_trim(text_of(name), ".");
	const char *why;

	if (json_parse(req, text_of(req->settings->mailer.validation_blocked_mx), &list, &why) < 0 || !json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (json_object_is_type(item, json_type_string) && text_equal(text_trim(text_of(json_object_get_string(item)), "."), wanted))
			return true;
	}
	return false;
}

static void set_patience(struct __res_state *state, int64_t end)
{
	int64_t left = (end - monotonic_now()) / SECOND;

	state->retrans = left > 1 ? (int)left : 1;
	state->retry = 1;
}

enum found { FOUND, NOT_FOUND, UNKNOWN };

static enum found ask_mx(struct request *req, const char *host, int64_t end, bool *blocked)
{
	struct __res_state state = {0};
	unsigned char answer[8192];
	char name[NS_MAXDNAME];
	ns_msg message;
	int len;

	if (res_ninit(&state) != 0)
		return UNKNOWN;
	set_patience(&state, end);
	len = res_nquery(&state, host, ns_c_in, ns_t_mx, answer, sizeof(answer));
	if (len < 0) {
		int why = state.res_h_errno;

		res_nclose(&state);
		return why == HOST_NOT_FOUND || why == NO_DATA ? NOT_FOUND : UNKNOWN;
	}
	res_nclose(&state);
	if (ns_initparse(answer, len, &message) < 0)
		return UNKNOWN;
	for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		ns_rr record;

		if (ns_parserr(&message, ns_s_an, i, &record) < 0 || ns_rr_type(record) != ns_t_mx || ns_rr_rdlen(record) < 3)
			continue;
		if (dn_expand(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record) + 2, name, sizeof(name)) >= 0 && is_blocked(req, name))
			*blocked = true;
	}
	return FOUND;
}

static enum found ask_address(struct request *req, const char *host, bool *blocked)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	int why = getaddrinfo(host, NULL, &hints, &list);
	char shown[INET6_ADDRSTRLEN];

	if (why != 0)
		return why == EAI_NONAME || why == EAI_NODATA ? NOT_FOUND : UNKNOWN;
	for (struct addrinfo *at = list; at; at = at->ai_next)
		if (getnameinfo(at->ai_addr, at->ai_addrlen, shown, sizeof(shown), NULL, 0, NI_NUMERICHOST) == 0 && is_blocked(req, shown))
			*blocked = true;
	freeaddrinfo(list);
	return FOUND;
}

static enum verdict host_rules(struct request *req, struct text host, int64_t end)
{
	static const char *const known[] = {"gmail.com", "yahoo.com",	  "hotmail.com",   "aol.com",	  "outlook.com", "comcast.net", "icloud.com",
					    "msn.com",	 "hotmail.co.uk", "sbcglobal.net", "live.com",	  "yahoo.co.in", "me.com",	"att.net",
					    "mail.ru",	 "bellsouth.net", "cox.net",	   "yahoo.co.uk", "verizon.net"};
	const char *name = format(req, "%.*s.", (int)host.len, host.data);
	bool blocked = false;
	enum found found;

	if (!memchr(host.data, '.', host.len))
		return INVALID;
	if (IS_ONE_OF(host, known))
		return VALID;
	found = ask_mx(req, name, end, &blocked);
	if (found == NOT_FOUND)
		found = ask_address(req, name, &blocked);
	if (blocked)
		return BLOCKED;
	return found == NOT_FOUND ? INVALID : VALID;
}

/* ---- the service ---- */

static size_t service_headers(struct request *req, struct outbound_header **headers)
{
	struct json_object *map;
	size_t count = 0;
	const char *why;

	*headers = NULL;
	if (json_parse(req, text_of(req->settings->mailer.validation_service_headers), &map, &why) < 0 || !json_object_is_type(map, json_type_object))
		return 0;
	*headers = must(talloc_array_size(req, sizeof(struct outbound_header), (unsigned)json_object_object_length(map) + 1));
	json_object_object_foreach(map, name, values)
	{
		size_t many = json_object_is_type(values, json_type_array) ? json_object_array_length(values) : 0;
		struct json_object *last = many ? json_object_array_get_idx(values, many - 1) : NULL; /* the last of each wins */

		if (json_object_is_type(last, json_type_string))
			(*headers)[count++] = (struct outbound_header){name, text_of(json_object_get_string(last))};
	}
	return count;
}

struct service_answer {
	struct json_opt_bool valid;
};
static const struct json_field service_fields[] = {JSON_FIELD(struct service_answer, valid, "valid", JSON_BOOL_OPT)};
static const struct json_shape service_shape = JSON_SHAPE("ValidationAnswer", service_fields);

static enum verdict ask_service(struct request *req, struct text address, int64_t end)
{
	struct json_writer body = json_writer(buffer_new(req, 128));
	struct outbound_call call = {.method = "POST",
				     .url = text_of(req->settings->mailer.validation_service_url),
				     .content_type = "application/json",
				     .timeout = end - monotonic_now(),
				     .answer_max = SERVICE_ANSWER_MAX,
				     .cut_answer = true,
				     .redirects = 10};
	struct outbound_header *headers;
	struct outbound_answer answer;
	struct service_answer said = {0};
	const char *why;

	json_open_object(&body);
	json_member_text(&body, "email", address);
	json_close_object(&body);
	call.body = buffer_as_text(body.buffer);
	call.header_count = service_headers(req, &headers);
	call.headers = headers;
	if (call.timeout <= 0 || outbound_call(req, &call, &answer) < 0 || answer.status < 200 || answer.status > 299)
		return VALID;
	/* what does not fit, cannot be read or does not say is no refusal */
	if (json_decode_first(req, answer.body, &service_shape, &said, &why) < 0 || !said.valid.set)
		return VALID;
	return said.valid.value ? VALID : INVALID;
}

static enum verdict judge(struct request *req, struct text address)
{
	const struct settings *settings = req->settings;
	int64_t end = monotonic_now() + BUDGET;
	struct text local, host;
	enum verdict verdict = VALID;

	text_cut(address, '@', &local, &host);
	if (settings->mailer.validation_extended)
		verdict = fixed_rules(address, local, host);
	if (verdict == VALID && settings->mailer.validation_extended)
		verdict = host_rules(req, host, end);
	if (verdict == VALID && settings->mailer.validation_service_url[0])
		verdict = ask_service(req, address, end);
	return verdict;
}

int mail_validate_address(struct request *req, const struct sending_operation *operation, struct text address)
{
	struct text shown = text_of(operation->user->email); /* the current one, also where a new one is refused */

	switch (judge(req, address)) {
	case VALID:
		return 0;
	case INVALID:
		return fail(req, 400, "email_address_invalid", "Email address %s is invalid", quote_go(req, shown).data);
	case BLOCKED:
		break;
	}
	fail_cause(req, "the mail host of the address is blocked (GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX)");
	return fail_server(req, "%s", mail_types[operation->kind].failure);
}
