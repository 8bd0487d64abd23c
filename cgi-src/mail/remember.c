/* remember.c: what all workers remember of letters and relays. */
#include "cgi-src/mail/delivery.h"
#include "latchkey/http.h"
#include "latchkey/shared.h"

#define SENT_KEPT (2 * HOUR)
#define TLS_KEPT (7 * 24 * HOUR)

static struct text key_of(const struct uuid *letter)
{
	return (struct text){(const char *)letter->bytes, sizeof(letter->bytes)};
}

void mail_mark_sent(struct shared *shared, const struct uuid *letter)
{
	shared_mark_once(shared, "mail-sent", key_of(letter), SENT_KEPT);
}

bool mail_was_sent(struct shared *shared, const struct uuid *letter)
{
	return shared && shared_marked(shared, "mail-sent", key_of(letter));
}

void mail_tls_seen(struct shared *shared, const char *relay)
{
	if (shared && !shared_marked(shared, "mail-tls", text_of(relay)))
		shared_mark_once(shared, "mail-tls", text_of(relay), TLS_KEPT);
}

bool mail_tls_was_seen(struct shared *shared, const char *relay)
{
	return shared && shared_marked(shared, "mail-tls", text_of(relay));
}

const char *mail_hello_name(TALLOC_CTX *mem, const struct settings *settings)
{
	struct url url;
	const char *why;

	if (url_parse(mem, text_of(settings->api.external_url), &url, &why) < 0 || url.host.len == 0)
		return "localhost";
	return text_string(mem, url.host);
}
