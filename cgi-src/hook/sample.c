/* sample.c: hooks by name, and inputs with made-up values, for the operator to try an endpoint or function with (contract 11 section 4.4). */
#include <ctype.h>

#include "cgi-src/hook/hook_int.h"

#define SAMPLE_ID "00000000-0000-4000-8000-000000000001"
#define SAMPLE_METADATA "\"app_metadata\":{\"provider\":\"email\",\"providers\":[\"email\"]},\"user_metadata\":{\"name\":\"Sample Person\"}"
#define SAMPLE_USER                                                                                                           \
	"\"user\":{\"id\":\"" SAMPLE_ID                                                                                       \
	"\",\"aud\":\"authenticated\",\"role\":\"\",\"email\":\"sample@example.com\",\"phone\":\"15550100\"," SAMPLE_METADATA \
	",\"identities\":[],\"created_at\":\"0001-01-01T00:00:00Z\",\"updated_at\":\"0001-01-01T00:00:00Z\",\"is_anonymous\":false}"
#define SAMPLE_CLAIMS                                                                                                                           \
	"{\"sub\":\"" SAMPLE_ID                                                                                                                 \
	"\",\"aud\":\"authenticated\",\"exp\":4102448400,\"iat\":4102444800,\"email\":\"sample@example.com\",\"phone\":\"\"," SAMPLE_METADATA   \
	",\"role\":\"authenticated\",\"aal\":\"aal1\",\"amr\":[{\"method\":\"password\",\"timestamp\":4102444800}],\"session_id\":\"" SAMPLE_ID \
	"\",\"is_anonymous\":false}"

/* The members that follow the metadata, and the name in the variables. */
static const struct sample {
	const char *name, *members;
} samples[SETTINGS_HOOKS] = {
	[HOOK_MFA_VERIFICATION_ATTEMPT] = {"mfa-verification-attempt",
					   "\"user_id\":\"" SAMPLE_ID "\",\"factor_id\":\"" SAMPLE_ID "\",\"factor_type\":\"totp\",\"valid\":false"},
	[HOOK_PASSWORD_VERIFICATION_ATTEMPT] = {"password-verification-attempt", "\"user_id\":\"" SAMPLE_ID "\",\"valid\":true"},
	[HOOK_CUSTOM_ACCESS_TOKEN] = {"custom-access-token",
				      "\"user_id\":\"" SAMPLE_ID "\",\"claims\":" SAMPLE_CLAIMS ",\"authentication_method\":\"password\""},
	[HOOK_SEND_EMAIL] = {"send-email", SAMPLE_USER
			     ",\"email_data\":{\"token\":\"123456\",\"token_hash\":\"sample\",\"redirect_to\":\"http://localhost:3000\","
			     "\"email_action_type\":\"signup\",\"site_url\":\"http://localhost:9999\",\"token_new\":\"\",\"token_hash_new\":\"\","
			     "\"old_email\":\"\",\"old_phone\":\"\",\"provider\":\"\",\"factor_type\":\"\"}"},
	[HOOK_SEND_SMS] = {"send-sms", SAMPLE_USER ",\"sms\":{\"otp\":\"123456\",\"phone\":\"15550100\"}"},
	[HOOK_BEFORE_USER_CREATED] = {"before-user-created", SAMPLE_USER},
	[HOOK_AFTER_USER_CREATED] = {"after-user-created", SAMPLE_USER},
};

/* Letter case, and - for _, do not matter. */
static bool same_name(struct text given, const char *name)
{
	size_t at = 0;

	for (; at < given.len && name[at]; at++)
		if ((given.data[at] == '_' ? '-' : tolower((unsigned char)given.data[at])) != name[at])
			return false;
	return at == given.len && !name[at];
}

bool hook_point_of(struct text name, enum hook_point *point)
{
	for (int i = 0; i < SETTINGS_HOOKS; i++) {
		*point = (enum hook_point)i;
		if (same_name(name, samples[i].name) || same_name(name, hook_name(*point)))
			return true;
	}
	return false;
}

struct json_writer hook_sample(struct request *req, enum hook_point point)
{
	struct json_writer out = hook_input(req, point);

	buffer_char(out.buffer, ',');
	buffer_string(out.buffer, samples[point].members);
	return out;
}
