/* flags.c: the flags of the operator's command (contract 02 section 5.1). */
#include <string.h>

#include "command.h"

struct flag {
	const char *name;
	char letter;	   /* '\0': none */
	size_t value, set; /* offset of the string or of the truth in struct command_line */
	bool takes_value;
};

#define LINE(member) offsetof(struct command_line, member)
static const struct flag flags[] = {
	{"config", 'c', LINE(place.config_file), 0, true},
	{"config-dir", 'd', LINE(place.config_dir), 0, true},
	{"help", 'h', 0, LINE(help), false},
	{"json", '\0', 0, LINE(json), false},
	{"save", '\0', LINE(save), 0, true},
	{"check", '\0', 0, LINE(check), false},
	{"all", '\0', 0, LINE(all), false},
	{"aud", 'a', LINE(aud), 0, true},
	{"confirm", '\0', 0, LINE(confirm), false},
	{"admin", '\0', 0, LINE(admin), false},
	{"relay", '\0', LINE(relay), 0, true},
	{"input", '\0', LINE(input), 0, true},
	{"locale", '\0', LINE(locale), 0, true},
};

static const struct flag *flag_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strlen(flags[i].name) == len && memcmp(flags[i].name, name, len) == 0)
			return &flags[i];
	return NULL;
}

static const struct flag *flag_lettered(char letter)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (letter && flags[i].letter == letter)
			return &flags[i];
	return NULL;
}

static void set_flag(struct command_line *line, const struct flag *flag, const char *value)
{
	if (flag->takes_value)
		*(const char **)((char *)line + flag->value) = value;
	else
		*(bool *)((char *)line + flag->set) = true;
}

/* --name, --name=value, --name value. */
static const char *take_long(TALLOC_CTX *mem, char **argv, int *at, struct command_line *line)
{
	const char *name = argv[*at] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct flag *flag = flag_named(name, len);
	const char *value = equals ? equals + 1 : NULL;

	if (!flag)
		return format(mem, "unknown flag: --%.*s", (int)len, name);
	if (flag->takes_value && !value && !argv[*at + 1])
		return format(mem, "flag needs an argument: --%s", flag->name);
	if (flag->takes_value && !value)
		value = argv[++*at];
	set_flag(line, flag, value);
	return NULL;
}

/* -h, -cVALUE, -c=VALUE, -c VALUE, and several in one. */
static const char *take_letters(TALLOC_CTX *mem, char **argv, int *at, struct command_line *line)
{
	const char *word = argv[*at];

	for (const char *letter = word + 1; *letter; letter++) {
		const struct flag *flag = flag_lettered(*letter);
		const char *value = letter + 1;

		if (!flag)
			return format(mem, "unknown shorthand flag: '%c' in %s", *letter, word);
		if (!flag->takes_value) {
			set_flag(line, flag, NULL);
			continue;
		}
		if (*value == '\0' && !argv[*at + 1])
			return format(mem, "flag needs an argument: '%c' in %s", *letter, word);
		if (*value == '\0')
			value = argv[++*at];
		else if (*value == '=')
			value++;
		set_flag(line, flag, value);
		return NULL;
	}
	return NULL;
}

const char *command_line_parse(TALLOC_CTX *mem, int argc, char **argv, struct command_line *line)
{
	bool only_words = false;

	*line = (struct command_line){.place = {.program = argv[0]}};
	line->words = must(talloc_zero_array(mem, const char *, (unsigned)argc + 1));
	for (int at = 1; at < argc; at++) {
		const char *wrong = NULL;

		if (only_words || argv[at][0] != '-' || argv[at][1] == '\0')
			line->words[line->word_count++] = argv[at];
		else if (strcmp(argv[at], "--") == 0)
			only_words = true;
		else if (argv[at][1] == '-')
			wrong = take_long(mem, argv, &at, line);
		else
			wrong = take_letters(mem, argv, &at, line);
		if (wrong)
			return wrong;
	}
	return NULL;
}
