/* oidc.c: discovery documents and key sets, cached for all workers (contract 07 section 7.2, OpenID Connect Discovery 1.0). */
#include <string.h>

#include "latchkey/http.h"
#include "oauth_int.h"

#define REDIRECTS 10
#define TIME_LIMIT (10 * SECOND)
#define CACHE_MARK_LIFE (24 * 365 * HOUR)
#define WAITED_LONG SECOND /* for another's fetch, and in vain: that is no time to start one's own */

/* Section 7.1 step 5. */
static const char *const known_algs[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};

/* ---- where documents are ----------------------------------------------------------------------------------------------------------------------------- */

static struct text well_known(TALLOC_CTX *mem, struct text base)
{
	return text_of(format(mem, "%.*s/.well-known/openid-configuration", (int)base.len, base.data));
}

struct text oidc_location(TALLOC_CTX *mem, struct text issuer)
{
	if (issuer.len && issuer.data[issuer.len - 1] == '/')
		issuer.len--;
	return well_known(mem, issuer);
}

struct text oidc_location_custom(TALLOC_CTX *mem, const struct custom_provider *custom)
{
	struct text issuer = text_of(custom->issuer);

	if (custom->discovery_url && custom->discovery_url[0])
		return text_of(custom->discovery_url);
	while (issuer.len && issuer.data[issuer.len - 1] == '/')
		issuer.len--;
	return well_known(mem, issuer);
}

/* ---- reading a document --------------------------------------------------------------------------------------------------------------------------------- */

static bool is_known_alg(struct text alg)
{
	for (size_t i = 0; i < sizeof(known_algs) / sizeof(known_algs[0]); i++)
		if (text_is(alg, known_algs[i]))
			return true;
	return false;
}

static int read_algs(struct request *req, struct json_object *document, struct text_list *algs)
{
	struct json_object *list = json_get(document, "id_token_signing_alg_values_supported");
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	if (list && !json_object_is_type(list, json_type_array))
		return -1;
	*algs = (struct text_list){must(talloc_array(req, struct text, (unsigned)count + 1)), 0, true};
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return -1;
		if (is_known_alg(text_of(json_object_get_string(item))))
			algs->items[algs->count++] = text_of(json_object_get_string(item));
	}
	if (!algs->count)
		algs->items[algs->count++] = TEXT("RS256");
	return 0;
}

static int read_document(struct request *req, struct text body, struct oidc *oidc, const char **why)
{
	const struct {
		const char *name;
		struct text *out;
	} fields[] = {
		{"issuer", &oidc->issuer},
		{"authorization_endpoint", &oidc->authorize_url},
		{"token_endpoint", &oidc->token_url},
		{"userinfo_endpoint", &oidc->user_url},
		{"jwks_uri", &oidc->jwks_uri},
	};

	if (json_parse(req, body, &oidc->document, why) < 0)
		return -1;
	*why = "it is not a discovery document";
	if (!json_object_is_type(oidc->document, json_type_object))
		return -1;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (answer_text(oidc->document, fields[i].name, fields[i].out) < 0)
			return -1;
	return read_algs(req, oidc->document, &oidc->algs);
}

/* ---- fetching ---------------------------------------------------------------------------------------------------------------------------------------------- */

static const char *reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{201, "Created"},      {204, "No Content"},	     {301, "Moved Permanently"},     {302, "Found"},
		{304, "Not Modified"}, {400, "Bad Request"},	     {401, "Unauthorized"},	     {403, "Forbidden"},
		{404, "Not Found"},    {405, "Method Not Allowed"},  {406, "Not Acceptable"},	     {410, "Gone"},
		{418, "I'm a teapot"}, {429, "Too Many Requests"},   {500, "Internal Server Error"}, {501, "Not Implemented"},
		{502, "Bad Gateway"},  {503, "Service Unavailable"}, {504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

/* 400: the guard's words, for the failure that the call is given. */
static const char *guard_complaint(struct request *req, struct text url)
{
	const char *why;

	if (outbound_guard(req, url) == 0)
		return NULL;
	why = format(req, "%d: %s", req->failure.status, req->failure.message);
	failure_clear(req);
	return why;
}

static const char *fault_text(struct request *req, const struct outbound_answer *answer)
{
	return answer->fault == OUTBOUND_ADDRESS ? format(req, "400: %s", answer->why) : "500: Failed to fetch URL";
}

static int get(struct request *req, struct text url, bool guarded, bool announced, struct outbound_answer *answer)
{
	static const struct outbound_header headers[] = {{"User-Agent", {"Supabase-Auth/1.0", 17}}, {"Accept", {"application/json", 16}}};
	struct outbound_call call = {.method = "GET",
				     .url = url,
				     .headers = headers,
				     .header_count = announced ? 2 : 1,
				     .timeout = TIME_LIMIT,
				     .redirects = REDIRECTS,
				     .public_only = guarded};

	return outbound_call(req, &call, answer);
}

int oidc_fetch(struct request *req, const struct oidc_place *place, struct oidc **oidc, const char **why)
{
	struct outbound_answer answer;
	struct oidc *found = must(talloc_zero(req, struct oidc));
	const char *shown = text_string(req, place->location), *trouble;

	found->location = place->location;
	found->guarded = place->guarded;
	found->unknown_at = MOMENT_NONE;
	trouble = place->guarded ? guard_complaint(req, place->location) : NULL;
	if (!trouble && get(req, place->location, place->guarded, place->announced, &answer) < 0)
		trouble = fault_text(req, &answer);
	if (trouble) {
		*why = format(req, "oidc: discovery request to %s failed: %s", shown, trouble);
		return -1;
	}
	if (answer.status != 200) {
		*why = format(req, "oidc: discovery request to %s returned %d %s", shown, answer.status, reason_phrase(answer.status));
		return -1;
	}
	if (read_document(req, answer.body, found, why) < 0) {
		*why = format(req, "oidc: failed to decode discovery document from %s: %s", shown, *why);
		return -1;
	}
	if (!place->any_issuer && !text_equal(found->issuer, place->issuer)) {
		*why = format(req, "oidc: issuer mismatch, expected %s got %s", quote_go(req, place->issuer).data, quote_go(req, found->issuer).data);
		return -1;
	}
	*oidc = found;
	return 0;
}

/* ---- one fetch for all who want the same now (section 7.2) ---------------------------------------------------------------------------------- */

static bool flight_enter(struct request *req, const char *what, struct text location, duration *waited)
{
	int64_t deadline = monotonic_now() + TIME_LIMIT;

	*waited = 0;
	if (!req->shared)
		return true;
	if (req->deadline && req->deadline < deadline)
		deadline = req->deadline;
	return shared_flight_enter(req->shared, what, location, deadline, waited);
}

static void flight_leave(struct request *req, const char *what, struct text location)
{
	if (req->shared)
		shared_flight_leave(req->shared, what, location);
}

/* ---- the cache ---------------------------------------------------------------------------------------------------------------------------------------------- */

/* After a start (a new segment) and a reload (contract 02 section 4.3) no document is taken for fresh that has not been seen since. */
static bool is_new_here(struct request *req, struct text location)
{
	char *key;

	if (!req->shared)
		return false;
	key = format(req, "%llu %.*s", (unsigned long long)shared_counter(req->shared, COUNT_RELOADS), (int)location.len, location.data);
	return shared_mark_once(req->shared, "discovery", text_of(key), CACHE_MARK_LIFE);
}

static int read_cache(struct request *req, const struct oidc_place *place, struct oidc **oidc, bool *fresh)
{
	struct db_rows *rows;
	struct oidc *found;
	const char *why;

	*oidc = NULL;
	*fresh = false;
	if (db_fetch(req, STMT_OIDC_DOCUMENT_BY_LOCATION, DB_ARGS(db_text(place->location)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	found = must(talloc_zero(req, struct oidc));
	if (read_document(req, db_get_text(rows, 0, 0), found, &why) < 0 || (!place->any_issuer && !text_equal(found->issuer, place->issuer)))
		return 0;
	found->location = place->location;
	found->guarded = place->guarded;
	found->keys = db_get_text(rows, 0, 2);
	found->unknown_at = db_get_moment(rows, 0, 3);
	*fresh = moment_now() < moment_add(db_get_moment(rows, 0, 1), req->settings->external.oidc_provider_cache_ttl);
	*oidc = found;
	return 0;
}

static int write_cache(struct request *req, const struct oidc *oidc)
{
	(void)is_new_here(req, oidc->location); /* from now on it has seen it */
	return db_execute(
		req, STMT_OIDC_DOCUMENT_STORE,
		DB_ARGS(db_text(oidc->location), db_text(oidc->issuer), db_text(json_canonical(req, oidc->document)), db_moment(moment_now())));
}

/* The old one is better than none. asks false: another has just asked in vain. */
static int fetch_or_keep(struct request *req, const struct oidc_place *place, bool asks, struct oidc *old, struct oidc **oidc, const char **why)
{
	*why = format(req, "oidc: discovery request to %s failed: 500: Failed to fetch URL", text_string(req, place->location));
	if (asks && oidc_fetch(req, place, oidc, why) == 0)
		return write_cache(req, *oidc);
	if (!old)
		return -1;
	request_log_to(req, LOG_WARNING, "an OpenID provider's discovery document could not be fetched, the old one is used",
		       log_text("error", *why));
	*oidc = old;
	*why = NULL;
	return 0;
}

/* Fetches it, or takes what another has fetched meanwhile. */
static int open_alone(struct request *req, const struct oidc_place *at, struct oidc *cached, struct oidc **oidc, const char **why)
{
	duration waited;
	bool mine = flight_enter(req, "discovery", at->location, &waited), fresh = false;
	int result;

	if (waited && read_cache(req, at, &cached, &fresh) < 0)
		result = -1;
	else if (fresh)
		result = (*oidc = cached, 0);
	else
		result = fetch_or_keep(req, at, mine && waited < WAITED_LONG, cached, oidc, why);
	if (mine)
		flight_leave(req, "discovery", at->location);
	return result;
}

int oidc_open(struct request *req, const struct oidc_place *place, struct oidc **oidc, const char **why)
{
	struct oidc_place at = *place;
	struct oidc *cached;
	bool fresh;

	*why = NULL;
	if (!at.location.len)
		at.location = oidc_location(req, at.issuer);
	if (read_cache(req, &at, &cached, &fresh) < 0)
		return -1;
	if (cached && is_new_here(req, at.location))
		fresh = false;
	*oidc = cached && (fresh || at.cached_only) ? cached : NULL;
	if (*oidc || at.cached_only)
		return 0;
	return open_alone(req, &at, cached, oidc, why);
}

int oidc_forget(struct request *req, const char *issuer, const char *discovery_url)
{
	struct text standard = issuer ? oidc_location(req, text_of(issuer)) : TEXT_NONE;

	return db_execute(req, STMT_OIDC_DOCUMENT_FORGET, DB_ARGS(db_string(issuer), db_text(standard), db_string(discovery_url)));
}

/* ---- key sets ------------------------------------------------------------------------------------------------------------------------------------------------ */

int jwks_ask(struct request *req, const struct oidc *oidc, struct text *keys, const char **why)
{
	struct outbound_answer answer;

	if (get(req, oidc->jwks_uri, oidc->guarded, false, &answer) < 0) {
		*why = answer.why;
		return -1;
	}
	if (answer.status != 200) {
		*why = format(req, "%s: status %d", outbound_shown(req, oidc->jwks_uri).data, answer.status);
		return -1;
	}
	*keys = answer.body;
	return 0;
}

static int fetch_keys(struct request *req, struct oidc *oidc, const char **why)
{
	bool again = oidc->keys.len > 0;

	if (jwks_ask(req, oidc, &oidc->keys, why) < 0)
		return -1;
	oidc->unknown_at = again ? moment_now() : MOMENT_NONE;
	if (!utf8_valid(oidc->keys) || text_has_nul(oidc->keys)) {
		*why = "the key set is no JSON";
		return -1;
	}
	return db_execute(req, STMT_OIDC_KEYS_STORE, DB_ARGS(db_text(oidc->location), db_text(oidc->keys), db_moment(oidc->unknown_at)));
}

/* Whether another has fetched keys since these were read: then they are taken over. -1: the database. */
static int keys_came(struct request *req, struct oidc *oidc)
{
	struct db_rows *rows;
	struct text keys;

	if (db_fetch(req, STMT_OIDC_DOCUMENT_BY_LOCATION, DB_ARGS(db_text(oidc->location)), &rows) < 0)
		return -1;
	keys = db_row_count(rows) ? db_get_text(rows, 0, 2) : TEXT_NONE;
	if (!keys.len || (text_equal(keys, oidc->keys) && db_get_moment(rows, 0, 3) == oidc->unknown_at))
		return 0;
	oidc->keys = keys;
	oidc->unknown_at = db_get_moment(rows, 0, 3);
	return 1;
}

int jwks_fetch(struct request *req, struct oidc *oidc, const char **why)
{
	duration waited;
	bool mine = flight_enter(req, "keys", oidc->location, &waited);
	int came = waited ? keys_came(req, oidc) : 0, result = came < 0 ? -1 : 0;

	if (came == 0 && (!mine || waited >= WAITED_LONG)) {
		*why = format(req, "%s: no answer to another worker either", outbound_shown(req, oidc->jwks_uri).data);
		result = -1;
	} else if (came == 0) {
		result = fetch_keys(req, oidc, why);
	}
	if (mine)
		flight_leave(req, "keys", oidc->location);
	return result;
}
