# How the sources read: formatting, length, manual pages.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$source_root"
sources=$(find cgi-src include tests -name node_modules -prune -o -name '*.[ch]' -print | sort)

one() { # one NAME COMMAND…
	local name=$1
	shift
	if "$@" >"$scratch/one" 2>&1; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "not formatted or not right: $name"
		head -n 12 "$scratch/one"
		failed=$((failed + 1))
	fi
}

# shellcheck disable=SC2086
for file in $sources; do one "$file" clang-format --dry-run -Werror "$file"; done
long() { ! wc -l $sources | awk '$1 > 600 && $2 != "total"' | grep .; }
one "no source file over 600 lines" long
opens() { ! for file in $sources; do head -n 1 "$file" | grep -q '^/\*' || echo "$file does not open with a comment"; done | grep .; }
one "every source file says what it is for" opens
for file in man/*.[1-9] "$build"/man/*.[1-9]; do
	[ -f "$file" ] || continue
	one "$file" mandoc -T lint -W warning "$file"
done
one docs/monitoring/alerts.yml promtool check rules docs/monitoring/alerts.yml
unknown_metrics() { # every metric that rules and dashboard ask for is one that the server has
	local name
	for name in $(grep -ohE '\b(http_status_codes|gotrue|latchkey|global_auth)_[a-z_]+' docs/monitoring/* | sort -u); do
		grep -qwE "$name|${name%_bucket}|${name%_count}" cgi-src/metrics/*.c || echo "$name is no metric"
	done
}
all_known() { ! unknown_metrics | grep .; }
one "rules and dashboard ask for metrics that are there" all_known
for file in check quickstart tests/serve tests/conform/try tests/run/*.sh tools/*.sh .ci/run system/latchkey-*.in system/*.sh bundle/*.sh tests/packages/*.sh debian/*.p[or]*; do
	[ -f "$file" ] || continue
	case $(head -n 1 "$file") in *bash* | '# '*) one "$file" bash -n "$file" ;; *) one "$file" sh -n "$file" ;; esac
done

# the service: units that systemd understands, and little that it may do (10 is the worst, 2.0 the bound)
units_are_understood() {
	mkdir -p "$scratch/units"
	sed "s|^ExecStart=[^ ]*|ExecStart=$build/latchkey.fcgi|" "$build/system/latchkey.service" >"$scratch/units/latchkey.service"
	cp "$build/system/latchkey.socket" "$scratch/units/"
	! systemd-analyze verify --man=no "$scratch/units/latchkey.service" "$scratch/units/latchkey.socket" 2>&1 | grep .
}
service_is_confined() { systemd-analyze security --no-pager --offline=true --threshold=19 "$scratch/units/latchkey.service"; }
if command -v systemd-analyze >/dev/null && [ -f "$build/system/latchkey.service" ]; then
	one "latchkey.service and latchkey.socket" units_are_understood
	one "latchkey.service is confined" service_is_confined
fi
totals
