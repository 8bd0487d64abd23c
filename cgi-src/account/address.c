/* address.c: e-mail addresses and phone numbers checked and made normal (contract 05 section 1.8). */
#include <string.h>

#include "account_int.h"

#define EMAIL_MAX 255
#define LABEL_MAX 63
#define PHONE_DIGITS_MIN 2
#define PHONE_DIGITS_MAX 15

/* ASCII only: the locale has no say. */
static bool is_alphanumeric(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_local(char byte)
{
	return is_alphanumeric(byte) || (byte && strchr(".!#$%&'*+/=?^_`{|}~-", byte));
}

static bool label_valid(struct text label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.data[0] == '-' || label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
			return false;
	return true;
}

static bool domain_valid(struct text domain)
{
	struct text label, rest = domain;

	while (text_cut(rest, '.', &label, &rest))
		if (!label_valid(label))
			return false;
	return label_valid(label);
}

static bool email_matches(struct text email)
{
	struct text local, domain;

	if (!text_cut(email, '@', &local, &domain) || local.len == 0)
		return false;
	for (size_t i = 0; i < local.len; i++)
		if (!is_local(local.data[i]))
			return false;
	return domain_valid(domain);
}

int email_validate(struct request *req, struct text email, struct text *normal)
{
	if (text_is_empty(email))
		return fail(req, 400, "validation_failed", "An email address is required");
	if (email.len > EMAIL_MAX)
		return fail(req, 400, "validation_failed", "An email address is too long");
	if (!email_matches(email))
		return fail(req, 400, "validation_failed", "Unable to validate email address: invalid format");
	*normal = text_lower(req, email);
	return 0;
}

struct text phone_normal(TALLOC_CTX *mem, struct text phone)
{
	char *digits = must(talloc_size(mem, phone.len + 1));
	size_t len = 0;

	for (size_t i = 0; i < phone.len; i++)
		if (phone.data[i] != ' ' && !(i == 0 && phone.data[i] == '+'))
			digits[len++] = phone.data[i];
	digits[len] = '\0';
	return (struct text){digits, len};
}

static bool phone_matches(struct text phone)
{
	if (phone.len < PHONE_DIGITS_MIN || phone.len > PHONE_DIGITS_MAX || phone.data[0] == '0')
		return false;
	for (size_t i = 0; i < phone.len; i++)
		if (phone.data[i] < '0' || phone.data[i] > '9')
			return false;
	return true;
}

int phone_validate(struct request *req, struct text phone, struct text *normal)
{
	*normal = phone_normal(req, phone);
	if (!phone_matches(*normal))
		return fail(req, 400, "validation_failed", "Invalid phone number format (E.164 required)");
	return 0;
}
