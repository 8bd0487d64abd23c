# AddressSanitizer and UndefinedBehaviorSanitizer: unit tests, every third scenario and the mails, with a build of its own.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$source_root/tools/build.sh"
asan=$source_root/build-asan
build_tree "$source_root" "$asan" "$asan/logs/build.log" --enable-werror --enable-sanitizers
reports=$scratch/reports
mkdir -m 777 "$reports"
export UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/ubsan
export ASAN_OPTIONS=detect_leaks=0
make -C "$asan" -j2 -k check || failed=1
unit_totals "$asan"

export ASAN_OPTIONS=detect_leaks=0:log_path=$reports/asan
some=$(cd "$source_root/tests/conform/scenarios" 2>/dev/null && find . -name '*.json' | sort | awk 'NR % 3 == 1 { sub(/^\.\//, ""); print }')
if [ -n "$some" ]; then
	# shellcheck disable=SC2086
	BUILD_DIR=$asan play -v -j 3 $some | tee "$scratch/out"
	add_totals <"$scratch/out"
fi
# couriers, the outbox, hostile relays
BUILD_DIR=$asan TEST_FILES="relays.test.mjs templates.test.mjs outbox.test.mjs" bash "$source_root/tests/run/mail.sh" >"$scratch/mail" || true
grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$scratch/mail" || true
add_totals <"$scratch/mail"
for report in "$reports"/*; do
	[ -f "$report" ] || continue
	echo "a sanitizer reports:"
	head -n 40 "$report"
	failed=$((failed + 1))
done
totals
