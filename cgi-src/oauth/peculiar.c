/* peculiar.c: what single providers' answers need beyond the rules of their rows (contract 07 section 6.3, "Details"). */
#include <stdlib.h>
#include <string.h>

#include "oauth_int.h"

/* ---- lists of addresses -------------------------------------------------------------------------------------------------------------------- */

struct address_list {
	const char *at;			/* path of the array; "": the answer itself */
	const char *verified, *primary; /* NULL: false */
};

static int take_address(struct request *req, struct json_object *entry, const struct address_list *list, struct oauth_profile *profile)
{
	bool verified = false, primary = false;
	struct text address;

	if (answer_text(entry, "email", &address) < 0 || (list->verified && answer_true(entry, list->verified, &verified) < 0) ||
	    (list->primary && answer_true(entry, list->primary, &primary) < 0))
		return -1;
	if (address.len)
		profile_email(req, profile, address, verified, primary);
	return 0;
}

/* A further call: URL of the user data with this at the end. */
static int take_addresses(struct request *req, struct oauth_provider *provider, const struct address_list *list, struct oauth_profile *profile)
{
	struct text url = text_of(format(req, "%.*s/emails", (int)provider->user_url.len, provider->user_url.data)), body;
	struct json_object *answer, *array;

	if (provider_get(req, provider, url, &answer, &body) < 0)
		return -1;
	if (list->at[0] ? answer_at(answer, list->at, &array) < 0 : (array = answer, 0))
		return provider_complain(req, "the list of addresses is of another type");
	if (!array)
		return 0;
	if (!json_object_is_type(array, json_type_array))
		return provider_complain(req, "the list of addresses is none");
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (take_address(req, json_object_array_get_idx(array, i), list, profile) < 0)
			return provider_complain(req, "an address is of another type");
	return 0;
}

int github_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	(void)answer;
	return take_addresses(req, provider, &(struct address_list){"", "verified", "primary"}, profile);
}

int bitbucket_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	(void)answer;
	return take_addresses(req, provider, &(struct address_list){"values", "is_confirmed", "is_primary"}, profile);
}

int gitlab_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text address, confirmed;

	if (take_addresses(req, provider, &(struct address_list){"", NULL, NULL}, profile) < 0)
		return -1;
	if (answer_text(answer, "email", &address) < 0 || answer_text(answer, "confirmed_at", &confirmed) < 0)
		return provider_complain(req, "the address is of another type");
	if (address.len)
		profile_email(req, profile, address, confirmed.len > 0, true);
	return 0;
}

/* ---- one address with rules of its own -------------------------------------------------------------------------------------------------------- */

int google_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text address;
	bool one, other;

	(void)provider;
	if (answer_text(answer, "email", &address) < 0 || answer_true(answer, "verified_email", &one) < 0 ||
	    answer_true(answer, "email_verified", &other) < 0)
		return provider_complain(req, "the address is of another type");
	if (address.len)
		profile_email(req, profile, address, one || other, true);
	return 0;
}

int kakao_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text address;
	bool valid, verified;

	(void)provider;
	if (answer_text(answer, "kakao_account>email", &address) < 0 || answer_true(answer, "kakao_account>is_email_valid", &valid) < 0 ||
	    answer_true(answer, "kakao_account>is_email_verified", &verified) < 0)
		return provider_complain(req, "the address is of another type");
	if (address.len)
		profile_email(req, profile, address, valid && verified, true);
	return 0;
}

int zoom_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text address, login_type;
	double verified;

	(void)provider;
	if (answer_text(answer, "email", &address) < 0 || answer_text(answer, "login_type", &login_type) < 0 ||
	    answer_number(answer, "verified", &verified) < 0)
		return provider_complain(req, "the address is of another type");
	if (address.len)
		profile_email(req, profile, address, !text_is(login_type, "100") || verified != 0, true);
	return 0;
}

/* First and last name in the language that the member prefers. */
static int linkedin_name(struct request *req, struct json_object *answer, const char *which, struct text *name)
{
	struct text language, country;
	struct json_object *localized, *value;

	if (answer_text(answer, format(req, "%s>preferredLocale>language", which), &language) < 0 ||
	    answer_text(answer, format(req, "%s>preferredLocale>country", which), &country) < 0 ||
	    answer_at(answer, format(req, "%s>localized", which), &localized) < 0)
		return -1;
	value = json_get(localized, format(req, "%.*s_%.*s", (int)language.len, language.data, (int)country.len, country.data));
	*name = value ? text_of(json_object_get_string(value)) : TEXT_NONE;
	return value && !json_object_is_type(value, json_type_string) ? -1 : 0;
}

static int linkedin_address(struct request *req, struct oauth_provider *provider, struct text *address)
{
	static const char path[] = "/v2/emailAddress?q=members&projection=(elements*(handle~))";
	struct json_object *answer;
	struct text body;

	if (provider_get(req, provider, provider_url(req, provider, (struct endpoint){provider->row->user.host, path, NULL}), &answer, &body) < 0)
		return -1;
	return answer_text(answer, "elements>0>handle~>emailAddress", address);
}

int linkedin_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text first, last, address;

	if (linkedin_name(req, answer, "firstName", &first) < 0 || linkedin_name(req, answer, "lastName", &last) < 0)
		return provider_complain(req, "the name is of another type");
	claim_texts(profile, "name full_name", names_joined(req, first, last));
	if (linkedin_address(req, provider, &address) < 0)
		return -1;
	if (address.len)
		profile_email(req, profile, address, true, true);
	return 0;
}

/* ---- claims ------------------------------------------------------------------------------------------------------------------------------------ */

static int discord_default_avatar(struct request *req, struct text discriminator, struct text *url)
{
	char *end;
	const char *digits = text_string(req, discriminator);
	long number = strtol(digits, &end, 10);

	if (end == digits || *end)
		return provider_complain(req, "the discriminator is no number");
	*url = text_of(format(req, "https://cdn.discordapp.com/embed/avatars/%ld.png", number % 5));
	return 0;
}

int discord_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text id, username, discriminator, avatar, url;

	(void)provider;
	if (answer_text(answer, "id", &id) < 0 || answer_text(answer, "username", &username) < 0 ||
	    answer_text(answer, "discriminator", &discriminator) < 0 || answer_text(answer, "avatar", &avatar) < 0)
		return provider_complain(req, "the user is of another type");
	claim_text(profile, "name", text_of(format(req, "%.*s#%.*s", (int)username.len, username.data, (int)discriminator.len, discriminator.data)));
	if (!avatar.len && discord_default_avatar(req, discriminator, &url) < 0)
		return -1;
	if (avatar.len)
		url = text_of(format(req, "https://cdn.discordapp.com/avatars/%.*s/%.*s.%s", (int)id.len, id.data, (int)avatar.len, avatar.data,
				     text_starts(avatar, "a_") ? "gif" : "png"));
	claim_texts(profile, "picture avatar_url", url);
	return 0;
}

/* A copy with these members alone; "" where one is missing. NULL: it is of another type. */
static struct json_object *organisation(struct json_object *entry)
{
	static const char *const names[] = {"id", "role"};
	struct json_object *copy = must(json_object_new_object());

	for (size_t i = 0; i < 2; i++) {
		struct text value;

		if (answer_text(entry, names[i], &value) < 0) {
			json_object_put(copy);
			return NULL;
		}
		json_object_object_add(copy, names[i], must(json_object_new_string_len(value.data ? value.data : "", (int)value.len)));
	}
	return copy;
}

static int fly_organisations(struct json_object *answer, struct json_object *custom)
{
	struct json_object *list, *copy, *one;

	if (answer_at(answer, "organizations", &list) < 0 || (list && !json_object_is_type(list, json_type_array)))
		return -1;
	copy = list ? must(json_object_new_array()) : NULL;
	json_object_object_add(custom, "organizations", copy);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		one = organisation(json_object_array_get_idx(list, i));
		if (!one)
			return -1;
		json_object_array_add(copy, one);
	}
	return 0;
}

static bool is_text_or_none(struct json_object *value)
{
	return !value || json_object_is_type(value, json_type_string);
}

static int fly_lists(struct json_object *answer, struct json_object *custom)
{
	struct json_object *scope, *application;

	if (answer_at(answer, "scope", &scope) < 0 || (scope && !json_object_is_type(scope, json_type_array)) ||
	    answer_at(answer, "application", &application) < 0 || (application && !json_object_is_type(application, json_type_object)))
		return -1;
	for (size_t i = 0; scope && i < json_object_array_length(scope); i++)
		if (!is_text_or_none(json_object_array_get_idx(scope, i)))
			return -1;
	if (application) {
		json_object_object_foreach(application, name, value)
		{
			(void)name;
			if (!is_text_or_none(value))
				return -1;
		}
	}
	json_object_object_add(custom, "scope", json_object_get(scope));
	json_object_object_add(custom, "application", json_object_get(application));
	return 0;
}

int fly_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct json_object *custom = claim_custom(profile);

	(void)provider;
	if (fly_organisations(answer, custom) < 0 || fly_lists(answer, custom) < 0)
		return provider_complain(req, "the token's description is of another type");
	return 0;
}

/* The largest image, the first of several as large. */
int spotify_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct json_object *images;
	struct text best = TEXT_NONE;
	double best_size = -1;

	(void)provider;
	if (answer_at(answer, "images", &images) < 0 || (images && !json_object_is_type(images, json_type_array)))
		return provider_complain(req, "the images are of another type");
	for (size_t i = 0; images && i < json_object_array_length(images); i++) {
		struct json_object *image = json_object_array_get_idx(images, i);
		double height, width;
		struct text url;

		if (answer_text(image, "url", &url) < 0 || answer_number(image, "height", &height) < 0 || answer_number(image, "width", &width) < 0)
			return provider_complain(req, "an image is of another type");
		if (height * width > best_size) {
			best = url;
			best_size = height * width;
		}
	}
	claim_texts(profile, "picture avatar_url", best);
	return 0;
}

int twitch_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct json_object *data;
	struct text created;
	moment at;

	(void)provider;
	(void)profile;
	if (answer_at(answer, "data", &data) < 0 || !json_object_is_type(data, json_type_array) || json_object_array_length(data) == 0)
		return provider_complain(req, "there is no user in the answer");
	if (answer_text(answer, "data>0>created_at", &created) < 0 || (created.data && !moment_parse(created, &at)))
		return provider_complain(req, "created_at is no time");
	return 0;
}

int x_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile)
{
	struct text username;

	(void)provider;
	if (answer_text(answer, "data>username", &username) < 0)
		return provider_complain(req, "the user name is of another type");
	claim_text(profile, "profile", text_of(format(req, "https://x.com/%.*s", (int)username.len, username.data)));
	return 0;
}

/* ---- headers ------------------------------------------------------------------------------------------------------------------------------------ */

void notion_headers(struct oauth_provider *provider, struct outbound_header *headers, size_t *count)
{
	(void)provider;
	headers[(*count)++] = (struct outbound_header){"Notion-Version", TEXT("2021-08-16")};
}

void twitch_headers(struct oauth_provider *provider, struct outbound_header *headers, size_t *count)
{
	headers[(*count)++] = (struct outbound_header){"Client-Id", provider->client_id};
}
