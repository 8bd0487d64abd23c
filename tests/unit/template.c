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

/* What the language of the reference makes of each: "" and NULL for wanted stand for an error while parsing and while running. */
struct edge {
	const char *source, *wanted;
};
static const char no_parse[] = "";

static void check_edges(const struct edge *edges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		TALLOC_CTX *mem = talloc_new(NULL);
		const char *why = NULL;
		struct template *template = template_parse(mem, text_of(edges[i].source), TEMPLATE_HTML, &why);
		struct text out;
		int result;

		if (!template != (edges[i].wanted == no_parse))
			fail_msg("%s: %s", edges[i].source, template ? "parsed" : why);
		result = template ? template_execute(mem, template, variables(mem), &out, &why) : -1;
		if (template && (result == 0) != (edges[i].wanted != NULL))
			fail_msg("%s: %s", edges[i].source, result == 0 ? out.data : why);
		if (result == 0 && strcmp(out.data, edges[i].wanted) != 0)
			fail_msg("%s: %s", edges[i].source, out.data);
		talloc_free(mem);
	}
}

static void language_edges(void **state)
{
	static const struct edge edges[] = {
		{"{{ 0b101 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }} {{ 0x1p4 }} {{ -.5e-3 }} {{ 'a' }} {{ '\\n' }}", "5 15 15 1000 16 -0.0005 97 10"},
		{"{{ 100000000000000000000 }}", no_parse},
		{"{{ 1e400 }}", no_parse},
		{"{{ \"\\x41\\u00e9\\101\\U0001F600\" }}", "A\xc3\xa9"
							   "A\xf0\x9f\x98\x80"},
		{"{{ \"\\'\" }}", no_parse},
		{"{{ \"a\nb\" }}", no_parse},
		{"a {{/* c */ }} b", no_parse},
		{"a {{/*/}} b", no_parse},
		{"a {{- /* }} {{ */ -}} b", "ab"},
		{"{{ range 3 }}{{ . }}{{ end }}{{ range 0 }}x{{ else }}none{{ end }}", "012none"},
		{"{{ $i := 0 }}{{ $v := 0 }}{{ range $i, $v = .Data.list }}{{ $i }}{{ end }}{{ $i }}{{ $v }}", "011b"},
		{"{{ $x = 1 }}", NULL},
		{"{{ $x := $x }}", NULL},
		{"{{ $x, $y := .Data.list }}", no_parse},
		{"{{ $x := 1 }}{{ define \"t\" }}{{ $x = 2 }}{{ end }}{{ template \"t\" }}", NULL},
		{"{{ $x := 1 }}{{ define \"t\" }}{{ $y := 2 }}{{ $y }}{{ end }}{{ if true }}{{ $x }}{{ template \"t\" }}{{ end }}", "12"},
		{"{{ range $i, $v := 0 }}{{ end }}", NULL},
		{"{{ .Token | $ }}", NULL},
		{"{{ .Token | }}", "123456"},
		{"{{ .Token | | len }}", no_parse},
		{"{{ .Data.z.x }}", NULL},
		{"{{ .Data.nothing.x.y }}{{ (index .Data \"z\").x }}", ""},
		{"{{ index nil }}", NULL},
		{"{{ slice .Data.list 0 1 1 }}", "[a]"},
		{"{{ slice \"abc\" 0 1 1 }}", NULL},
		{"{{ ..x }}", no_parse},
		{"{{ if true }}{{ define \"t\" }}{{ end }}{{ end }}", no_parse},
		{"{{ define \"t\" }}1{{ end }}{{ define \"t\" }}2{{ end }}", no_parse},
		{"{{ define \"t\" }} {{ end }}{{ define \"t\" }}2{{ end }}{{ define \"t\" }}{{ end }}{{ template \"t\" }}", "2"},
		{"{{ block \"t\" }}{{ end }}", no_parse},
		{"{{ define \"t\" }}<b>{{ if . }}{{ template \"t\" false }}{{ end }}</b>{{ end }}{{ template \"t\" true }}", "<b><b></b></b>"},
		{"{{ if false }}{{ template \"none\" }}{{ end }}", NULL},
		{"{{ range .Data.list }}<p title=\"{{ break }}\">{{ end }}", NULL},
		{"{{ range .Data.list }}{{ if eq . \"b\" }}{{ break }}{{ end }}<p title=\"{{ . }}\">{{ end }}", "<p title=\"a\">"},
		{"{{ printf \"%x|%.3d|%X|%o|%c|%q\" -255 7 255 8 65 65 }}", "-ff|007|FF|10|A|&#39;A&#39;"},
		{"{{ printf \"%g|%e|%08.2f|%5v|%05v|%T\" 1.5 1.5 1.5 3 3 3 }}", "1.5|1.500000e&#43;00|00001.50|    3|00003|int"},
		{"{{ printf \"%s\" .Data.list }}{{ printf \"%d\" .Data.list }}", "[a b][%!d(string=a) %!d(string=b)]"},
		{"{{ printf \"%s\" .Data.o }}", "map[j:&lt;nil&gt; k:%!s(float64=1)]"},
	};

	(void)state;
	check_edges(edges, sizeof(edges) / sizeof(edges[0]));
}

static void html_edges(void **state)
{
	static const struct edge edges[] = {
		{"<title><b>{{ .Data.s }}</title>", "<title>&lt;b>O&#39;Brien &lt;b&gt;</title>"},
		{"<title>a</titlex></title>", "<title>a&lt;/titlex></title>"},
		{"<p title=a\"b>", NULL},
		{"<p title=a=b>", NULL},
		{"<p ti\"tle=x>", NULL},
		{"<p =x>", NULL},
		{"<p {{ \"TITLE\" }}=\"x\" {{ \"href\" }}=y {{ \"data-x\" }}=z {{ \"type\" }}=t>",
		 "<p title=\"x\" ZgotmplZ=y ZgotmplZ=z ZgotmplZ=t>"},
		{"<p {{ if true }}checked{{ end }} {{ if true }}title=\"a\"{{ else }}class='b'{{ end }}>", "<p checked title=\"a\">"},
		{"<p srcdoc=\"{{ .RedirectTo }}\" srclang=\"{{ .RedirectTo }}\" x-src=\"{{ .RedirectTo }}\">",
		 "<p srcdoc=\"myapp://cb?x=1\" srclang=\"myapp://cb?x=1\" x-src=\"#ZgotmplZ\">"},
		{"<a href=\"x&quest;{{ .SiteURL }}\"><a href=\"x&#x3f;{{ .SiteURL }}\">",
		 "<a href=\"x&quest;https%3a%2f%2fs.io\"><a href=\"x&#x3f;https%3a%2f%2fs.io\">"},
		{"<a href=\"/{{ range .Data.list }}{{ . }}/{{ end }}\">", "<a href=\"/a/b/\">"},
		{"<a href=\"/{{ range .Data.list }}?{{ . }}{{ end }}{{ .Token }}\">", NULL},
		{"<a href=\"{{ html \"a`b\" }}\"><a href=\"/{{ urlquery .RedirectTo }}\">",
		 "<a href=\"a%60b\"><a href=\"/myapp%3A%2F%2Fcb%3Fx%3D1\">"},
		{"<a href=\"{{ urlquery .RedirectTo }}\">", "<a href=\"%23ZgotmplZ\">"},
		{"{{ .Data.s | html | print }}", NULL},
		{"{{ .Data.s | urlquery | html }}", NULL},
		{"<p title={{ html .Data.s }}>", NULL},
		{"{{ .Data.z | html }} {{ html .Data.z }}", "&lt;no value&gt; &lt;nil&gt;"},
	};

	(void)state;
	check_edges(edges, sizeof(edges) / sizeof(edges[0]));
}

static void code_edges(void **state)
{
	static const struct edge edges[] = {
		{"<script>x={{ .Data.n }}+{{ .Data.t }}, {{ .Data.z }}</script>", "<script>x= 3 + true ,  null </script>"},
		{"<script>x = /{{ \"a+b\" }}/, a / {{ .Data.n }}</script>", "<script>x = /a\\u002bb/, a /  3 </script>"},
		{"<script>x = \"{{ \"a/b\\n'=\" }}\"</script>", "<script>x = \"a\\/b\\n\\u0027=\"</script>"},
		{"<script>x = `${ {{ .Token }} } {{ \"${`\" }}`</script>", "<script>x = `${ \"123456\" } \\u0024\\u007b\\u0060`</script>"},
		{"<script>x = \"</script>{{ .Token }}\"</script>", "<script>x = \"\\x3C/script>123456\"</script>"},
		{"<script>x = \"\\{{ .Token }}\"</script>", NULL},
		{"<script>x = /[{{ .Token }}]/</script>", NULL},
		{"<script>a // b</script>", NULL},
		{"<script>a // b\nc /* d */ e /* f\ng */ h</script>", "<script>a \nc   e \n h</script>"},
		{"<script>{{ if true }}x{{ else }}={{ end }} /{{ .Token }}/</script>", NULL},
		{"<script type=\"text/x\"><b title=\"{{ .Data.s }}\"></script>",
		 "<script type=\"text/x\"><b title=\"O&#39;Brien &lt;b&gt;\"></script>"},
		{"<a onclick=\"f(&quot;{{ .Data.s }}&quot;) /* {{ .Token }} */\">",
		 "<a onclick=\"f(&quot;O\\u0027Brien \\u003cb\\u003e&quot;) /*  */\">"},
		{"<style>a{b:{{ .Data.z }}px;c:{{ \"a+b\" }};d:{{ \"e\\\\78pression\" }}}</style>", "<style>a{b:px;c:a+b;d:ZgotmplZ}</style>"},
		{"<style>a{b:url('{{ .RedirectTo }}');c:\"{{ \"x/'\" }}\"}</style>", "<style>a{b:url('#ZgotmplZ');c:\"x\\2f\\27 \"}</style>"},
		{"<style>a{b:c} // {{ .Token }}</style>", "<style>a{b:c} </style>"},
		{"<p style=\"color: {{ \"red\" }} /* {{ .Token }} */\">", "<p style=\"color: red /*  */\">"},
	};

	(void)state;
	check_edges(edges, sizeof(edges) / sizeof(edges[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_escapes),
		cmocka_unit_test(numbers_and_printing),
		cmocka_unit_test(control),
		cmocka_unit_test(broken),
		cmocka_unit_test(plain_text),
		cmocka_unit_test(language_edges),
		cmocka_unit_test(html_edges),
		cmocka_unit_test(code_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
