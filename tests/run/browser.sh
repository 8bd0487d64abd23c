# Passkeys and security keys in Chromium, through Supabase's own client.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/browser"
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --no-audit --no-fund >"$scratch/npm.log" 2>&1 || {
		tail -n 20 "$scratch/npm.log"
		exit 1
	}
fi
need_cluster
migrated api_template
export TEST_PGHOST=$cluster
PATH=$(cluster_bin):$PATH
# shellcheck disable=SC2086
node_tests ${TEST_FILES:-*.test.mjs}
totals
