# Makes the two tables of steps from sql/migrations/: those of schema auth, and from latchkey.sql our own.
# A step starts with `-- step: 20210710035447 what it does`; comment lines after it explain and are left out.

function c_string(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n\"\n\t\t\"", text)
	return "\"" text "\""
}

function flush_step()
{
	if (version == "")
		return
	if (sql == "") {
		print FILENAME ": step " version " has no text" > "/dev/stderr"
		exit_status = 1
	}
	line = "\t{" c_string(version) ", " c_string(title) ",\n\t\t" c_string(sql) "},\n"
	tables[own] = tables[own] line
	version = ""
	sql = ""
}

FNR == 1 {
	flush_step()
	own = FILENAME ~ /latchkey\.sql$/
}
/^-- step: / {
	flush_step()
	version = $3
	title = $0
	sub(/^-- step: [^ ]* /, "", title)
	if (own ? version != last[own] + 1 : version <= last[own] "") {
		print FILENAME ":" FNR ": step " version " is out of order" > "/dev/stderr"
		exit_status = 1
	}
	last[own] = version
	next
}
/^[ \t]*--/ { next }
version != "" {
	sub(/[ \t]+$/, "")
	if ($0 != "")
		sql = sql (sql == "" ? "" : "\n") $0
}

END {
	flush_step()
	if (exit_status)
		exit exit_status
	print "/* Made from sql/migrations/ by build-aux/migrations.awk. */"
	print "#include \"cgi-src/db/db_int.h\"\n"
	print "const struct migration_step migration_steps[] = {\n" tables[0] "\t{NULL, NULL, NULL},\n};\n"
	print "const struct migration_step migration_own_steps[] = {\n" tables[1] "\t{NULL, NULL, NULL},\n};"
}
