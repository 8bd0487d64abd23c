/* call.c: one call with libcurl. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cgi-src/outbound/outbound_int.h"
#include "latchkey/http.h"
#include "latchkey/settings.h"

#ifdef HAVE_CURL

#include <curl/curl.h>

#define ANSWER_MAX ((size_t)1048576)

struct transfer {
	const struct outbound_call *call;
	struct outbound_answer *answer;
	struct buffer *body;
	size_t max;
	bool checks_address; /* off where a proxy stands between */
	const char *complaint;
};

void outbound_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		die("libcurl cannot be initialised");
}

/* A handle each for calls whose addresses are checked as they connect, and for others: a connection that is kept open must not be lent to a
 * call of the other kind. A worker makes one call at a time; of the last one only its connections stay. */
static CURL *handle_for(bool public_only)
{
	static CURL *handles[2];

	if (!handles[public_only])
		handles[public_only] = must(curl_easy_init());
	return handles[public_only];
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count, room = transfer->max - transfer->body->len;

	if (len <= room) {
		buffer_add(transfer->body, data, len);
		return len;
	}
	buffer_add(transfer->body, data, room);
	transfer->answer->fault = OUTBOUND_TOO_LARGE;
	return 0; /* ends the transfer */
}

/* Keeps the address that is connected to the one that is checked: there is no second look-up. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;

	(void)purpose;
	if (transfer->checks_address && (transfer->complaint = address_complaint_connected(&address->addr))) {
		transfer->answer->fault = OUTBOUND_ADDRESS;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool fits_header(struct text value)
{
	return !text_has_nul(value) && (value.len == 0 || (!memchr(value.data, '\r', value.len) && !memchr(value.data, '\n', value.len)));
}

static struct curl_slist *add_header(TALLOC_CTX *mem, struct curl_slist *list, const char *name, struct text value)
{
	/* libcurl: "Name;" sends a header that has no value */
	const char *line = value.len ? format(mem, "%s: %.*s", name, (int)value.len, value.data) : format(mem, "%s;", name);

	return must(curl_slist_append(list, line));
}

static struct curl_slist *make_headers(struct request *req, const struct outbound_call *call)
{
	struct curl_slist *list = must(curl_slist_append(NULL, "Expect:")); /* bodies are small: no waiting for 100 Continue */

	list = must(curl_slist_append(list, "Accept:")); /* none but the caller's own */
	if (call->content_type)
		list = add_header(req, list, "Content-Type", text_of(call->content_type));
	for (size_t i = 0; i < call->header_count; i++)
		list = add_header(req, list, call->headers[i].name, call->headers[i].value);
	return list;
}

static long timeout_ms(const struct request *req, const struct outbound_call *call)
{
	duration left = call->timeout > 0 ? call->timeout : 10 * SECOND;

	if (req->deadline && req->deadline - monotonic_now() < left)
		left = req->deadline - monotonic_now();
	return left > MILLISECOND ? (long)(left / MILLISECOND) : 1;
}

static void set_addresses(struct request *req, CURL *curl, struct transfer *transfer, const char *proxy)
{
	const struct settings *settings = req->settings;

	transfer->checks_address = transfer->call->public_only && !*proxy;
	curl_easy_setopt(curl, CURLOPT_PROXY, proxy); /* "": none, whatever the environment says */
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, transfer->call->public_only ? "https" : "http,https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, text_starts(transfer->call->url, "http:") ? "http,https" : "https");
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
	if (settings->outbound.ssl_cert_file && *settings->outbound.ssl_cert_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->outbound.ssl_cert_file);
	if (settings->outbound.ssl_cert_dir && *settings->outbound.ssl_cert_dir)
		curl_easy_setopt(curl, CURLOPT_CAPATH, settings->outbound.ssl_cert_dir);
}

static void set_request(struct request *req, CURL *curl, const struct outbound_call *call, struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, text_string(req, call->url));
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	if (call->body.data) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.data);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (call->user) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(curl, CURLOPT_USERNAME, call->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, call->password ? call->password : "");
	}
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, call->redirects > 0 ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)call->redirects);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms(req, call));
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

static struct text last_header(struct request *req, CURL *curl, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return TEXT_NONE;
	/* libcurl leaves the line's end where there is no value */
	return text_copy(req, text_trim(text_of(header->value), " \t\r\n"));
}

static int conclude(struct request *req, CURL *curl, CURLcode code, struct transfer *transfer)
{
	struct outbound_answer *answer = transfer->answer;
	const char *shown = outbound_shown(req, transfer->call->url).data;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	answer->body = buffer_as_text(transfer->body);
	answer->content_type = last_header(req, curl, "content-type");
	answer->location = last_header(req, curl, "location");
	answer->retry_after = last_header(req, curl, "retry-after");
	if (answer->fault == OUTBOUND_TOO_LARGE && transfer->call->cut_answer) {
		answer->fault = OUTBOUND_OK;
		return 0;
	}
	if (code == CURLE_OK)
		return 0;
	if (answer->fault == OUTBOUND_OK)
		answer->fault = code == CURLE_OPERATION_TIMEDOUT ? OUTBOUND_TIMEOUT : OUTBOUND_UNREACHABLE;
	answer->why = format(req, "%s: %s", shown,
			     answer->fault == OUTBOUND_TOO_LARGE ? "the answer is too large"
			     : transfer->complaint		 ? transfer->complaint
								 : curl_easy_strerror(code));
	return -1;
}

int outbound_call(struct request *req, const struct outbound_call *call, struct outbound_answer *answer)
{
	struct transfer transfer = {
		.call = call, .answer = answer, .body = buffer_new(req, 1024), .max = call->answer_max ? call->answer_max : ANSWER_MAX};
	struct curl_slist *headers;
	struct url url;
	const char *why;
	CURL *curl;
	int result;

	*answer = (struct outbound_answer){.fault = OUTBOUND_UNREACHABLE};
	if (url_parse(req, call->url, &url, &why) < 0 || text_has_nul(call->url)) {
		answer->why = "not a URL that can be called";
		return -1;
	}
	for (size_t i = 0; i < call->header_count; i++)
		if (!fits_header(call->headers[i].value)) {
			answer->why = format(req, "header %s holds a line break", call->headers[i].name);
			return -1;
		}
	answer->fault = OUTBOUND_OK;
	curl = handle_for(call->public_only);
	headers = make_headers(req, call);
	set_addresses(req, curl, &transfer, proxy_for(req->settings, url.scheme, url.host, url.port));
	set_request(req, curl, call, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
	result = conclude(req, curl, curl_easy_perform(curl), &transfer);
	curl_easy_reset(curl); /* the request's memory goes: nothing of it may be held */
	curl_slist_free_all(headers);
	return result;
}

#else

void outbound_init(void)
{
}

int outbound_call(struct request *req, const struct outbound_call *call, struct outbound_answer *answer)
{
	(void)req;
	(void)call;
	*answer = (struct outbound_answer){.fault = OUTBOUND_UNREACHABLE, .why = "this build cannot call other services (configure --without-curl)"};
	return -1;
}

#endif
