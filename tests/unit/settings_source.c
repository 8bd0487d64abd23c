/* settings_source.c: where settings come from: files, folders, the environment (contract 02 section 1). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "settings_test.h"

extern char **environ;

static void write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static void dotenv_values_of_the_contract(void **state)
{
	static const char *const cases[][3] = {
		{"A=1 # c", "A", "1"},
		{"A=1#c", "A", "1#c"},
		{"A=#c", "A", "#c"},
		{"A: x", "A", "x"},
		{"export A=b", "A", "b"},
		{"exportA=b", "exportA", "b"},
		{"A=", "A", ""},
		{"A.B=1", "A.B", "1"},
		{"A B=1", "A B", "1"},
		{"A=\"l1\nl2\"", "A", "l1\nl2"},
		{"A=\"l1\r\nl2\"", "A", "l1\nl2"},
		{"A=\"a\\tb\"", "A", "atb"},
		{"A=\"\\n\"", "A", "\n"},
		{"A='\\n'", "A", "\\n"},
		{"A=\\$B", "A", "$B"},
		{"A=\"$B\\$C ${D}\"", "A", "$B$C ${D}"},
		{"A=$(x)", "A", "$(x)"},
		{"A=1;B=2", "A", "1;B=2"},
		{"A=a # b # c", "A", "a # b"},
		{"A=  spaced out  ", "A", "spaced out"},
		{"A=\"x\\\"\"", "A", "x\\"},
		{"A='a\\'b'", "A", "a\\'b"},
		{"A=\"q\\\"q\"", "A", "q\"q"},
		{"A=\"x\" # c\nB=1", "A", "x"},
		{"A=\"x\"B=2", "B", "2"},
		{"A=1\nA=2", "A", "2"},
		{"# c\n\n  A=1\rB=2", "B", "2"},
		{"A=\"\\\\n\"", "A", "\\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct settings_source *source = source_new(NULL);
		const struct entry *entry;
		const char *why = "";

		if (dotenv_read(source, "f.env", text_of(cases[i][0]), &why) < 0)
			fail_msg("%s: %s", cases[i][0], why);
		entry = source_get(source, cases[i][1]);
		if (!entry || !text_is(entry->value, cases[i][2]))
			fail_msg("%s gives %s", cases[i][0], entry ? entry->value.data : "nothing");
		talloc_free(source);
	}
}

static void dotenv_files_that_do_not_parse(void **state)
{
	static const char *const cases[][2] = {
		{"A-B=1", "unexpected character in variable name: f.env line 1"},
		{"\xef\xbb\xbf"
		 "A=1",
		 "unexpected character in variable name: f.env line 1"},
		{"A=1\n\njust text\n", "unexpected character in variable name: f.env line 3"},
		{"B=1\nA=\"x", "unterminated quoted value: f.env line 2"},
		{"A=\"a\\\\\"", "unterminated quoted value: f.env line 1"},
		{"B='x\\'", "unterminated quoted value: f.env line 1"},
		{"A=\"x\" y\n", "unexpected character in variable name: f.env line 1"},
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct settings_source *source = source_new(NULL);

		assert_int_equal(dotenv_read(source, "f.env", text_of(cases[i][0]), &why), -1);
		assert_string_equal(why, cases[i][1]);
		talloc_free(source);
	}
}

static void json_files(void **state)
{
	static const char *const refused[][2] = {
		{"{\"A\":1}", "json: cannot unmarshal number into Go value of type string"},
		{"[]", "json: cannot unmarshal array into Go value of type map[string]string"},
		{"", "unexpected end of JSON input"},
		{"{} x", "invalid character 'x' after top-level value"},
		{"{\"A\":\"\\u0000\"}", "NUL"},
	};
	struct settings_source *source = source_new(NULL);
	const char *why;

	(void)state;
	assert_int_equal(json_file_read(source, "f.json", TEXT("{\"A\":\"1\",\"B\":null,\"A\":\"\\ud83d\\ude00\"}"), &why), 0);
	assert_true(text_is(source_get(source, "A")->value, "\xf0\x9f\x98\x80"));
	assert_true(text_is(source_get(source, "B")->value, ""));
	assert_int_equal(json_file_read(source, "f.json", TEXT("null"), &why), 0);
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		assert_int_equal(json_file_read(source, "f.json", text_of(refused[i][0]), &why), -1);
		assert_non_null(strstr(why, refused[i][1]));
	}
	talloc_free(source);
}

/* A working directory of its own and an environment with base only. */
static int enter_empty_place(void **state)
{
	static char folder[] = "/tmp/latchkey-settings-XXXXXX";
	static char *variables[COUNT_OF(base)];

	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	for (size_t i = 0; i < COUNT_OF(base); i++)
		variables[i] = (char *)base[i];
	environ = variables;
	*state = folder;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_place(void **state)
{
	char command[128];

	environ = NULL;
	setenv("PATH", "/usr/bin:/bin", 1);
	snprintf(command, sizeof(command), "rm -rf %s", (const char *)*state);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static const char *value_in(const struct settings_source *source, const char *name)
{
	const struct entry *entry = source_get(source, name);

	return entry ? entry->value.data : NULL;
}

static void a_file_in_the_working_directory_fills_gaps_and_a_named_one_overrides(void **state)
{
	struct settings_place place = {0};
	const char *problem = NULL;
	struct settings_source *source;

	(void)state;
	write_file(".env", "GOTRUE_SITE_URL=http://dot\nGOTRUE_JWT_AUD=dot\nGOTRUE_INTERNAL_HTTP_TIMEOUT=1s\n");
	write_file("conf.env", "GOTRUE_SITE_URL=http://file\n");
	source = settings_read(NULL, &place, &problem);
	assert_string_equal(value_in(source, "GOTRUE_SITE_URL"), "http://localhost:3000");
	assert_string_equal(value_in(source, "GOTRUE_JWT_AUD"), "dot");
	assert_string_equal(source_get(source, "GOTRUE_JWT_AUD")->origin, ".env");
	assert_null(source_get(source, "GOTRUE_INTERNAL_HTTP_TIMEOUT"));
	talloc_free(source);
	place.config_file = "conf.env";
	source = settings_read(NULL, &place, &problem);
	assert_string_equal(value_in(source, "GOTRUE_SITE_URL"), "http://file");
	assert_null(source_get(source, "GOTRUE_JWT_AUD"));
	talloc_free(source);
}

static void files_that_are_missing_or_wrong_say_so(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *problem = NULL;

	(void)state;
	assert_null(settings_read(mem, &(struct settings_place){.config_file = "missing.env"}, &problem));
	assert_string_equal(problem, "confload.Startup: ReadFile: open missing.env: no such file or directory");
	write_file("conf.json", "{\"GOTRUE_JWT_EXP\":3600}");
	assert_null(settings_read(mem, &(struct settings_place){.config_file = "conf.json"}, &problem));
	assert_non_null(strstr(problem, "confload.Startup: ReadJSON: json: cannot unmarshal number into Go value of type string"));
	write_file(".env", "A=\"topsecret");
	assert_null(settings_read(mem, &(struct settings_place){0}, &problem));
	assert_string_equal(problem, "confload.Startup: ReadDotenv: unterminated quoted value: .env line 1");
	talloc_free(mem);
}

static void a_folder_is_read_in_order_and_pairs_count_once(void **state)
{
	struct settings_place place = {.config_dir = "dir"};
	const char *problem = NULL;
	struct settings_source *source;

	(void)state;
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(mkdir("dir/70.env", 0700), 0);
	write_file("dir/10_a.env", "GOTRUE_JWT_AUD=ten\n");
	write_file("dir/50_b.json", "{\"GOTRUE_JWT_AUD\":\"fifty\"}");
	write_file("dir/50_b.env", "GOTRUE_JWT_AUD=env\nGOTRUE_JWT_ISSUER=env\n");
	write_file("dir/60_c.env.bak", "GOTRUE_JWT_AUD=bak\n");
	write_file("dir/a.env", "X=1\n");
	write_file("dir/a.f.env", "X=2\n");
	write_file("dir/a.json", "{\"Y\":\"3\"}");
	source = settings_read(NULL, &place, &problem);
	assert_string_equal(value_in(source, "GOTRUE_JWT_AUD"), "fifty");
	assert_null(source_get(source, "GOTRUE_JWT_ISSUER"));
	assert_string_equal(value_in(source, "X"), "2");
	assert_string_equal(value_in(source, "Y"), "3");
	assert_string_equal(source_get(source, "GOTRUE_JWT_AUD")->origin, "dir/50_b.json");

	/* values stay after their file has gone; a file that does not parse changes nothing (section 4.2) */
	assert_int_equal(unlink("dir/50_b.json"), 0);
	write_file("dir/90.env", "GOTRUE_JWT_AUD=ninety\n");
	assert_int_equal(settings_reread(source, "dir", &problem), 0);
	assert_string_equal(value_in(source, "GOTRUE_JWT_AUD"), "ninety");
	assert_string_equal(value_in(source, "GOTRUE_JWT_ISSUER"), "env");
	write_file("dir/10_a.env", "GOTRUE_JWT_AUD=other\n");
	write_file("dir/90.env", "GOTRUE_JWT_AUD=last\n");
	write_file("dir/92.json", "{bad");
	assert_int_equal(settings_reread(source, "dir", &problem), -1);
	assert_memory_equal(problem, "confload.Reload: LoadDir: ReadJSON: ", 36);
	assert_string_equal(value_in(source, "GOTRUE_JWT_AUD"), "ninety");
	talloc_free(source);
}

static void a_private_file_must_be_private(void **state)
{
	struct settings_place place = {.program = "./latchkey.fcgi"};
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *problem = NULL;
	struct settings_source *source;

	(void)state;
	write_file("latchkey.env", "GOTRUE_JWT_AUD=beside\nGOTRUE_SITE_URL=http://beside\n");
	write_file("named.env", "GOTRUE_JWT_AUD=named\n");
	write_file(".env", "GOTRUE_JWT_ISSUER=dot\n");
	assert_int_equal(chmod("latchkey.env", 0640), 0);
	assert_null(settings_read(mem, &place, &problem));
	assert_non_null(strstr(problem, "./latchkey.env can be read or written by others (mode 0640)"));
	assert_int_equal(chmod("latchkey.env", 0600), 0);
	source = settings_read(mem, &place, &problem);
	assert_string_equal(value_in(source, "GOTRUE_JWT_AUD"), "beside");
	assert_string_equal(value_in(source, "GOTRUE_SITE_URL"), "http://beside");
	assert_null(source_get(source, "GOTRUE_JWT_ISSUER"));
	environ = NULL;
	setenv("LATCHKEY_CONFIG", "named.env", 1);
	assert_int_equal(chmod("named.env", 0644), 0);
	assert_null(settings_read(mem, &place, &problem));
	assert_int_equal(chmod("named.env", 0640), 0);
	source = settings_read(mem, &place, &problem);
	assert_string_equal(value_in(source, "GOTRUE_JWT_AUD"), "named");
	talloc_free(mem);
}

static void a_secret_comes_from_a_file(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list problems = {0}, notes = {0};
	struct settings_source *source = source_of(mem, (const char *const[VARS_MAX]){NULL});
	struct settings *settings;

	(void)state;
	write_file("secret", "file-secret\n\n");
	source_put(source, TEXT("GOTRUE_SMTP_PASS_FILE"), TEXT("secret"), "environment", PUT_OVERRIDES);
	settings = settings_make(mem, source, &problems, &notes);
	assert_string_equal(settings->smtp.pass, "file-secret\n");
	assert_false(has_part(&notes, "GOTRUE_SMTP_PASS_FILE"));
	source_put(source, TEXT("GOTRUE_SMTP_PASS"), TEXT("direct"), "environment", PUT_OVERRIDES);
	settings = settings_make(mem, source, &problems, &notes);
	assert_string_equal(settings->smtp.pass, "direct");
	assert_true(has_part(&notes, "GOTRUE_SMTP_PASS_FILE is not read"));
	source_put(source, TEXT("GOTRUE_SMS_VONAGE_API_KEY_FILE"), TEXT("nowhere"), "environment", PUT_OVERRIDES);
	assert_null(settings_make(mem, source, &problems, &notes));
	assert_true(has_part(&problems, "GOTRUE_SMS_VONAGE_API_KEY_FILE: open nowhere: no such file or directory"));
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dotenv_values_of_the_contract),
		cmocka_unit_test(dotenv_files_that_do_not_parse),
		cmocka_unit_test(json_files),
		cmocka_unit_test_setup_teardown(a_file_in_the_working_directory_fills_gaps_and_a_named_one_overrides, enter_empty_place, leave_place),
		cmocka_unit_test_setup_teardown(files_that_are_missing_or_wrong_say_so, enter_empty_place, leave_place),
		cmocka_unit_test_setup_teardown(a_folder_is_read_in_order_and_pairs_count_once, enter_empty_place, leave_place),
		cmocka_unit_test_setup_teardown(a_private_file_must_be_private, enter_empty_place, leave_place),
		cmocka_unit_test_setup_teardown(a_secret_comes_from_a_file, enter_empty_place, leave_place),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
