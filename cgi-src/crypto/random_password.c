/* random_password.c: passwords that nobody is to know (contract 05 section 2.7). */
#include <string.h>

#include "crypto_int.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define SYMBOLS "~!@#$%^&*()_+`-={}|[]\\:\"<>?,./"

static const struct recipe {
	size_t letters, digits, symbols;
} recipes[] = {
	[PASSWORD_ADMIN_CREATED] = {54, 10, 0},
	[PASSWORD_OTP_SIGN_UP] = {53, 10, 1},
};

void random_shuffle(char *items, size_t count)
{
	for (size_t left = count; left > 1; left--) {
		size_t chosen = random_below(left);
		char last = items[left - 1];

		items[left - 1] = items[chosen];
		items[chosen] = last;
	}
}

static char *draw(char *out, size_t count, struct text from)
{
	while (count--)
		*out++ = from.data[random_below(from.len)];
	return out;
}

char *random_password(TALLOC_CTX *mem, enum generated_password kind)
{
	const struct recipe *recipe = &recipes[kind];
	size_t length = recipe->letters + recipe->digits + recipe->symbols;
	char *password = must(talloc_zero_size(mem, length + 1)), *end = password;

	end = draw(end, recipe->letters, TEXT(LETTERS));
	end = draw(end, recipe->digits, TEXT(DIGITS));
	draw(end, recipe->symbols, TEXT(SYMBOLS));
	random_shuffle(password, length);
	return password;
}

char *random_password_with_sets(TALLOC_CTX *mem, size_t length, const struct text_list *sets)
{
	size_t used = 0;
	char *password;

	for (size_t i = 0; i < sets->count; i++)
		used += sets->items[i].len > 0;
	if (used > length)
		length = used;
	password = must(talloc_zero_size(mem, length + 1));
	used = 0;
	for (size_t i = 0; i < sets->count; i++) {
		if (sets->items[i].len)
			draw(password + used++, 1, sets->items[i]);
	}
	draw(password + used, length - used, TEXT(LETTERS DIGITS));
	random_shuffle(password, length);
	return password;
}
