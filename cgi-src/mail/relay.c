/* relay.c: the list of mail relays, from LATCHKEY_SMTP_RELAYS or GOTRUE_SMTP_…. */
#include <string.h>
#include <strings.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/http.h"

struct scheme {
	const char *name;
	enum relay_scheme scheme;
	enum relay_tls tls;
	const char *port;
};

static const struct scheme schemes[] = {
	{"smtp", RELAY_SMTP, RELAY_TLS_OFFERED, "587"},
	{"smtps", RELAY_SMTPS, RELAY_TLS_REQUIRED, "465"},
	{"sendmail", RELAY_SENDMAIL, RELAY_TLS_NONE, ""},
};

static const struct {
	const char *word;
	enum relay_tls tls;
} tls_words[] = {{"none", RELAY_TLS_NONE}, {"starttls", RELAY_TLS_OFFERED}, {"required", RELAY_TLS_REQUIRED}};

static bool take_tls(struct relay *relay, const char *value)
{
	for (size_t i = 0; i < sizeof(tls_words) / sizeof(tls_words[0]); i++)
		if (strcmp(value, tls_words[i].word) == 0 && relay->scheme == RELAY_SMTP) {
			relay->tls = tls_words[i].tls;
			return true;
		}
	return relay->scheme == RELAY_SMTPS && strcmp(value, "required") == 0;
}

/* "sha256//BASE64", as curl writes it, or the base64 alone. */
static bool take_pin(TALLOC_CTX *mem, struct relay *relay, const char *value)
{
	struct text pin = text_of(value);
	size_t len = 0;

	if (text_starts(pin, "sha256//"))
		pin = (struct text){pin.data + 8, pin.len - 8};
	relay->pin = text_string(mem, pin);
	return base64_decode(mem, BASE64_STD, pin, &len, NULL) && len == 32 && relay->tls != RELAY_TLS_NONE;
}

static const char *take_parameter(TALLOC_CTX *mem, struct relay *relay, struct text name, const char *value)
{
	if (text_is(name, "tls"))
		return take_tls(relay, value) ? NULL : "tls is none, starttls or required, for smtp:// only";
	if (text_is(name, "cafile")) {
		relay->ca_file = value;
		return value[0] == '/' ? NULL : "cafile is the whole path of a file";
	}
	if (text_is(name, "pin"))
		return take_pin(mem, relay, value) ? NULL : "pin is sha256// and the base64 of the SHA-256 of the public key, where TLS is used";
	return format(mem, "\"%.*s\" is no parameter of a relay: tls, cafile, pin", (int)(name.len < 40 ? name.len : 40), name.data);
}

static const char *take_parameters(TALLOC_CTX *mem, struct relay *relay, struct text query)
{
	while (query.len) {
		struct text item, rest, name, value, decoded;
		const char *wrong;

		if (!text_cut(query, '&', &item, &rest))
			item = query, rest = TEXT_NONE;
		if (!text_cut(item, '=', &name, &value))
			name = item, value = TEXT("");
		/* a plus is a character of base64 here */
		if (!percent_decode(mem, value, false, &decoded) || text_has_nul(decoded))
			return "a parameter is not well escaped";
		wrong = take_parameter(mem, relay, name, text_string(mem, decoded));
		if (wrong)
			return wrong;
		query = rest;
	}
	return NULL;
}

static const char *take_user(TALLOC_CTX *mem, struct relay *relay, struct text user_info)
{
	struct text user, pass, decoded_user, decoded_pass;

	if (user_info.len == 0)
		return NULL;
	if (!text_cut(user_info, ':', &user, &pass))
		user = user_info, pass = TEXT("");
	if (!percent_decode(mem, user, false, &decoded_user) || !percent_decode(mem, pass, false, &decoded_pass) || text_has_nul(decoded_user) ||
	    text_has_nul(decoded_pass))
		return "user or password is not well escaped";
	relay->user = decoded_user.len ? text_string(mem, decoded_user) : NULL;
	relay->pass = text_string(mem, decoded_pass);
	return NULL;
}

static bool is_v6(const char *host)
{
	return strchr(host, ':') != NULL;
}

static void name_relay(TALLOC_CTX *mem, struct relay *relay)
{
	const char *open = relay->host && is_v6(relay->host) ? "[" : "", *close = *open ? "]" : "";

	if (relay->scheme == RELAY_SENDMAIL)
		relay->name = format(mem, "sendmail://%s", relay->program);
	else
		relay->name = format(mem, "%s://%s%s%s:%s", schemes[relay->scheme].name, open, relay->host, close, relay->port);
}

static bool host_valid(struct text host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];

		if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || strchr("-._:", c)))
			return false;
	}
	return host.len > 0 && host.len <= 255 && host.data[0] != '-' && !text_has_nul(host);
}

static const char *take_host(TALLOC_CTX *mem, struct relay *relay, const struct url *url, const char *default_port)
{
	if (relay->scheme == RELAY_SENDMAIL) {
		relay->program = text_string(mem, url->path);
		return relay->program[0] == '/' && url->host.len == 0 ? NULL : "sendmail:// is followed by the whole path of the program";
	}
	if (!host_valid(url->host) || (url->path.len && !text_is(url->path, "/")))
		return "a relay is smtp://host:port, smtps://host:port or sendmail:///path";
	relay->host = text_string(mem, url->host);
	relay->port = url->port.len ? text_string(mem, url->port) : default_port;
	return NULL;
}

int relay_parse(TALLOC_CTX *mem, struct text text, struct relay *relay, const char **why)
{
	const struct scheme *scheme = NULL;
	struct url url;

	*relay = (struct relay){0};
	*why = "a relay is smtp://host:port, smtps://host:port or sendmail:///path";
	if (text_has_nul(text) || url_parse(mem, text, &url, why) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (text_is(url.scheme, schemes[i].name))
			scheme = &schemes[i];
	if (!scheme || !url.has_authority)
		return -1;
	relay->scheme = scheme->scheme;
	relay->tls = scheme->tls;
	*why = take_host(mem, relay, &url, scheme->port);
	if (!*why)
		*why = take_user(mem, relay, url.user_info);
	if (!*why)
		*why = take_parameters(mem, relay, url.query);
	if (!*why)
		name_relay(mem, relay);
	return *why ? -1 : 0;
}

/* GOTRUE_SMTP_…: port 465 is TLS from the start. */
static void relay_of_smtp(TALLOC_CTX *mem, const struct settings *settings, struct relay *relay)
{
	*relay = (struct relay){
		.scheme = settings->smtp.port == 465 ? RELAY_SMTPS : RELAY_SMTP,
		.tls = settings->smtp.port == 465 ? RELAY_TLS_REQUIRED : RELAY_TLS_OFFERED,
		.host = settings->smtp.host,
		.port = format(mem, "%lld", (long long)settings->smtp.port),
		.user = settings->smtp.user[0] ? settings->smtp.user : NULL,
		.pass = settings->smtp.pass,
	};
	name_relay(mem, relay);
}

void relays_read(TALLOC_CTX *mem, const struct settings *settings, struct relays *relays)
{
	const struct text_list *list = &settings->latchkey.smtp_relays;
	const char *why;

	*relays = (struct relays){.items = must(talloc_zero_array(mem, struct relay, (unsigned)list->count + 1))};
	for (size_t i = 0; i < list->count; i++)
		if (relay_parse(mem, list->items[i], &relays->items[relays->count], &why) == 0)
			relays->count++;
	if (list->count == 0 && settings->smtp.host[0])
		relay_of_smtp(mem, settings, &relays->items[relays->count++]);
	for (size_t i = 0; i < relays->count; i++)
		relays->items[i].number = i + 1;
}

bool relay_is_local(const struct relay *relay)
{
	return relay->host && (strcmp(relay->host, "localhost") == 0 || strcmp(relay->host, "127.0.0.1") == 0 || strcmp(relay->host, "::1") == 0);
}

const char *mail_relay_check(TALLOC_CTX *mem, struct text url)
{
	struct relay relay;
	const char *why;

	return relay_parse(mem, url, &relay, &why) < 0 ? why : NULL;
}

void mail_say_start(const struct settings *settings)
{
	char *msg = format(NULL, "Noop mail client being used for %s", settings->site_url);

	if (!settings->smtp.host[0] && !settings->latchkey.smtp_relays.count)
		log_plain(LOG_INFO, msg);
	talloc_free(msg);
}
