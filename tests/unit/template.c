/* template.c: the template language of contract 06 sections 9.3 to 9.5. */
#include "tests/unit/test.h"

#include "latchkey/template.h"

static struct json_object *variables(TALLOC_CTX *mem)
{
	struct json_object *value;
	const char *why;

	json_parse(mem,
		   TEXT("{\"ConfirmationURL\":\"https://x/verify?token=a&type=b\",\"SiteURL\":\"https://s.io\",\"TokenHash\":\"pkce_ab\","
			"\"RedirectTo\":\"myapp://cb?x=1\",\"Email\":\"a+b@x.io\",\"Token\":\"123456\","
			"\"Data\":{\"n\":3,\"f\":1000000,\"g\":0.00001,\"h\":123456.789,\"t\":true,\"z\":null,\"list\":[\"a\",\"b\"],\"o\":{\"k\":1,"
			"\"j\":null},"
			"\"s\":\"O'Brien <b>\",\"e\":[]}}"),
		   &value, &why);
	return value;
}

static void check(const char *source, const char *wanted)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why = NULL;
	struct template *template = template_parse(mem, text_of(source), TEMPLATE_HTML, &why);
	struct text out;

	if (!template)
		fail_msg("%s: %s", source, why);
	if (template_execute(mem, template, variables(mem), &out, &why) < 0)
		fail_msg("%s: %s", source, why);
	assert_string_equal(out.data, wanted);
	talloc_free(mem);
}

static void values_and_escapes(void **state)
{
	(void)state;
	check("<a href=\"{{ .ConfirmationURL }}\">", "<a href=\"https://x/verify?token=a&amp;type=b\">");
	check("<a href=\"{{ .SiteURL }}/c?token_hash={{ .TokenHash }}&next={{ .RedirectTo }}\">",
	      "<a href=\"https://s.io/c?token_hash=pkce_ab&next=myapp%3a%2f%2fcb%3fx%3d1\">");
	check("<a href=\"{{ .RedirectTo }}\">", "<a href=\"#ZgotmplZ\">");
	check("Hi {{ .Email }}", "Hi a&#43;b@x.io");
	check("{{ html \"<i>\" }}", "&lt;i&gt;");
	check("{{ urlquery \"a b&\" }}", "a&#43;b%26");
	check("{{ js \"it's\" }}", "it\\&#39;s");
	check("<p title={{ .Data.s }}>", "<p title=O&#39;Brien&#32;&lt;b&gt;>");
	check("<p title={{ .Nothing }}>", "<p title=ZgotmplZ>");
	check("<script>var x = {{ .Data.s }};</script>", "<script>var x = \"O'Brien \\u003cb\\u003e\";</script>");
	check("a<!--x {{ .Email }}-->b<!--[if mso]>y<![endif]-->c", "abc");
	check("1 < 2 <![if x]> <!DOCTYPE html>", "1 &lt; 2 &lt;![if x]> <!DOCTYPE html>");
	check("<style>/* x */ a{color:{{ .Token }};b:{{ .Data.s }}}</style>", "<style>  a{color:123456;b:ZgotmplZ}</style>");
	check("<title>{{ .Data.s }}</title>", "<title>O&#39;Brien &lt;b&gt;</title>");
}

static void numbers_and_printing(void **state)
{
	(void)state;
	check("{{ .Data.n }} {{ .Data.h }} {{ .Data.g }}", "3 123456.789 1e-05");
	check("{{ .Data.f }}", "1e&#43;06");
	check("{{ printf \"%.0f|%05d|%-4s|%q|%x|%t|%%\" .Data.f 7 \"ab\" \"c\" 255 .Data.t }}", "1000000|00007|ab  |&#34;c&#34;|ff|true|%");
	check("{{ print \"a\" 1 2 \"b\" true }}", "a1 2btrue");
	check("{{ print \"a\" 1 true 2.5 }}", "a1 true 2.5");
	check("{{ .Data.list }} {{ .Data.o }} {{ .Data.z }} {{ .Data.t }}", "[a b] map[j:&lt;nil&gt; k:1]  true");
	check("{{ printf \"%d\" .Data.n }}", "%!d(float64=3)");
}

static void control(void **state)
{
	(void)state;
	check("{{ if .Data.t }}y{{ else }}n{{ end }}{{ if .Data.z }}y{{ else if .Data.n }}m{{ else }}n{{ end }}", "ym");
	check("{{ range $i, $v := .Data.list }}{{ $i }}={{ $v }};{{ end }}{{ range .Data.e }}x{{ else }}none{{ end }}", "0=a;1=b;none");
	check("{{ range $k, $v := .Data.o }}{{ $k }}{{ if eq $k \"k\" }}!{{ break }}{{ end }}{{ end }}", "jk!");
	check("{{ with .Data.o }}{{ .k }}{{ $.Token }}{{ end }}{{ with .Nope }}x{{ else }}-{{ end }}", "1123456-");
	check("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2");
	check("a  {{- /* c */ -}}  b {{- \"c\" -}} d", "abcd");
	check("{{ define \"t\" }}<b>{{ . }}</b>{{ end }}{{ template \"t\" .Token }}{{ block \"u\" . }}{{ .Email }}{{ end }}",
	      "<b>123456</b>a&#43;b@x.io");
	check("{{ and .Data.t .Token }} {{ or .Data.z \"d\" }} {{ not .Data.t }} {{ len .Data.list }} {{ index .Data.list 1 }} {{ index .Data \"o\" "
	      "\"k\" }}",
	      "123456 d false 2 b 1");
	check("{{ slice .Token 1 3 }} {{ \"x\" | printf \"%s-%s\" \"y\" }} {{ eq .Data.n 3.0 }} {{ eq \"a\" \"b\" \"a\" }} {{ lt 1 2 }}",
	      "23 y-x true true true");
	check("{{ (index .Data.list 0) }}{{ .Data.a.b.c }}{{ eq .Data.q \"x\" }}", "afalse");
}

static void broken(void **state)
{
	static const char *const parse[] = {"{{ .A",	    "{{ foo }}",   "{{ if .A }}",	 "{{ end }}", "{{ }}",	"{{ $x }}",  "{{ \"a }}",
					    "{{ .A | 3 }}", "{{ break }}", "{{ define \"x\" }}", "{{ (.A }}", "{{/* x", "{{ else }}"};
	static const char *const run[] = {"{{ .Token.x }}",
					  "{{ len .Nope }}",
					  "{{ index .Data.list 5 }}",
					  "{{ eq .Data.n 3 }}",
					  "{{ lt .Data.z 1 }}",
					  "{{ template \"no\" }}",
					  "<a href=\"{{ .Email }}",
					  "{{ lt \"a\" 1 }}",
					  "{{ if .Data.t }}<a href=\"{{ else }}x{{ end }}",
					  "{{ range .Token }}{{ end }}",
					  "{{ slice .Token 9 }}",
					  "{{ call .Token }}",
					  "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}"};
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why;
	struct text out;

	(void)state;
	for (size_t i = 0; i < sizeof(parse) / sizeof(parse[0]); i++) {
		why = NULL;
		if (template_parse(mem, text_of(parse[i]), TEMPLATE_HTML, &why))
			fail_msg("parsed: %s", parse[i]);
		assert_non_null(why);
	}
	for (size_t i = 0; i < sizeof(run) / sizeof(run[0]); i++) {
		struct template *template = template_parse(mem, text_of(run[i]), TEMPLATE_HTML, &why);

		if (!template)
			fail_msg("%s: %s", run[i], why);
		if (template_execute(mem, template, variables(mem), &out, &why) == 0)
			fail_msg("ran: %s", run[i]);
	}
	talloc_free(mem);
}

static void plain_text(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct json_object *code;
	const char *why;
	struct text out;

	(void)state;
	json_parse(mem, TEXT("{\"Code\":\"12&3\"}"), &code, &why);
	assert_int_equal(template_execute(mem, template_parse(mem, TEXT("Your code is {{ .Code }}"), TEMPLATE_TEXT, &why), code, &out, &why), 0);
	assert_string_equal(out.data, "Your code is 12&3");
	assert_int_equal(template_execute(mem, template_parse(mem, TEXT("{{ .Other }}"), TEMPLATE_TEXT, &why), code, &out, &why), -1);
	assert_null(template_parse(mem, TEXT("{{"), TEMPLATE_TEXT, &why));
	assert_string_equal(why, "unclosed action");
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_escapes), cmocka_unit_test(numbers_and_printing), cmocka_unit_test(control), cmocka_unit_test(broken),
		cmocka_unit_test(plain_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
