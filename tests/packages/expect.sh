# What the tests of packages count with. Sourced, by those that run inside a system too.
passed=${passed:-0} failed=${failed:-0}

# expect WHAT EXPECTED GOT
expect() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not ok: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
	fi
}
