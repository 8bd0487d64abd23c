/* redirect.c: parameters put into a registered redirect URI, which else stays as it was given (contract 10 section 11). */
#include "idp_int.h"

#define PARAMS_MAX 3

/* What is left beyond ASCII stands in the host. */
static struct text escape_host(TALLOC_CTX *mem, struct text target)
{
	struct buffer *out = buffer_new(mem, target.len + 16);

	for (size_t i = 0; i < target.len; i++) {
		unsigned char byte = (unsigned char)target.data[i];

		if (byte >= 0x80)
			buffer_format(out, "%%%02X", byte);
		else
			buffer_char(out, (char)byte);
	}
	return buffer_as_text(out);
}

/* Those that are empty are not set. */
static struct text redirect_with(struct request *req, struct text uri, const struct url_param *params, size_t count)
{
	struct url_param set[PARAMS_MAX];
	struct url_edit edit = {.new_query = true, .params = set};

	for (size_t i = 0; i < count; i++)
		if (params[i].value.len)
			set[edit.count++] = params[i];
	return escape_host(req, url_edited(req, uri, &edit));
}

struct text redirect_with_code(struct request *req, const struct oauth_authorization *authorization)
{
	const struct url_param params[] = {{"code", authorization->code}, {"state", authorization->state}};

	return redirect_with(req, authorization->redirect_uri, params, 2);
}

struct text redirect_with_error(struct request *req, struct text uri, const char *error, struct text description, struct text state)
{
	const struct url_param params[] = {{"error", text_of(error)}, {"error_description", description}, {"state", state}};

	return redirect_with(req, uri, params, 3);
}
