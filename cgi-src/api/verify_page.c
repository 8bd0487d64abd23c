/* verify_page.c: LATCHKEY_VERIFY_PAGE: a link from a mail shows a page, and its button does what the link does.
 *
 * Programs that look at mails follow every link in them and would use up the token before its owner comes. They do not press buttons. The page
 * needs no script, loads nothing, and may send its form nowhere but here. */
#include "cgi-src/api/verify.h"
#include "latchkey/crypto.h"
#include "latchkey/http.h"

static const char style[] =
	"body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:#f4f4f5;color:#18181b;"
	"font:16px/1.5 system-ui,sans-serif}"
	"main{box-sizing:border-box;width:100%;max-width:26rem;padding:1.5rem;text-align:center;overflow-wrap:break-word}"
	"h1{font-size:1.4rem;line-height:1.25;margin:0 0 1rem}"
	"p{margin:0 0 1rem}"
	".to{color:#52525b}"
	"button{width:100%;min-height:3rem;padding:.75rem 1rem;border:0;border-radius:.5rem;background:#18181b;color:#fff;font:inherit;"
	"font-weight:600;cursor:pointer}"
	"button:focus-visible{outline:3px solid #60a5fa;outline-offset:2px}"
	"@media(prefers-color-scheme:dark){body{background:#18181b;color:#f4f4f5}.to{color:#a1a1aa}"
	"button{background:#f4f4f5;color:#18181b}}";

/* ---- what asks without anybody having pressed anything ---- */

bool verify_is_prefetch(const struct request *req)
{
	static const char *const headers[] = {"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct text purpose = text_trim(text_before(http_header(req, headers[i]), ';'), " \t");

		if (text_equal_nocase(purpose, TEXT("prefetch")) || text_equal_nocase(purpose, TEXT("preview")))
			return true;
	}
	return false;
}

/* ---- its policy ---- */

/* Browsers hold the whole chain of redirects that follows a form against form-action, and the app may redirect further. So it names the schemes
 * of the way, not its hosts. */
static const char *policy(struct request *req, const struct url *target)
{
	unsigned char digest[32];
	struct text scheme = target->scheme;

	sha256(TEXT(style), digest);
	return format(req, "default-src 'none'; style-src 'sha256-%s'; form-action 'self' https:%s%.*s%s; base-uri 'none'; frame-ancestors 'none'",
		      base64_encode(req, BASE64_STD, digest, sizeof(digest)), scheme.len ? " " : "", (int)scheme.len, scheme.data ? scheme.data : "",
		      scheme.len ? ":" : "");
}

static void set_headers(struct request *req, const struct url *target, const struct verify_words *words)
{
	http_set_header(req, "Content-Type", TEXT("text/html; charset=utf-8"));
	http_set_header(req, "Content-Language", text_of(words->language));
	http_set_header(req, "Content-Security-Policy", text_of(policy(req, target)));
	http_set_header(req, "Cache-Control", TEXT("no-store"));
	http_set_header(req, "Referrer-Policy", TEXT("no-referrer"));
	http_set_header(req, "X-Content-Type-Options", TEXT("nosniff"));
	http_set_header(req, "X-Frame-Options", TEXT("DENY"));
}

/* ---- its words ---- */

static enum verify_purpose purpose_of(struct text type)
{
	static const struct {
		const char *type;
		enum verify_purpose purpose;
	} purposes[] = {
		{"invite", VERIFY_INVITE},
		{"recovery", VERIFY_RECOVER},
		{"magiclink", VERIFY_SIGN_IN},
		{"email_change", VERIFY_CHANGE},
	};

	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (text_is(type, purposes[i].type))
			return purposes[i].purpose;
	return VERIFY_CONFIRM;
}

static void put_hidden(struct buffer *out, const char *name, struct text value)
{
	buffer_format(out, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	html_escape(out, value);
	buffer_string(out, "\">\n");
}

/* The form goes to the page's own path: an empty query keeps the token out of the address. */
static void put_form(struct request *req, const struct verification *verification, const struct verify_words *words)
{
	struct buffer *out = req->http->out;

	buffer_string(out, "<form method=\"post\" action=\"?\" accept-charset=\"utf-8\">\n");
	put_hidden(out, "type", verification->wanted);
	put_hidden(out, "token", verification->token);
	put_hidden(out, "redirect_to", redirect_referrer(req)); /* as GET takes it; the browser tells no referrer with the form */
	buffer_format(out, "<button type=\"submit\">%s</button>\n</form>\n", words->button);
}

static void put_page(struct request *req, const struct verification *verification, const struct verify_words *words, const struct url *target)
{
	const char *title = words->titles[purpose_of(verification->wanted)];
	struct buffer *out = req->http->out;

	buffer_format(out,
		      "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n"
		      "<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n<p>%s</p>\n",
		      words->language, title, style, title, words->explanation);
	put_form(req, verification, words);
	if (target->host.len) {
		buffer_string(out, "<p class=\"to\">");
		html_escape(out, target->host);
		buffer_string(out, "</p>\n");
	}
	buffer_string(out, "</main>\n</body>\n</html>\n");
}

int verify_page(struct request *req, const struct verification *verification)
{
	const struct verify_words *words = verify_words(req);
	struct url target = {0};
	const char *why;

	if (url_parse(req, redirect_referrer(req), &target, &why) < 0)
		target = (struct url){0};
	reply_empty(req, 200);
	set_headers(req, &target, words);
	put_page(req, verification, words, &target);
	return 0;
}
