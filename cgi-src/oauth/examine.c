/* examine.c: a provider asked afresh, past every cache, for whoever looks after it (`latchkey doctor providers`). */
#include <string.h>

#include "latchkey/jose.h"
#include "oauth_int.h"

#define PATIENCE (10 * SECOND)

/* ---- keys -------------------------------------------------------------------------------------------------------------------------------------- */

static bool is_usable(struct request *req, const struct oidc *oidc, struct json_object *jwk)
{
	struct text alg = json_get_text(jwk, "alg"), use = json_get_text(jwk, "use");
	const char *why;
	struct jose_key *key;
	bool usable;

	if (!json_object_is_type(jwk, json_type_object) || (use.len && !text_is(use, "sig")) || (alg.len && !text_list_has(&oidc->algs, alg)))
		return false;
	key = jose_key_parse(req, jwk, &why);
	usable = key != NULL;
	talloc_free(key);
	return usable;
}

static void count_keys(struct request *req, struct oidc *oidc, struct oauth_examined *found)
{
	struct json_object *set, *keys;
	struct text text;

	if (jwks_ask(req, oidc, &text, &found->keys_fault) < 0)
		return;
	keys = json_parse(req, text, &set, &found->keys_fault) < 0 ? NULL : json_get(set, "keys");
	for (size_t i = 0; json_object_is_type(keys, json_type_array) && i < json_object_array_length(keys); i++)
		found->keys += is_usable(req, oidc, json_object_array_get_idx(keys, i));
	found->keys_fault =
		found->keys ? NULL : format(req, "%s holds none for the algorithms of this provider", outbound_shown(req, oidc->jwks_uri).data);
}

/* ---- discovery ------------------------------------------------------------------------------------------------------------------------------------ */

/* Keycloak's is for ID tokens from apps alone. Azure's endpoints are known without it, but its tokens are not. */
static void place_of(struct request *req, const struct oauth_provider *provider, struct oidc_place *place, bool *needed)
{
	*needed = oauth_provider_place(req, provider, place);
	if (*needed || !provider->row)
		return;
	if (strcmp(provider->name, "keycloak") == 0)
		place->issuer = text_of(provider->settings->url);
	if (strcmp(provider->name, "azure") == 0) {
		place->issuer = azure_expected(req, provider);
		*needed = true;
	}
}

static void ask_discovery(struct request *req, struct oauth_provider *provider, struct oauth_examined *found)
{
	struct oidc_place place = {0};
	struct oidc *oidc;

	place_of(req, provider, &place, &found->discovery_needed);
	if (!place.issuer.len)
		return;
	if (!place.location.len)
		place.location = oidc_location(req, place.issuer);
	found->discovery = place.location;
	if (oidc_fetch(req, &place, &oidc, &found->discovery_fault) < 0)
		return;
	found->discovery_fault = NULL;
	count_keys(req, oidc, found);
	if (!found->token_url.len)
		found->token_url = oidc->token_url;
}

/* ---- the token endpoint: that it answers, whatever it says to nothing ---------------------------------------------------------------------------- */

static void ask_endpoint(struct request *req, const struct oauth_provider *provider, struct oauth_examined *found)
{
	static const struct outbound_header agent = {"User-Agent", {"Latchkey", 8}};
	struct outbound_call call = {.method = "GET",
				     .url = found->token_url,
				     .headers = &agent,
				     .header_count = 1,
				     .timeout = PATIENCE,
				     .cut_answer = true,
				     .public_only = provider_is_guarded(provider)};
	struct outbound_answer answer;

	if (outbound_call(req, &call, &answer) < 0)
		found->token_fault = answer.why;
	else
		found->token_status = answer.status;
}

void oauth_provider_examine(struct request *req, struct oauth_provider *provider, struct oauth_examined *found)
{
	*found = (struct oauth_examined){.redirect_uri = provider->redirect_uri, .token_url = provider->token_url};
	ask_discovery(req, provider, found);
	if (found->token_url.len)
		ask_endpoint(req, provider, found);
}
