/* grant_web3.c: POST /token?grant_type=web3: a wallet's signed message becomes a session (contract 07 section 11). */
#include <string.h>

#include "cgi-src/api/external.h"
#include "cgi-src/api/grants.h"
#include "latchkey/settings.h"

#define MESSAGE_MIN 64
#define MESSAGE_MAX 20480

struct body {
	struct text chain, message, signature;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, chain, "chain", JSON_TEXT),
	JSON_FIELD(struct body, message, "message", JSON_TEXT),
	JSON_FIELD(struct body, signature, "signature", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("Web3GrantParams", fields);

/* A sign-in on its way. */
struct sign_in {
	struct body body;
	struct wallet_message message;
	struct text network;
	unsigned char point[32]; /* the first half of the signature */
	moment until;		 /* when the message cannot be accepted any more */
	struct oauth_profile profile;
	struct external_login login;
	struct tokens tokens;
};

/* ---- what the chains differ in ------------------------------------------------------------------------------------------------------------------------ */

static int check_solana(struct request *req, struct sign_in *sign_in);
static int check_ethereum(struct request *req, struct sign_in *sign_in);

static const struct chain {
	const char *name, *shown;
	int (*check)(struct request *req, struct sign_in *sign_in); /* form of the signature, grammar, signature */
} chains[] = {
	[WALLET_SOLANA] = {"solana", "Solana", check_solana},
	[WALLET_ETHEREUM] = {"ethereum", "Ethereum", check_ethereum},
};

static bool chain_enabled(const struct request *req, enum wallet_chain chain)
{
	if (chain == WALLET_ETHEREUM)
		return req->settings->external.web3_ethereum_enabled && wallet_ethereum_built_in();
	return req->settings->external.web3_solana_enabled;
}

static duration max_validity(const struct request *req, enum wallet_chain chain)
{
	return chain == WALLET_ETHEREUM ? req->settings->external.web3_ethereum_max_validity : req->settings->external.web3_solana_max_validity;
}

static int invalid(struct request *req, const char *message)
{
	return fail(req, 400, "validation_failed", "%s", message);
}

static int wrong_signature(struct request *req)
{
	return fail_oauth(req, "invalid_grant", "Signature does not match address in message");
}

static int parse(struct request *req, struct sign_in *sign_in)
{
	const char *why;

	if (wallet_message_parse(req, sign_in->message.chain, sign_in->body.message, &sign_in->message, &why) < 0)
		return invalid(req, why);
	sign_in->network = sign_in->message.chain_id.data ? sign_in->message.chain_id : TEXT("");
	return 0;
}

/* Both alphabets, any padding, line ends within. */
static bool decode_signature(struct request *req, struct text given, unsigned char signature[64])
{
	struct buffer *plain = buffer_new(req, given.len + 1);
	unsigned char *bytes;
	size_t len;

	while (given.len && given.data[given.len - 1] == '=')
		given.len--;
	for (size_t i = 0; i < given.len; i++)
		if (given.data[i] != '\r' && given.data[i] != '\n')
			buffer_char(plain, given.data[i] == '+' ? '-' : given.data[i] == '/' ? '_' : given.data[i]);
	bytes = base64_decode(req, BASE64_URL_RAW, buffer_as_text(plain), &len, NULL);
	if (!bytes)
		return false;
	memset(signature, 0, 64); /* one of another length verifies nothing */
	if (len == 64)
		memcpy(signature, bytes, len);
	return true;
}

static int check_solana(struct request *req, struct sign_in *sign_in)
{
	struct text given = sign_in->body.signature;
	unsigned char signature[64];

	if (given.len != 86 && given.len != 88)
		return invalid(req, "signature must be 64 bytes encoded as base64 with or without padding");
	if (!decode_signature(req, given, signature))
		return invalid(req, "signature does not contain valid base64 characters");
	if (parse(req, sign_in) < 0)
		return -1;
	memcpy(sign_in->point, signature, sizeof(sign_in->point));
	return wallet_solana_verify(req, &sign_in->message, sign_in->body.message, signature) ? 0 : wrong_signature(req);
}

static int check_ethereum(struct request *req, struct sign_in *sign_in)
{
	struct text given = sign_in->body.signature;

	if (given.len - (text_starts(given, "0x") ? 2 : 0) != 130)
		return invalid(req, "signature must be 65 bytes long, encoded as a 130 character-long hexadecimal string");
	if (parse(req, sign_in) < 0)
		return -1;
	if (!wallet_ethereum_verify(req, &sign_in->message, sign_in->body.message, given))
		return wrong_signature(req);
	return hex_decode((struct text){given.data + 2, 64}, sign_in->point, sizeof(sign_in->point)) ? 0 : wrong_signature(req);
}

/* ---- where it was signed for (steps 8 to 10) ------------------------------------------------------------------------------------------------------------ */

static int refuse(struct request *req, const struct chain *chain, const char *before, const char *after)
{
	return fail_oauth(req, "invalid_grant", "%s%s message %s", before, chain->shown, after);
}

static int check_place(struct request *req, const struct sign_in *sign_in, const struct chain *chain)
{
	struct text uri = wallet_uri_text(req, sign_in->message.uri), domain = sign_in->message.domain, host;
	struct url url;
	const char *why;

	if (url_parse(req, uri, &url, &why) < 0)
		return refuse(req, chain, "Signed ", "is using URI which does not use HTTPS");
	if (!text_is(url.scheme, "https") && !text_is(url.host, "localhost"))
		return refuse(req, chain, "Signed ", "is using URI which does not use HTTPS");
	if (!redirect_allowed(req->settings, uri))
		return refuse(req, chain, "Signed ", "is using URI which is not allowed on this server, message was signed for another app");
	if (text_is(url.host, "localhost"))
		return 0;
	host = url.port.data ? text_of(format(req, "%.*s:%.*s", (int)url.host.len, url.host.data, (int)url.port.len, url.port.data)) : url.host;
	if (!text_equal(host, domain) || !redirect_allowed(req->settings, text_of(format(req, "https://%.*s/", (int)domain.len, domain.data))))
		return refuse(req, chain, "Signed ", "is using a Domain that does not match the one in URI which is not allowed on this server");
	return 0;
}

/* ---- when (steps 11 to 13) --------------------------------------------------------------------------------------------------------------------------------- */

static int check_time(struct request *req, struct sign_in *sign_in, const struct chain *chain)
{
	const struct wallet_message *message = &sign_in->message;
	duration validity = max_validity(req, message->chain);
	moment now = req->started;

	if (message->not_before != MOMENT_NONE && now < message->not_before)
		return refuse(req, chain, "Signed ", "becomes valid in the future");
	if (message->expires_at != MOMENT_NONE && now > message->expires_at)
		return refuse(req, chain, "Signed ", "is expired");
	if (now > moment_add(message->issued_at, validity))
		return refuse(req, chain, "", "was issued too long ago");
	if (now < moment_add(message->issued_at, -validity))
		return refuse(req, chain, "", "was issued too far in the future");
	sign_in->until = moment_add(message->issued_at, validity);
	return 0;
}

/* ---- the account (step 14) ------------------------------------------------------------------------------------------------------------------------------------ */

static struct json_object *new_text(struct text text)
{
	return must(json_object_new_string_len(text.data ? text.data : "", (int)text.len));
}

static void make_profile(struct request *req, struct sign_in *sign_in, const struct chain *chain)
{
	const struct wallet_message *message = &sign_in->message;
	struct json_object *claims = json_hold(req, must(json_object_new_object())), *custom = must(json_object_new_object());
	bool none = message->chain == WALLET_ETHEREUM && !message->has_statement;

	json_object_object_add(custom, "address", new_text(message->address));
	json_object_object_add(custom, "chain", new_text(text_of(chain->name)));
	json_object_object_add(custom, "network", new_text(sign_in->network));
	json_object_object_add(custom, "domain", new_text(message->domain));
	json_object_object_add(custom, "statement", none ? NULL : new_text(message->statement));
	json_object_object_add(claims, "sub",
			       new_text(text_of(format(req, "web3:%s:%.*s", chain->name, (int)message->address.len, message->address.data))));
	json_object_object_add(claims, "email_verified", must(json_object_new_boolean(false)));
	json_object_object_add(claims, "phone_verified", must(json_object_new_boolean(false)));
	json_object_object_add(claims, "custom_claims", custom);
	sign_in->profile.claims = claims;
	sign_in->login = (struct external_login){.provider = "web3", .profile = &sign_in->profile, .email_optional = true};
}

static struct json_object *traits(struct request *req, const struct sign_in *sign_in)
{
	const struct wallet_message *message = &sign_in->message;
	struct json_object *all = json_hold(req, must(json_object_new_object()));

	json_object_object_add(all, "provider", new_text(TEXT("web3")));
	json_object_object_add(all, "chain", new_text(text_of(chains[message->chain].name)));
	json_object_object_add(all, "network", new_text(sign_in->network));
	json_object_object_add(all, "address", new_text(message->address));
	json_object_object_add(all, "domain", new_text(message->domain));
	json_object_object_add(all, "uri", json_object_get(wallet_uri_parts(req, message->uri)));
	return all;
}

static int transaction(struct request *req, void *arg)
{
	struct sign_in *sign_in = arg;
	struct grant grant = {.method = "web3", .not_after = MOMENT_NONE};
	bool first;

	if (wallet_message_spend(req, sign_in->message.chain, sign_in->body.message, sign_in->point, sign_in->until, &first) < 0)
		return -1;
	if (!first)
		return refuse(req, &chains[sign_in->message.chain], "Signed ", "was already used");
	if (external_sign_in(req, &sign_in->login) < 0)
		return -1;
	audit(req, AUDIT_LOGIN, sign_in->login.user, traits(req, sign_in), false);
	return session_issue(req, sign_in->login.user, &grant, &sign_in->tokens);
}

/* ---- the handler --------------------------------------------------------------------------------------------------------------------------------------------- */

static int choose_chain(struct request *req, struct sign_in *sign_in)
{
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		if (!text_is(sign_in->body.chain, chains[i].name))
			continue;
		sign_in->message.chain = (enum wallet_chain)i;
		return chain_enabled(req, sign_in->message.chain)
			       ? 0
			       : fail(req, 422, "web3_provider_disabled", "%s Web3 provider is disabled", chains[i].shown);
	}
	return fail(req, 400, "web3_unsupported_chain", "Unsupported chain");
}

static int check(struct request *req, struct sign_in *sign_in)
{
	const struct chain *chain = &chains[sign_in->message.chain];

	if (sign_in->body.message.len < MESSAGE_MIN)
		return invalid(req, "message is too short");
	if (sign_in->body.message.len > MESSAGE_MAX)
		return invalid(req, "message must not exceed 20KB");
	if (chain->check(req, sign_in) < 0 || check_place(req, sign_in, chain) < 0)
		return -1;
	return check_time(req, sign_in, chain);
}

/* 02 section 7.6: only Solana is metered. */
static void log_wallet(struct request *req, const struct sign_in *sign_in)
{
	const struct wallet_message *message = &sign_in->message;

	if (message->chain != WALLET_SOLANA)
		return;
	log_to(LOG_INFO, "Login", log_truth("metering", true), log_text("action", "login"), log_text("login_method", "web3"),
	       log_text("instance_id", "00000000-0000-0000-0000-000000000000"), log_text("user_id", uuid_string(req, &sign_in->login.user->id)),
	       log_text("web3_chain", chains[message->chain].name), log_bytes("web3_network", sign_in->network),
	       log_bytes("web3_address", message->address), log_bytes("web3_domain", message->domain), log_bytes("web3_uri", message->uri));
}

static int run(struct request *req, struct sign_in *sign_in)
{
	struct external_login *login = &sign_in->login;

	make_profile(req, sign_in, &chains[sign_in->message.chain]);
	if (hook_enabled(req, HOOK_BEFORE_USER_CREATED) && external_ask_hook(req, login, hook_before_user_created) < 0)
		return -1;
	if (db_transaction(req, transaction, sign_in) < 0)
		return external_failure_json(req);
	if (login->decision == DECIDED_CREATE && hook_after_user_created(req, login->user) < 0)
		return -1;
	log_wallet(req, sign_in);
	return reply_tokens(req, &sign_in->tokens, WEAK_ABSENT, 0, NULL);
}

static bool waits(const struct request *req)
{
	return hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED) || hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN);
}

int grant_web3(struct request *req)
{
	struct sign_in sign_in = {0};
	int moved;

	if (!req->settings->external.web3_solana_enabled && !req->settings->external.web3_ethereum_enabled)
		return fail(req, 422, "web3_provider_disabled", "Web3 provider is disabled");
	if (http_json(req, &shape, &sign_in.body) < 0 || choose_chain(req, &sign_in) < 0 || check(req, &sign_in) < 0)
		return -1;
	moved = waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	return moved ? moved : run(req, &sign_in);
}
