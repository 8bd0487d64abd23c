/* exchange.c: a request's FastCGI side: parameters and body by libfcgi, the answer in one write. */
#include <errno.h>
#include <fcgiapp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "worker_int.h"

#define DRAIN_MAX ((size_t)64 * 1048576) /* of a body that is too large */
#define CHUNK ((size_t)16384)
#define RECORD_MAX ((size_t)65528)

bool exchange_read_params(struct exchange *exchange, FCGX_Request *library)
{
	FCGX_InitRequest(library, -1, 0);
	library->ipcFd = exchange->fd;
	library->keepConnection = 1; /* else the call closes what it is given */
	if (FCGX_Accept_r(library) < 0)
		return false;
	exchange->id = library->requestId;
	exchange->keep = library->keepConnection;
	exchange->params = library->envp;
	/* a stream that broke off looks like a complete one to the library */
	return FCGX_GetError(library->in) == 0 && library->role == 1;
}

static bool is_form(char **params)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *method = FCGX_GetParam("REQUEST_METHOD", params), *type = FCGX_GetParam("CONTENT_TYPE", params);

	if (!method || !type || (strcmp(method, "POST") != 0 && strcmp(method, "PUT") != 0 && strcmp(method, "PATCH") != 0))
		return false;
	type += strspn(type, " \t");
	return strncasecmp(type, form, sizeof(form) - 1) == 0 && strchr("; \t", type[sizeof(form) - 1]);
}

/* The rest is read too: a peer that could not send all of it might not look at the answer. */
static void drain(FCGX_Stream *in)
{
	char away[CHUNK];
	size_t drained = 0;
	int got;

	while (drained < DRAIN_MAX && (got = FCGX_GetStr(away, sizeof(away), in)) > 0)
		drained += (size_t)got;
}

bool exchange_read_body(struct exchange *exchange, FCGX_Request *library, TALLOC_CTX *mem)
{
	size_t limit = is_form(exchange->params) ? HTTP_FORM_MAX : HTTP_BODY_MAX;
	char first[CHUNK]; /* most bodies are short: no buffer before there is something */
	int got = FCGX_GetStr(first, sizeof(first), library->in);
	struct buffer *body;

	exchange->body = TEXT_NONE;
	exchange->body_too_large = false;
	if (got > 0) {
		body = buffer_new(mem, (size_t)got);
		buffer_add(body, first, (size_t)got);
		while (body->len <= limit && (got = FCGX_GetStr(first, sizeof(first), library->in)) > 0)
			buffer_add(body, first, (size_t)got);
		if (body->len > limit) {
			exchange->body_too_large = true;
			body->len = limit;
			drain(library->in);
		}
		exchange->body = buffer_as_text(body);
	}
	return FCGX_GetError(library->in) == 0;
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------------ */

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{302, "Found"},
	{303, "See Other"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{409, "Conflict"},
	{413, "Request Entity Too Large"},
	{422, "Unprocessable Entity"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
};

static const char *reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Answer";
}

/* mod_proxy_fcgi wants our own Content-Length */
static struct buffer *compose(const struct request *req)
{
	const struct http *http = req->http;
	size_t len = http->out ? http->out->len : 0;
	struct buffer *out = buffer_new((TALLOC_CTX *)req, len + 1024);

	buffer_format(out, "Status: %d %s\r\n", http->status, reason_of(http->status));
	for (size_t i = 0; i < http->header_count; i++) {
		buffer_string(out, http->headers[i].name);
		buffer_string(out, ": ");
		buffer_text(out, http->headers[i].value);
		buffer_string(out, "\r\n");
	}
	if (http->status >= 200 && http->status != 204 && http->status != 304)
		buffer_format(out, "Content-Length: %zu\r\n", len);
	buffer_string(out, "\r\n");
	if (len)
		buffer_add(out, http->out->data, len);
	return out;
}

static void put_header(unsigned char header[8], unsigned char type, int id, size_t len)
{
	const unsigned char bytes[8] = {1, type, (unsigned char)(id >> 8), (unsigned char)id, (unsigned char)(len >> 8), (unsigned char)len, 0, 0};

	memcpy(header, bytes, sizeof(bytes));
}

static bool write_all(int fd, struct iovec *pieces, int count)
{
	while (count) {
		ssize_t wrote = writev(fd, pieces, count);

		if (wrote < 0 && errno != EINTR)
			return false;
		for (size_t left = wrote > 0 ? (size_t)wrote : 0; count && (left || !pieces->iov_len);) {
			size_t step = left < pieces->iov_len ? left : pieces->iov_len;

			pieces->iov_base = (char *)pieces->iov_base + step;
			pieces->iov_len -= step;
			left -= step;
			if (pieces->iov_len)
				break;
			pieces++;
			count--;
		}
	}
	return true;
}

bool exchange_write(const struct exchange *exchange, const struct request *req)
{
	enum { FCGI_END = 3, FCGI_OUT = 6 };
	struct text all = buffer_as_text(compose(req));
	unsigned char header[8], end[8 + 8 + 8] = {0};

	put_header(end, FCGI_OUT, exchange->id, 0);
	put_header(end + 8, FCGI_END, exchange->id, 8);
	for (;;) {
		size_t len = all.len < RECORD_MAX ? all.len : RECORD_MAX;
		bool last = len == all.len;
		struct iovec pieces[3] = {{header, sizeof(header)}, {(void *)all.data, len}, {end, sizeof(end)}};

		put_header(header, FCGI_OUT, exchange->id, len);
		if (!write_all(exchange->fd, pieces, last ? 3 : 2))
			return false;
		if (last)
			return true;
		all.data += len;
		all.len -= len;
	}
}

bool exchange_peer_gone(const struct exchange *exchange)
{
	char byte;

	return recv(exchange->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}
