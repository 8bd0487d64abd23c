/* smtp_curl.c: speaking SMTP through libcurl: TLS from the start (port 465), addresses beyond ASCII, and builds without libesmtp. */
#include "config.h"

#include "cgi-src/mail/delivery.h"

#ifdef HAVE_CURL

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <string.h>

#include "cgi-src/mail/trust.h"

/* A letter's message as the library asks for it. */
struct reading {
	struct talk *talk;
	size_t at;
};

static size_t give_message(char *out, size_t size, size_t count, void *arg)
{
	struct reading *reading = arg;
	struct text wire = reading->talk->letters[reading->talk->current].wire;
	size_t len = wire.len - reading->at < size * count ? wire.len - reading->at : size * count;

	memcpy(out, wire.data + reading->at, len);
	reading->at += len;
	if (reading->at == wire.len && reading->talk->dialogue->stage != STAGE_FINAL) {
		reading->talk->dialogue->stage = STAGE_FINAL;
		reading->talk->dialogue->code = 0;
		talk_stage(reading->talk, STAGE_FINAL);
	}
	return len;
}

static int on_bytes(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	struct talk *talk = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_IN)
		dialogue_heard(talk->dialogue, data, len);
	else if (type == CURLINFO_HEADER_OUT)
		dialogue_said(talk->dialogue, data, len);
	return 0;
}

/* libcurl with OpenSSL takes what the worker has read already. */
static CURLcode on_context(CURL *curl, void *context, void *arg)
{
	const struct talk *talk = arg;

	(void)curl;
	SSL_CTX_set1_cert_store(context, trust_of(talk->settings, talk->relay));
	return CURLE_OK;
}

static bool has_openssl(void)
{
	const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;

	return name && strncmp(name, "OpenSSL/", 8) == 0;
}

static void set_authorities(CURL *curl, struct talk *talk)
{
	const char *file = talk->relay->ca_file ? talk->relay->ca_file : talk->settings->outbound.ssl_cert_file;
	const char *folder = talk->relay->ca_file ? NULL : talk->settings->outbound.ssl_cert_dir;

	if (has_openssl()) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_context);
		curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, talk);
		return;
	}
	if (file && *file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, file);
	if (folder && *folder)
		curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

static void set_tls(CURL *curl, struct talk *talk)
{
	static const long how[] = {[RELAY_TLS_OFFERED] = CURLUSESSL_TRY, [RELAY_TLS_NONE] = CURLUSESSL_NONE, [RELAY_TLS_REQUIRED] = CURLUSESSL_ALL};

	curl_easy_setopt(curl, CURLOPT_USE_SSL, how[talk->relay->tls]);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (talk->relay->pin) { /* a pinned key needs no chain */
		curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, format(talk->mem, "sha256//%s", talk->relay->pin));
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	} else {
		set_authorities(curl, talk);
	}
}

static void set_relay(CURL *curl, struct talk *talk)
{
	const struct relay *relay = talk->relay;
	bool v6 = strchr(relay->host, ':') != NULL;

	curl_easy_setopt(curl, CURLOPT_URL,
			 format(talk->mem, "%s://%s%s%s:%s/%s", relay->scheme == RELAY_SMTPS ? "smtps" : "smtp", v6 ? "[" : "", relay->host,
				v6 ? "]" : "", relay->port, mail_hello_name(talk->mem, talk->settings)));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, talk);
	if (relay->user) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, relay->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, relay->pass);
		curl_easy_setopt(curl, CURLOPT_SASL_IR, 1L);
		curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN");
	}
	set_tls(curl, talk);
}

static struct curl_slist *recipients_of(struct talk *talk, const struct letter *letter)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < letter->recipients.count; i++)
		list = must(
			curl_slist_append(list, format(talk->mem, "<%.*s>", (int)letter->recipients.items[i].len, letter->recipients.items[i].data)));
	return list;
}

static void conclude(struct talk *talk, CURLcode code)
{
	const struct dialogue *dialogue = talk->dialogue;
	enum stage stage = dialogue->stage;

	if (code == CURLE_OK) {
		talk_tell(talk, talk->current, outcome_of(FATE_SENT, STAGE_FINAL, dialogue->code, false, dialogue->answer));
		return;
	}
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH || code == CURLE_SSL_CONNECT_ERROR ||
	    code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CACERT_BADFILE)
		talk_tell(talk, talk->current, outcome_of(FATE_PASSING, STAGE_TLS, 0, true, curl_easy_strerror(code)));
	else if (dialogue->code >= 400)
		talk_tell(talk, talk->current, classify(stage, dialogue->code, dialogue->answer));
	else
		talk_tell(talk, talk->current, classify(code == CURLE_LOGIN_DENIED ? STAGE_LOGIN : stage, 0, curl_easy_strerror(code)));
}

void carry_curl(struct talk *talk)
{
	CURL *curl = must(curl_easy_init());

	set_relay(curl, talk);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_message);
	for (talk->current = 0; talk->current < talk->count; talk->current++) {
		const struct letter *letter = &talk->letters[talk->current];
		struct curl_slist *recipients = recipients_of(talk, letter);
		struct reading reading = {.talk = talk};

		curl_easy_setopt(curl, CURLOPT_MAIL_FROM, format(talk->mem, "<%s>", letter->sender));
		curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
		curl_easy_setopt(curl, CURLOPT_READDATA, &reading);
		curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)letter->wire.len);
		conclude(talk, curl_easy_perform(curl));
		curl_slist_free_all(recipients);
		if (talk->outcomes[talk->current].relay_fault)
			break;
	}
	curl_easy_cleanup(curl);
}

#else

void carry_curl(struct talk *talk)
{
	talk_tell_rest(talk, outcome_of(FATE_PASSING, STAGE_CONNECT, 0, true, "this build has no libcurl, which this relay would need"));
}

#endif
