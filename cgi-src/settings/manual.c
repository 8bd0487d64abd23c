/* manual.c: latchkey.conf(5), made from the table. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

static const char head[] = ".\\\" made from the table of settings; do not edit\n"
			   ".Dd November 25, 2026\n"
			   ".Dt LATCHKEY.CONF 5\n"
			   ".Os\n"
			   ".Sh NAME\n"
			   ".Nm latchkey.conf\n"
			   ".Nd settings of the authentication server Latchkey\n"
			   ".Sh DESCRIPTION\n"
			   "All settings are variables.\n"
			   "They come from the process environment; from the file given with\n"
			   ".Fl c ,\n"
			   "which overrides the environment; without\n"
			   ".Fl c\n"
			   "from the file that\n"
			   ".Ev LATCHKEY_CONFIG\n"
			   "names or, where that is not set, from\n"
			   ".Pa latchkey.env\n"
			   "beside the program, which override it too and must not be accessible to\n"
			   "other users; where there is none, from\n"
			   ".Pa .env\n"
			   "in the working directory, which only fills gaps; and from the files of the\n"
			   "folder given with\n"
			   ".Fl d\n"
			   "in the order of their names, which override all the rest and are read\n"
			   "again when they change.\n"
			   ".Pp\n"
			   "Files whose name ends in\n"
			   ".Pa .json\n"
			   "hold one JSON object of strings, others lines\n"
			   ".Li NAME=value .\n"
			   "Values may stand in single quotes (as they are) or double quotes\n"
			   ".Pq Li \\en , \\er\n"
			   "and a backslash before any other character are understood); a\n"
			   ".Li #\n"
			   "after a blank starts a comment; variables are not substituted.\n"
			   ".Pp\n"
			   "Each secret can be given in a file of its own, named by the variable with\n"
			   ".Li _FILE\n"
			   "at its end; a newline at the end of that file does not count.\n"
			   ".Pp\n"
			   ".Ic latchkey config\n"
			   "shows what counts and where it came from,\n"
			   ".Ic latchkey config check\n"
			   "what is wrong.\n"
			   ".Ss Values\n"
			   "A variable that is set to nothing is set: its default does not apply, and\n"
			   "for most types nothing is no value.\n"
			   "A truth is\n"
			   ".Li true\n"
			   "or\n"
			   ".Li false\n"
			   ".Pq also 1, t, T, TRUE, True and 0, f, F, FALSE, False .\n"
			   "Whole numbers may be written in base 16, 8 and 2\n"
			   ".Pq Li 0x1f , 0o17 , 017 , 0b11 ;\n"
			   "durations such as\n"
			   ".Li 1h30m\n"
			   "have the units ns, us, ms, s, m and h.\n"
			   "Items of a list are parted by commas, blanks count.\n"
			   "A rate is a number of events in an hour, or\n"
			   ".Li events/duration ,\n"
			   "all of which may come at once.\n";

static const char foot[] = ".Sh SEE ALSO\n.Xr latchkey 1 ,\n.Xr latchkey.fcgi 8\n";

#define LINE_LEN 70

/* A word in roff: backslashes, and what would be a control line. */
static size_t put_word(const char *word, size_t len, bool first)
{
	if (first && (*word == '.' || *word == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\')
			fputs("\\e", stdout);
		else if (len - i >= 3 && memcmp(word + i, "\xe2\x80\xa6", 3) == 0)
			fputs("...", stdout), i += 2;
		else
			putchar(word[i]);
	}
	return len;
}

/* Words in lines; more may follow on the last line, which has used so much. */
static size_t put_text(const char *text, size_t used)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (used && used + len > LINE_LEN) {
			putchar('\n');
			used = 0;
		} else if (used) {
			putchar(' ');
			used++;
		}
		used += put_word(text, len, used == 0);
		text += len + strspn(text + len, " ");
	}
	return used;
}

/* An argument of a macro. */
static void put_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		if (*text == '\\')
			putchar('\\');
		putchar(*text == '\\' ? 'e' : *text);
	}
	putchar('"');
}

static void range_text(struct buffer *out, const struct setting *setting)
{
	static const char *const outside[] = {" (else refused)", " (else moved there)", ""};

	if (!setting->least)
		return;
	if (setting->most)
		buffer_format(out, ", %s to %s", setting->least, setting->most);
	else
		buffer_format(out, ", at least %s", setting->least);
	buffer_string(out, outside[setting->outside]);
	if (setting->outside == OUTSIDE_RESET)
		buffer_format(out, " (else %s)", setting->reset);
}

static void put_facts(const struct setting *setting)
{
	const char *value = setting->fallback ? setting->fallback : setting->instead;
	struct buffer *facts = buffer_new(NULL, 128);

	buffer_format(facts, "Type: %s", setting_kind(setting->type)->words);
	range_text(facts, setting);
	buffer_string(facts, setting->flags & SETTING_REQUIRED ? "; required" : "");
	buffer_string(facts, setting->flags & SETTING_SECRET ? "; secret." : ".");
	put_text(facts->data, 0);
	talloc_free(facts);
	putchar('\n');
	if (!value)
		return;
	fputs("Default:\n.Li ", stdout);
	put_quoted(value);
	puts(" .");
}

static void put_setting(const struct setting *setting)
{
	fputs(".It Ev ", stdout);
	put_quoted(setting->name);
	if (setting->bare)
		printf(" , %s", setting->bare);
	putchar('\n');
	put_text(setting->meaning, 0);
	puts(".");
	put_facts(setting);
}

static void put_section(const struct section *section)
{
	printf(".Ss %s\n", section->title);
	if (section->family) {
		puts("The star stands for each of");
		for (size_t i = 0; i < section->family->count; i++)
			printf("%s%s\n", section->family->names[i], i + 1 < section->family->count ? "," : ".");
	}
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < section->count; i++)
		put_setting(&section->rows[i]);
	puts(".El");
}

int settings_manual(void)
{
	size_t count;
	const struct section *const *sections = all_sections(&count);

	fputs(head, stdout);
	puts(".Sh SETTINGS");
	for (size_t i = 0; i < count; i++)
		put_section(sections[i]);
	fputs(foot, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
