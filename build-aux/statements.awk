# Makes of the named blocks in sql/statements/ the enum (header=1) and the table (header=0) of all statements.
# A block starts with `-- name: refresh_token_rotate one`; comment lines after it explain and are left out.
# A block that starts with `-- fragment: user_row` is text that {{user_row}} stands for in any statement of any file.

function flush_statement()
{
	if (name == "")
		return
	sub(/[ \n\t;]+$/, "", sql)
	if (sql == "") {
		print FILENAME ": statement " name " has no text" > "/dev/stderr"
		exit_status = 1
	}
	if (kind == "fragment")
		fragments[name] = sql
	else {
		names[++count] = name
		texts[count] = sql
		kinds[count] = kind
	}
	name = ""
	sql = ""
}

# Puts fragments in; they may hold others.
function expand(text, statement,    found, at)
{
	while (match(text, /\{\{[a-z_0-9]+\}\}/)) {
		at = RSTART
		found = substr(text, RSTART + 2, RLENGTH - 4)
		if (!(found in fragments)) {
			print "statement " statement ": no fragment " found > "/dev/stderr"
			exit_status = 1
			return text
		}
		text = substr(text, 1, at - 1) fragments[found] substr(text, at + length(found) + 4)
	}
	return text
}

function c_string(text)
{
	gsub(/\\/, "&&", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n\"\n\t\t\"", text)
	return "\"" text "\""
}

FNR == 1 { flush_statement() }
/^-- fragment: / {
	flush_statement()
	name = $3
	kind = "fragment"
	next
}
/^-- name: / {
	flush_statement()
	name = $3
	kind = $4
	if (name in seen || kind !~ /^(one|many|none)$/) {
		print FILENAME ":" FNR ": bad or repeated statement " name " " kind > "/dev/stderr"
		exit_status = 1
	}
	seen[name] = 1
	next
}
/^[ \t]*--/ { next }
name != "" {
	sub(/[ \t]+$/, "")
	if ($0 != "")
		sql = sql (sql == "" ? "" : "\n") $0
}

END {
	flush_statement()
	for (i = 1; i <= count; i++)
		texts[i] = expand(texts[i], names[i])
	if (exit_status)
		exit exit_status
	print "/* Made from sql/statements/ by build-aux/statements.awk. */"
	if (header) {
		print "#ifndef LATCHKEY_STATEMENTS_H\n#define LATCHKEY_STATEMENTS_H\n"
		print "enum statement {"
		for (i = 1; i <= count; i++)
			print "\tSTMT_" toupper(names[i]) ","
		print "\tSTATEMENTS,\n};\n"
		print "struct statement_text {\n\tconst char *name, *sql;\n};"
		print "extern const struct statement_text statement_table[STATEMENTS];\n\n#endif"
	} else {
		print "#include \"latchkey/statements.h\"\n"
		print "const struct statement_text statement_table[STATEMENTS] = {"
		for (i = 1; i <= count; i++)
			print "\t[STMT_" toupper(names[i]) "] = {\"" names[i] "\",\n\t\t" c_string(texts[i]) "},"
		print "};"
	}
}
