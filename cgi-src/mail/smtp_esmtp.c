/* smtp_esmtp.c: speaking SMTP through libesmtp: STARTTLS, sign-in, several letters in one session (contract 06 section 10.4). */
#include "config.h"

#ifdef HAVE_ESMTP

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>
/* after OpenSSL's */
#include <auth-client.h>
#include <libesmtp.h>

#include "cgi-src/mail/delivery.h"
#include "cgi-src/mail/trust.h"

#define ANSWER_PATIENCE 60000 /* milliseconds; the worker's own deadline comes first */

struct sending {
	struct talk *talk;
	smtp_session_t session;
	auth_context_t login;
	SSL_CTX *tls;
	smtp_message_t *messages;
	bool *given; /* the whole message has been handed to the library */
};

/* A letter's message as the library asks for it. */
struct reading {
	struct sending *sending;
	size_t index;
	bool done;
};

/* ---- what the library asks for ---- */

/* First it asks with len NULL, to begin anew; then piece by piece until there is none. */
static const char *give_message(void **context, int *len, void *arg)
{
	struct reading *reading = arg;
	struct talk *talk = reading->sending->talk;

	(void)context;
	if (!len) {
		reading->done = false;
		return NULL;
	}
	if (reading->done) {
		*len = 0;
		talk->current = reading->index;
		reading->sending->given[reading->index] = true;
		talk->dialogue->stage = STAGE_FINAL;
		talk_stage(talk, STAGE_FINAL);
		return NULL;
	}
	reading->done = true;
	*len = (int)talk->letters[reading->index].wire.len;
	return talk->letters[reading->index].wire.data;
}

static int give_secret(auth_client_request_t request, char **result, int fields, void *arg)
{
	const struct relay *relay = ((struct sending *)arg)->talk->relay;

	for (int i = 0; i < fields; i++) {
		if (request[i].flags & AUTH_PASS)
			result[i] = (char *)(uintptr_t)relay->pass;
		else if (request[i].flags & AUTH_USER)
			result[i] = (char *)(uintptr_t)relay->user;
		else
			result[i] = NULL;
	}
	return 1;
}

/* ---- sign-in ---- */

/* libesmtp takes the first way it knows, in the relay's order, goes on without one where it has no plug-in for it, and Debian's has none for
 * CRAM-MD5 that it finds. libcurl can be told. */
static void let_curl_do_it(struct talk *talk)
{
	talk->dialogue = dialogue_new(talk);
	carry_curl(talk);
	talk_tell_rest(talk, outcome_of(FATE_PASSING, talk->dialogue->stage, 0, true, "the session ended without an answer"));
	_exit(0);
}

static void choose_login(struct sending *sending)
{
	struct talk *talk = sending->talk;
	const struct dialogue *dialogue = talk->dialogue;
	enum login wanted = dialogue_login(dialogue);

	if (!talk->relay->user || wanted == LOGIN_NONE)
		return;
	if (wanted == LOGIN_CRAM_MD5 || wanted != dialogue->logins[0])
		let_curl_do_it(talk);
	auth_set_mechanism_flags(sending->login, AUTH_PLUGIN_PLAIN, 0);
}

static void choose_trust(struct sending *sending)
{
	if (sending->tls && !sending->talk->relay->pin)
		SSL_CTX_set1_cert_store(sending->tls, trust_of(sending->talk->settings, sending->talk->relay));
}

/* Called with every piece before the library itself looks at it. */
static void on_bytes(const char *data, int len, int writing, void *arg)
{
	struct sending *sending = arg;
	struct dialogue *dialogue = sending->talk->dialogue;

	if (len <= 0 || writing == 2)
		return;
	if (writing) {
		dialogue_said(dialogue, data, (size_t)len);
		if (dialogue->stage == STAGE_SENDER && sending->talk->relay->user && dialogue_login(dialogue) != LOGIN_NONE && !dialogue->signed_in)
			let_curl_do_it(sending->talk);
		return;
	}
	if (dialogue_heard(dialogue, data, (size_t)len))
		dialogue_tls_follows(dialogue) ? choose_trust(sending) : choose_login(sending);
	/* the library would go on without a sign-in */
	if (dialogue->login_refused)
		talk_give_up(sending->talk, classify(STAGE_LOGIN, dialogue->code, dialogue->answer));
}

/* ---- TLS ---- */

/* Of the one session that this process has. */
static const char *tls_trouble;

static int on_certificate(int good, X509_STORE_CTX *store)
{
	if (!good)
		tls_trouble = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
	return good;
}

/* The relay speaks TLS 1.3 only. */
static bool wants_newer_tls;

static void on_progress(const SSL *ssl, int where, int value)
{
	(void)ssl;
	if ((where & SSL_CB_READ_ALERT) && (value & 0xff) == SSL_AD_PROTOCOL_VERSION)
		wants_newer_tls = true;
}

static bool key_is_pinned(X509 *certificate, const char *pin)
{
	unsigned char digest[EVP_MAX_MD_SIZE], *key = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
	bool same = false;
	char *text;

	if (len > 0 && EVP_Digest(key, (size_t)len, digest, NULL, EVP_sha256(), NULL)) {
		text = base64_encode(NULL, BASE64_STD, digest, 32);
		same = secret_equal(text_of(text), text_of(pin));
		talloc_free(text);
	}
	OPENSSL_free(key);
	return same;
}

/* A pinned key needs no chain. */
static int check_pin(X509_STORE_CTX *store, void *arg)
{
	if (key_is_pinned(X509_STORE_CTX_get0_cert(store), arg))
		return 1;
	tls_trouble = "the key is not the pinned one";
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/* The authorities are added when the relay offers TLS. */
static SSL_CTX *tls_context(const struct talk *talk)
{
	SSL_CTX *context = must(SSL_CTX_new(TLS_client_method()));
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);

	/* TLS 1.2 alone: after a handshake of TLS 1.3 the relay sends tickets, and libesmtp 1.1 that has read them waits for more instead of writing */
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_info_callback(context, on_progress);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_certificate);
	if (talk->relay->pin)
		SSL_CTX_set_cert_verify_callback(context, check_pin, (void *)(uintptr_t)talk->relay->pin);
	else if (!X509_VERIFY_PARAM_set1_ip_asc(param, talk->relay->host))
		X509_VERIFY_PARAM_set1_host(param, talk->relay->host, 0);
	return context;
}

/* ---- what happens ---- */

static size_t index_of(const struct sending *sending, smtp_message_t message)
{
	size_t i = 0;

	while (i < sending->talk->count && sending->messages[i] != message)
		i++;
	return i;
}

static const char *words_of(const smtp_status_t *status, char out[400])
{
	char enhanced[24] = "";

	if (status->enh_class > 0)
		snprintf(enhanced, sizeof(enhanced), "%d.%d.%d ", status->enh_class, status->enh_subject, status->enh_detail);
	snprintf(out, 400, "%d %s%.300s", status->code, enhanced, status->text ? status->text : "");
	return out;
}

static bool refused(const smtp_status_t *status)
{
	return status && status->code >= 400;
}

/* The recipients' answers are found by a walk over them. */
struct found {
	const smtp_status_t *status;
};

static void look_at_recipient(smtp_recipient_t recipient, const char *mailbox, void *arg)
{
	const smtp_status_t *status = smtp_recipient_status(recipient);
	struct found *found = arg;

	(void)mailbox;
	/* one that is refused for good says more than one that may come later */
	if (refused(status) && (!found->status || found->status->code < 500))
		found->status = status;
}

static void conclude(struct sending *sending, size_t index)
{
	smtp_message_t message = sending->messages[index];
	const smtp_status_t *whole = smtp_message_transfer_status(message), *sender = smtp_reverse_path_status(message);
	struct found recipient = {0};
	char words[400];

	smtp_enumerate_recipients(message, look_at_recipient, &recipient);
	if (refused(sender))
		talk_tell(sending->talk, index, classify(STAGE_SENDER, sender->code, words_of(sender, words)));
	else if (recipient.status)
		talk_tell(sending->talk, index, classify(STAGE_RECIPIENT, recipient.status->code, words_of(recipient.status, words)));
	else if (sending->given[index] && whole && whole->code >= 200 && whole->code < 300)
		talk_tell(sending->talk, index, outcome_of(FATE_SENT, STAGE_FINAL, whole->code, false, words_of(whole, words)));
	else if (refused(whole))
		talk_tell(sending->talk, index, classify(sending->given[index] ? STAGE_FINAL : STAGE_DATA, whole->code, words_of(whole, words)));
}

static void accept_anyway(va_list args, bool ok)
{
	int *answer;

	(void)va_arg(args, long);
	answer = va_arg(args, int *);
	if (answer)
		*answer = ok;
}

static void on_event(smtp_session_t session, int event, void *arg, ...)
{
	struct sending *sending = arg;
	va_list args;

	(void)session;
	va_start(args, arg);
	switch (event) {
	case SMTP_EV_MESSAGESENT:
		conclude(sending, index_of(sending, va_arg(args, smtp_message_t)));
		break;
	case SMTP_EV_INVALID_PEER_CERTIFICATE: /* OpenSSL has checked chain and name by our context */
		accept_anyway(args, sending->talk->relay->pin != NULL);
		break;
	case SMTP_EV_NO_CLIENT_CERTIFICATE:
	case SMTP_EV_WRONG_PEER_CERTIFICATE:
	case SMTP_EV_UNUSABLE_CLIENT_CERTIFICATE: {
		int *ok = va_arg(args, int *);

		if (ok)
			*ok = 1;
		break;
	}
	default:
		break;
	}
	va_end(args);
}

/* ---- a session ---- */

static void add_letter(struct sending *sending, size_t index)
{
	const struct letter *letter = &sending->talk->letters[index];
	struct reading *reading = must(talloc_zero(sending->talk->mem, struct reading));
	smtp_message_t message = must(smtp_add_message(sending->session));

	reading->sending = sending;
	reading->index = index;
	sending->messages[index] = message;
	smtp_set_reverse_path(message, letter->sender);
	for (size_t i = 0; i < letter->recipients.count; i++)
		smtp_add_recipient(message, text_string(sending->talk->mem, letter->recipients.items[i]));
	smtp_set_messagecb(message, give_message, reading);
}

static void set_session(struct sending *sending)
{
	static const int waits[] = {Timeout_GREETING, Timeout_ENVELOPE, Timeout_DATA, Timeout_TRANSFER, Timeout_DATA2};
	const struct talk *talk = sending->talk;
	static const int tls[] = {
		[RELAY_TLS_OFFERED] = Starttls_ENABLED, [RELAY_TLS_NONE] = Starttls_DISABLED, [RELAY_TLS_REQUIRED] = Starttls_REQUIRED};

	smtp_set_server(sending->session, format(talk->mem, "%s:%s", talk->relay->host, talk->relay->port));
	smtp_set_hostname(sending->session, mail_hello_name(talk->mem, talk->settings));
	smtp_set_eventcb(sending->session, on_event, sending);
	smtp_set_monitorcb(sending->session, on_bytes, sending, 0);
	smtp_option_require_all_recipients(sending->session, 1);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		smtp_set_timeout(sending->session, waits[i] | Timeout_OVERRIDE_RFC2822_MINIMUM, ANSWER_PATIENCE);
	smtp_starttls_enable(sending->session, (enum starttls_option)tls[talk->relay->tls]);
	if (talk->relay->tls != RELAY_TLS_NONE)
		smtp_starttls_set_ctx(sending->session, sending->tls = tls_context(talk));
	if (talk->relay->user) {
		sending->login = must(auth_create_context());
		auth_set_interact_cb(sending->login, give_secret, sending);
		smtp_auth_set_context(sending->session, sending->login);
	}
}

void carry_esmtp(struct talk *talk)
{
	struct sending *sending = must(talloc_zero(talk->mem, struct sending));
	char words[300] = "";

	auth_client_init();
	sending->talk = talk;
	sending->session = must(smtp_create_session());
	sending->messages = must(talloc_zero_array(sending, smtp_message_t, (unsigned)talk->count));
	sending->given = must(talloc_zero_array(sending, bool, (unsigned)talk->count));
	set_session(sending);
	for (size_t i = 0; i < talk->count; i++)
		add_letter(sending, i);
	if (!smtp_start_session(sending->session))
		smtp_strerror(smtp_errno(), words, sizeof(words));
	for (size_t i = 0; i < talk->count; i++)
		conclude(sending, i);
	if (wants_newer_tls)
		let_curl_do_it(talk);
	if (tls_trouble)
		talk_tell_rest(talk, outcome_of(FATE_PASSING, STAGE_TLS, 0, true, tls_trouble));
	/* what is left was not asked, or not answered */
	if (talk->dialogue->stage == STAGE_FINAL && talk->outcomes[talk->current].fate == FATE_PENDING)
		talk_tell(talk, talk->current, classify(STAGE_FINAL, 0, *words ? words : "the connection ended"));
	talk_tell_rest(talk, talk->dialogue->code >= 400 ? classify(talk->dialogue->stage, talk->dialogue->code, talk->dialogue->answer)
							 : classify(talk->dialogue->stage, 0, *words ? words : "the connection ended"));
}

#endif
