/* ask.c: what came back with the browser becomes a profile (contract 07 sections 4.2 steps 6 to 8, and 4.3). */
#include <string.h>

#include "oauth_int.h"

static int keep_first(struct request *req, struct text code)
{
	struct text shown = {code.data, code.len < 4 ? code.len : 4};

	return fail_server(req, "Unable to exchange external code: %s", text_string(req, shown));
}

int oauth_ask(struct request *req, struct oauth_provider *provider, struct oauth_answer *answer)
{
	if (answer->oauth1)
		return twitter_ask(req, provider, answer);
	profile_start(req, &answer->profile);
	if (strcmp(provider->name, "twitter") == 0) /* spelled otherwise it has nothing to say (section 1.2) */
		return 0;
	if (provider_exchange(req, provider, answer->code, answer->verifier) < 0)
		return keep_first(req, answer->code);
	answer->access_token = provider->tokens.access_token;
	answer->refresh_token = provider->tokens.refresh_token;
	if (provider_profile(req, provider, &answer->profile) < 0)
		return fail_server(req, "Error getting user profile from external provider");
	answer->access_token = provider->tokens.access_token; /* it may have been refreshed */
	if (provider->row && strcmp(provider->name, "apple") == 0 && answer->user.len)
		return apple_user_field(req, answer->user, &answer->profile);
	return 0;
}
