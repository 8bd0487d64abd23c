# What every part of ./check shares: where things are, a private database cluster, how results are told.
#
#   source_root, build    the source tree and the build under test (BUILD_DIR, default build/)
#   scratch               a folder of this part's own, removed at the end
#   need_build            says what to do where nothing is built
#   need_cluster          starts a cluster in $scratch/pg (fsync off); $cluster is its folder
#   migrated NAME         a migrated database
#   node_part             in the folder of a part's tests: what they need of npm, a node that is new enough, a cluster with api_template
set -euo pipefail

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BUILD_DIR:-$source_root/build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
export BUILD_DIR=$build
. "$source_root/tools/cluster.sh"

scratch=$(mktemp -d /tmp/lk.XXXXXX)
chmod 755 "$scratch"
export TMPDIR=$scratch
cluster=$scratch/pg

part_end() {
	cluster_stop "$cluster"
	rm -rf "$scratch"
}
trap part_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

need_build() {
	[ -x "$build/latchkey.fcgi" ] && [ -x "$build/latchkey" ] && return 0
	echo "nothing is built in $build: run ./check --build" >&2
	exit 2
}

need_cluster() {
	CLUSTER_OPTIONS=${CLUSTER_OPTIONS-$'fsync = off\nsynchronous_commit = off\nfull_page_writes = off'} cluster_make "$cluster"
	cluster_start "$cluster"
}

migrated() {
	cluster_database "$cluster" "$1"
	environment "$1" >"$scratch/$1.env"
	"$build/latchkey" migrate -c "$scratch/$1.env" >"$scratch/$1.migrate.log" 2>&1 || {
		cat "$scratch/$1.migrate.log" >&2
		return 1
	}
}

# The least that a server needs, for that database.
environment() {
	cat <<TEXT
DATABASE_URL="$(cluster_url "$cluster" "$1")"
GOTRUE_DB_DRIVER=postgres
DB_NAMESPACE=auth
API_EXTERNAL_URL=http://127.0.0.1:9999
GOTRUE_SITE_URL=http://localhost:3000
GOTRUE_JWT_SECRET=tests-only-secret-that-is-long-enough-for-hs256
GOTRUE_JWT_AUD=authenticated
GOTRUE_JWT_EXP=3600
GOTRUE_JWT_ADMIN_ROLES=service_role,supabase_admin
GOTRUE_JWT_DEFAULT_GROUP_NAME=authenticated
GOTRUE_MAILER_AUTOCONFIRM=true
GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED=true
TEXT
}

# The last line of what it is given, where it is a total; adds it to the part's own.
passed=0 failed=0
add_totals() {
	local line
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' | tail -n 1) || line="0 passed, 1 failed"
	passed=$((passed + ${line%% passed*}))
	line=${line#*, }
	failed=$((failed + ${line%% failed*}))
}

totals() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

# The cases inside the test programs that `make check` ran, from their logs.
unit_totals() {
	local log good bad
	for log in $(find "$1" -maxdepth 3 -name '*.trs' | sort); do
		log=${log%.trs}.log
		good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
		bad=$(sed -n 's/^\[  FAILED  \] .*, \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
		if grep -q '^:test-result: \(FAIL\|ERROR\)' "${log%.log}.trs"; then
			cat "$log"
			bad=${bad:-1}
		fi
		passed=$((passed + ${good:-1}))
		failed=$((failed + ${bad:-0}))
	done
}

node_part() {
	if [ -f package-lock.json ] && { [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; }; then
		npm ci --no-audit --no-fund >"$scratch/npm.log" 2>&1 || {
			tail -n 20 "$scratch/npm.log"
			exit 1
		}
	fi
	# the clients want Node.js 22; npm's package brings it
	for NODE in "$(command -v node)" node_modules/node-linux-*/bin/node; do
		case $("$NODE" --version 2>/dev/null) in v2[2-9].* | v[3-9]?.*) break ;; esac
	done
	[ -x "$NODE" ] || NODE=$(command -v node)
	need_cluster
	migrated api_template
	export TEST_PGHOST=$cluster
	PATH=$(cluster_bin):$PATH
}

# node_tests FILE…: runs node's test runner and adds its totals.
node_tests() {
	local log
	log=$(mktemp)
	timeout -k 5 "${TEST_SECONDS:-300}" "${NODE:-node}" --test --test-reporter=tap "$@" >"$log" 2>&1 || [ $? -lt 124 ] || echo "not ok: the tests did not end in time" | tee -a "$log"
	grep -vE '^ *(# Subtest|ok |---|\.\.\.|duration_ms|type:|TAP|1\.\.)' "$log" || true
	passed=$((passed + $(sed -n 's/^# pass //p' "$log" | tail -n 1 | grep . || echo 0)))
	failed=$((failed + $(sed -n 's/^# fail //p' "$log" | tail -n 1 | grep . || echo 1)))
	failed=$((failed + $(sed -n 's/^# cancelled //p' "$log" | tail -n 1 | grep . || echo 0)))
}

# play ARGUMENTS…: conformance scenarios; the few that clocks and a busy machine may have failed are played once more, alone, and are named.
play() {
	local out=$scratch/play.$RANDOM again
	"$source_root/tests/conform/try" "$@" >"$out" || true
	again=$(sed -n 's/^FAIL \([^ ]*\).*/\1/p' "$out")
	# shellcheck disable=SC2086
	if [ -n "$again" ] && [ "$(echo $again | wc -w)" -le 8 ]; then
		grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$out" | grep -v '^ok ' || true
		echo "once more, alone: $again"
		"$source_root/tests/conform/try" -v -j 1 $again >"$out.again" || true
		grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$out.again" || true
		awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed = $3 } END { print passed " passed, " failed " failed" }' "$out" "$out.again"
	else
		cat "$out"
	fi
}
