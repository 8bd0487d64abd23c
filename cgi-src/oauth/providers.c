/* providers.c: the table of providers (contract 07 sections 6.2 and 6.3). An ordinary provider is a row here and a test. */
#include <string.h>

#include "oauth_int.h"

#define RULES(table) .rules = table, .rule_count = sizeof(table) / sizeof((table)[0])

static const struct claim_rule bitbucket_rules[] = {
	{"sub provider_id", TAKE_TEXT, "uuid", NULL},
	{"name full_name", TAKE_TEXT, "display_name", NULL},
	{"picture avatar_url", TAKE_TEXT, "avatar>href", NULL},
};
static const struct claim_rule discord_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"full_name", TAKE_TEXT, "username", NULL},
	{"global_name", TAKE_CUSTOM_TEXT, "global_name", NULL},
};
static const struct claim_rule facebook_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"name full_name", TAKE_NAMES, "first_name", "last_name"},
	{"nickname slug", TAKE_TEXT, "name", NULL},
	{"picture avatar_url", TAKE_TEXT, "picture>data>url", NULL},
};
static const struct claim_rule figma_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"name full_name", TAKE_TEXT, "handle", NULL},
	{"avatar_url", TAKE_TEXT, "img_url", NULL},
};
static const struct claim_rule fly_rules[] = {
	{"sub provider_id", TAKE_TEXT, "user_id", NULL},
	{"full_name", TAKE_TEXT, "user_name", NULL},
	{"resource_owner_id", TAKE_CUSTOM_TEXT, "resource_owner_id", NULL},
	{"created_at", TAKE_CUSTOM_NUMBER, "created_at", NULL},
};
static const struct claim_rule github_rules[] = {
	{"sub provider_id", TAKE_ID, "id", NULL},
	{"name full_name", TAKE_TEXT, "name", NULL},
	{"preferred_username user_name", TAKE_TEXT, "login", NULL},
	{"avatar_url", TAKE_TEXT, "avatar_url", NULL},
};
static const struct claim_rule gitlab_rules[] = {
	{"sub provider_id", TAKE_ID, "id", NULL},
	{"name full_name", TAKE_TEXT, "name", NULL},
	{"picture avatar_url", TAKE_TEXT, "avatar_url", NULL},
};
static const struct claim_rule google_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"name full_name", TAKE_TEXT, "name", NULL},
	{"picture avatar_url", TAKE_TEXT, "picture", NULL},
};
static const struct claim_rule kakao_rules[] = {
	{"sub provider_id", TAKE_ID, "id", NULL},
	{"name preferred_username full_name user_name", TAKE_TEXT, "kakao_account>profile>nickname", NULL},
	{"avatar_url", TAKE_TEXT, "kakao_account>profile>profile_image_url", NULL},
};
static const struct claim_rule linkedin_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"picture avatar_url", TAKE_TEXT, "profilePicture>displayImage~>elements>0>identifiers>0>identifier", NULL},
};
static const struct claim_rule notion_rules[] = {
	{"sub provider_id", TAKE_TEXT, "bot>owner>user>id", NULL},
	{"name full_name", TAKE_TEXT, "bot>owner>user>name", NULL},
	{"picture avatar_url", TAKE_TEXT, "bot>owner>user>avatar_url", NULL},
};
static const struct claim_rule slack_rules[] = {
	{"sub provider_id", TAKE_TEXT, "https://slack.com/user_id", NULL},
	{"name full_name", TAKE_TEXT, "name", NULL},
	{"picture avatar_url", TAKE_TEXT, "picture", NULL},
	{"https://slack.com/team_id", TAKE_CUSTOM_TEXT, "https://slack.com/team_id", NULL},
};
static const struct claim_rule snapchat_rules[] = {
	{"sub provider_id", TAKE_TEXT, "data>me>externalId", NULL},
	{"name full_name slug", TAKE_TEXT, "data>me>displayName", NULL},
	{"picture avatar_url", TAKE_TEXT, "data>me>bitmoji>avatar", NULL},
};
static const struct claim_rule spotify_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"name full_name", TAKE_TEXT, "display_name", NULL},
};
static const struct claim_rule twitch_rules[] = {
	{"sub provider_id", TAKE_TEXT, "data>0>id", NULL},
	{"name full_name", TAKE_TEXT, "data>0>login", NULL},
	{"nickname slug", TAKE_TEXT, "data>0>display_name", NULL},
	{"picture avatar_url", TAKE_TEXT, "data>0>profile_image_url", NULL},
	{"broadcaster_type", TAKE_CUSTOM_TEXT, "data>0>broadcaster_type", NULL},
	{"description", TAKE_CUSTOM_TEXT, "data>0>description", NULL},
	{"type", TAKE_CUSTOM_TEXT, "data>0>type", NULL},
	{"offline_image_url", TAKE_CUSTOM_TEXT, "data>0>offline_image_url", NULL},
	{"view_count", TAKE_CUSTOM_NUMBER, "data>0>view_count", NULL},
};
static const struct claim_rule twitter_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id_str", NULL},
	{"name full_name", TAKE_TEXT, "name", NULL},
	{"preferred_username user_name", TAKE_TEXT, "screen_name", NULL},
	{"picture avatar_url", TAKE_TEXT, "profile_image_url_https", NULL},
};
static const struct claim_rule workos_rules[] = {
	{"sub provider_id", TAKE_TEXT, "profile>id", NULL},
	{"name full_name", TAKE_NAMES, "profile>first_name", "profile>last_name"},
	{"connection_id", TAKE_CUSTOM_TEXT, "profile>connection_id", NULL},
	{"organization_id", TAKE_CUSTOM_TEXT, "profile>organization_id", NULL},
};
static const struct claim_rule x_rules[] = {
	{"sub provider_id", TAKE_TEXT, "data>id", NULL},
	{"name full_name", TAKE_TEXT, "data>name", NULL},
	{"preferred_username user_name", TAKE_TEXT, "data>username", NULL},
	{"picture avatar_url", TAKE_TEXT, "data>profile_image_url", NULL},
	{"website", TAKE_TEXT, "data>url", NULL},
	{"created_at", TAKE_CUSTOM_TEXT, "data>created_at", NULL},
};
static const struct claim_rule zoom_rules[] = {
	{"sub provider_id", TAKE_TEXT, "id", NULL},
	{"name full_name", TAKE_NAMES, "first_name", "last_name"},
	{"picture avatar_url", TAKE_TEXT, "pic_url", NULL},
};

#define SNAPCHAT_QUERY "%7Bme+%7B+externalId+displayName+bitmoji+%7B+avatar+id+%7D+email+%7D+%7D"
#define SNAPCHAT_SCOPE "https://auth.snapchat.com/oauth2/api/user."
#define LINKEDIN_ME "/v2/me?projection=(id,firstName,lastName,profilePicture(displayImage~:playableStreams))"
#define FACEBOOK_ME "/me?fields=email,first_name,last_name,name,picture"
#define X_ME "/2/users/me?user.fields=id,name,username,confirmed_email,profile_image_url,url,created_at"

static const struct provider_row rows[] = {
	{
		.name = "apple",
		.discovery = ISSUER_APPLE,
		.scopes = "email name",
		.flags = PROVIDER_IGNORES_SCOPES | PROVIDER_IGNORES_URL,
		.authorize_params = apple_authorize,
		.profile = apple_profile,
	},
	{
		.name = "azure",
		.authorize = {"login.microsoftonline.com/common", "/oauth2/v2.0/authorize", NULL},
		.token = {"login.microsoftonline.com/common", "/oauth2/v2.0/token", NULL},
		.scopes = "openid",
		.profile = azure_profile,
	},
	{
		.name = "bitbucket",
		.authorize = {"bitbucket.org", "/site/oauth2/authorize", NULL},
		.token = {"bitbucket.org", "/site/oauth2/access_token", NULL},
		.user = {"api.bitbucket.org", "/2.0/user", NULL},
		.issuer = {"api.bitbucket.org", "/2.0", NULL},
		.scopes = "account email",
		.flags = PROVIDER_IGNORES_SCOPES,
		RULES(bitbucket_rules),
		.also = bitbucket_also,
	},
	{
		.name = "discord",
		.authorize = {"discord.com", "/api/oauth2/authorize", NULL},
		.token = {"discord.com", "/api/oauth2/token", NULL},
		.user = {"discord.com", "/api/users/@me", NULL},
		.issuer = {"discord.com", "/api", NULL},
		.scopes = "email identify",
		RULES(discord_rules),
		.email = "email",
		.verified = VERIFIED_BY_FIELD,
		.verified_field = "verified",
		.also = discord_also,
	},
	{
		.name = "facebook",
		.authorize = {"www.facebook.com", "/dialog/oauth", NULL},
		.token = {"graph.facebook.com", "/oauth/access_token", NULL},
		.user = {"graph.facebook.com", FACEBOOK_ME, NULL},
		.issuer = {"graph.facebook.com", FACEBOOK_ME, NULL},
		.scopes = "email",
		RULES(facebook_rules),
		.email = "email",
		.profile = facebook_profile,
	},
	{
		.name = "figma",
		.authorize = {"www.figma.com", "/oauth", NULL},
		.token = {"api.figma.com", "/v1/oauth/token", NULL},
		.user = {"api.figma.com", "/v1/me", NULL},
		.issuer = {"api.figma.com", "", NULL},
		.scopes = "current_user:read",
		RULES(figma_rules),
		.email = "email",
	},
	{
		.name = "fly",
		.authorize = {"api.fly.io", "/oauth/authorize", NULL},
		.token = {"api.fly.io", "/oauth/token", NULL},
		.user = {"api.fly.io", "/oauth/token/info", NULL},
		.issuer = {"api.fly.io", "", NULL},
		.scopes = "read",
		RULES(fly_rules),
		.email = "email",
		.also = fly_also,
	},
	{
		.name = "github",
		.authorize = {"github.com", "/login/oauth/authorize", NULL},
		.token = {"github.com", "/login/oauth/access_token", NULL},
		.user = {"api.github.com", "/user", "/api/v3"},
		.issuer = {"api.github.com", "", "/api/v3"},
		.scopes = "user:email",
		RULES(github_rules),
		.also = github_also,
	},
	{
		.name = "gitlab",
		.authorize = {"gitlab.com", "/oauth/authorize", NULL},
		.token = {"gitlab.com", "/oauth/token", NULL},
		.user = {"gitlab.com", "/api/v4/user", NULL},
		.issuer = {"gitlab.com", "", NULL},
		.scopes = "read_user",
		RULES(gitlab_rules),
		.also = gitlab_also,
	},
	{
		.name = "google",
		.discovery = ISSUER_GOOGLE,
		.user = {NULL, "https://www.googleapis.com/userinfo/v2/me", NULL},
		.issuer = {NULL, "https://www.googleapis.com/userinfo/v2/me", NULL},
		.scopes = "email profile",
		.flags = PROVIDER_IGNORES_URL,
		RULES(google_rules),
		.also = google_also,
		.profile = google_profile,
	},
	{
		.name = "kakao",
		.authorize = {"kauth.kakao.com", "/oauth/authorize", NULL},
		.token = {"kauth.kakao.com", "/oauth/token", NULL},
		.user = {"kapi.kakao.com", "/v2/user/me", NULL},
		.issuer = {"kapi.kakao.com", "", NULL},
		.scopes = "account_email profile_image profile_nickname",
		.flags = PROVIDER_BODY_ONLY,
		RULES(kakao_rules),
		.also = kakao_also,
	},
	{
		.name = "keycloak",
		.authorize = {"", "/protocol/openid-connect/auth", NULL},
		.token = {"", "/protocol/openid-connect/token", NULL},
		.user = {"", "/protocol/openid-connect/userinfo", NULL},
		.issuer = {"", "", NULL},
		.scopes = "profile email",
		.flags = PROVIDER_NEEDS_URL,
		.profile = keycloak_profile,
	},
	{
		.name = "linkedin",
		.authorize = {"api.linkedin.com", "/oauth/v2/authorization", NULL},
		.token = {"api.linkedin.com", "/oauth/v2/accessToken", NULL},
		.user = {"api.linkedin.com", LINKEDIN_ME, NULL},
		.issuer = {"api.linkedin.com", "", NULL},
		.scopes = "r_emailaddress r_liteprofile",
		RULES(linkedin_rules),
		.also = linkedin_also,
	},
	{
		.name = "linkedin_oidc",
		.authorize = {"api.linkedin.com", "/oauth/v2/authorization", NULL},
		.token = {"api.linkedin.com", "/oauth/v2/accessToken", NULL},
		.discovery = ISSUER_LINKEDIN,
		.scopes = "openid email profile",
		.profile = linkedin_oidc_profile,
	},
	{
		.name = "notion",
		.authorize = {"api.notion.com", "/v1/oauth/authorize", NULL},
		.token = {"api.notion.com", "/v1/oauth/token", NULL},
		.user = {"api.notion.com", "/v1/users/me", NULL},
		.issuer = {"api.notion.com", "", NULL},
		.flags = PROVIDER_IGNORES_SCOPES | PROVIDER_STRICT_JSON | PROVIDER_BEARER,
		RULES(notion_rules),
		.email = "bot>owner>user>person>email",
		.user_headers = notion_headers,
	},
	{
		.name = "slack",
		.authorize = {"slack.com", "/oauth/authorize", NULL},
		.token = {"slack.com", "/api/oauth.access", NULL},
		.user = {"slack.com", "/api/openid.connect.userInfo", NULL},
		.issuer = {"slack.com", "/api", NULL},
		.scopes = "profile email openid",
		RULES(slack_rules),
		.email = "email",
	},
	{
		.name = "slack_oidc",
		.authorize = {"slack.com", "/openid/connect/authorize", NULL},
		.token = {"slack.com", "/api/openid.connect.token", NULL},
		.user = {"slack.com", "/api/openid.connect.userInfo", NULL},
		.issuer = {"slack.com", "/api", NULL},
		.scopes = "profile email openid",
		RULES(slack_rules),
		.email = "email",
		.verified = VERIFIED_BY_FIELD,
		.verified_field = "email_verified",
	},
	{
		.name = "snapchat",
		.authorize = {"accounts.snapchat.com", "/accounts/oauth2/auth", NULL},
		.token = {"accounts.snapchat.com", "/accounts/oauth2/token", NULL},
		.user = {"kit.snapchat.com", "/v1/me?query=" SNAPCHAT_QUERY, NULL},
		.issuer = {NULL, ISSUER_SNAPCHAT, NULL},
		.scopes = SNAPCHAT_SCOPE "external_id " SNAPCHAT_SCOPE "display_name " SNAPCHAT_SCOPE "bitmoji.avatar",
		RULES(snapchat_rules),
		.email = "data>me>email",
	},
	{
		.name = "spotify",
		.authorize = {"accounts.spotify.com", "/authorize", NULL},
		.token = {"accounts.spotify.com", "/api/token", NULL},
		.user = {"api.spotify.com/v1", "/me", NULL},
		.issuer = {"api.spotify.com/v1", "", NULL},
		.scopes = "user-read-email",
		RULES(spotify_rules),
		.email = "email",
		.verified = VERIFIED_NEVER,
		.also = spotify_also,
	},
	{
		.name = "twitch",
		.authorize = {"id.twitch.tv", "/oauth2/authorize", NULL},
		.token = {"id.twitch.tv", "/oauth2/token", NULL},
		.user = {"api.twitch.tv", "/helix/users", NULL},
		.issuer = {"api.twitch.tv", "", NULL},
		.scopes = "user:read:email",
		.flags = PROVIDER_STRICT_JSON | PROVIDER_BEARER,
		RULES(twitch_rules),
		.email = "data>0>email",
		.also = twitch_also,
		.user_headers = twitch_headers,
	},
	{
		.name = "twitter",
		.authorize = {"api.twitter.com", "/oauth/authenticate", NULL},
		.token = {"api.twitter.com", "/oauth/access_token", NULL},
		.user = {"api.twitter.com", "/1.1/account/verify_credentials.json", NULL},
		.issuer = {"api.twitter.com", "/1.1/account/verify_credentials.json", NULL},
		.flags = PROVIDER_IGNORES_SCOPES,
		RULES(twitter_rules),
		.email = "email",
	},
	{
		.name = "vercel_marketplace",
		.authorize = {"api.vercel.com", "/oauth/v2/authorization", NULL},
		.token = {"api.vercel.com", "/oauth/v2/accessToken", NULL},
		.discovery = ISSUER_VERCEL,
		.profile = vercel_profile,
	},
	{
		.name = "workos",
		.authorize = {"api.workos.com", "/sso/authorize", NULL},
		.token = {"api.workos.com", "/sso/token", NULL},
		.issuer = {"api.workos.com", "", NULL},
		.flags = PROVIDER_IGNORES_SCOPES,
		RULES(workos_rules),
		.email = "profile>email",
		.profile = workos_profile,
	},
	{
		.name = "x",
		.authorize = {"x.com", "/i/oauth2/authorize", NULL},
		.token = {"api.x.com", "/2/oauth2/token", NULL},
		.user = {"api.x.com", X_ME, NULL},
		.issuer = {"api.x.com", "", NULL},
		.scopes = "users.email tweet.read users.read offline.access",
		.flags = PROVIDER_PKCE,
		RULES(x_rules),
		.email = "data>confirmed_email",
		.also = x_also,
	},
	{
		.name = "zoom",
		.authorize = {"zoom.us", "/oauth/authorize", NULL},
		.token = {"zoom.us", "/oauth/token", NULL},
		.user = {"api.zoom.us", "/v2/users/me", NULL},
		.issuer = {"api.zoom.us", "/v2", NULL},
		.flags = PROVIDER_IGNORES_SCOPES,
		RULES(zoom_rules),
		.also = zoom_also,
	},
};

const struct provider_row *provider_row(struct text name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (text_is(name, rows[i].name))
			return &rows[i];
	return NULL;
}
