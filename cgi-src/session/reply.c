/* reply.c: tokens as a client gets them: the JSON object, the redirect's fragment; the log's word of a sign-in (contract 04 section 4). */
#include <stdlib.h>
#include <string.h>

#include "session_int.h"

static int64_t expires_in(const struct tokens *tokens)
{
	return tokens->expires_at - moment_now() / 1000000;
}

static void member_weak_password(struct json_writer *out, unsigned weak, const char *message)
{
	static const unsigned reasons[] = {WEAK_LENGTH, WEAK_CHARACTERS, WEAK_PWNED};

	json_name(out, "weak_password");
	if (!weak) {
		json_null(out);
		return;
	}
	json_open_object(out);
	json_member_string(out, "message", message);
	json_name(out, "reasons");
	json_open_array(out);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (weak & reasons[i])
			json_string(out, weak_reason_name(reasons[i]));
	json_close_array(out);
	json_close_object(out);
}

int reply_tokens(struct request *req, const struct tokens *tokens, enum weak_shape shape, unsigned weak, const char *weak_message)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_text(&out, "access_token", tokens->access_token);
	json_member_string(&out, "token_type", "bearer");
	json_member_int(&out, "expires_in", expires_in(tokens));
	json_member_int(&out, "expires_at", tokens->expires_at);
	json_member_text(&out, "refresh_token", tokens->refresh_token);
	json_name(&out, "user");
	user_json(&out, tokens->user);
	json_member_string_opt(&out, "provider_token", tokens->provider_token);
	json_member_string_opt(&out, "provider_refresh_token", tokens->provider_refresh_token);
	if (shape == WEAK_PRESENT)
		member_weak_password(&out, weak, weak_message);
	json_close_object(&out);
	return 0;
}

/* ---- the fragment of the implicit flow ---------------------------------------------------------------------------------------------------- */

struct pair {
	struct text name, value;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name.data, ((const struct pair *)b)->name.data);
}

static size_t count_extra(const char *const *extra)
{
	size_t count = 0;

	while (extra && extra[2 * count])
		count++;
	return count;
}

struct text tokens_fragment(struct request *req, struct text url, const struct tokens *tokens, const char *const *extra)
{
	const struct pair own[] = {
		{TEXT("access_token"), tokens->access_token},
		{TEXT("expires_at"), text_of(format(req, "%lld", (long long)tokens->expires_at))},
		{TEXT("expires_in"), text_of(format(req, "%lld", (long long)expires_in(tokens)))},
		{TEXT("refresh_token"), tokens->refresh_token},
		{TEXT("sb"), TEXT("")},
		{TEXT("token_type"), TEXT("bearer")},
	};
	size_t owned = sizeof(own) / sizeof(own[0]), extras = count_extra(extra);
	struct pair *pairs = must(talloc_array(req, struct pair, (unsigned)(owned + extras)));
	struct buffer *out = buffer_new(req, 2048);

	memcpy(pairs, own, sizeof(own));
	for (size_t i = 0; i < extras; i++)
		pairs[owned + i] = (struct pair){text_of(extra[2 * i]), text_of(extra[2 * i + 1])};
	qsort(pairs, owned + extras, sizeof(pairs[0]), by_name);
	buffer_text(out, url);
	for (size_t i = 0; i < owned + extras; i++) {
		buffer_char(out, i ? '&' : '#');
		buffer_text(out, query_escape(req, pairs[i].name));
		buffer_char(out, '=');
		buffer_text(out, query_escape(req, pairs[i].value));
	}
	return buffer_as_text(out);
}

/* ---- the log (02 section 7.6): an entry of the program, without the request's fields ------------------------------------------------------- */

void log_login(struct request *req, const char *method, const struct uuid *user_id, const char *provider, bool after_signup)
{
	struct log_field fields[7];
	size_t count = 0;

	fields[count++] = log_truth("metering", true);
	fields[count++] = log_text("action", "login");
	fields[count++] = log_text("login_method", method);
	fields[count++] = log_text("instance_id", "00000000-0000-0000-0000-000000000000");
	fields[count++] = log_text("user_id", uuid_string(req, user_id));
	if (provider)
		fields[count++] = log_text("provider", provider);
	if (after_signup)
		fields[count++] = log_truth("immediate_login_after_signup", true);
	log_write(LOG_INFO, "Login", fields, count);
}
