# Signing in with somebody else: an OpenID provider that is not ours, the official client, and attacks that must fail.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/oauth"
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --no-audit --no-fund >"$scratch/npm.log" 2>&1 || {
		tail -n 20 "$scratch/npm.log"
		exit 1
	}
fi
# the client and the provider want Node.js 22
for NODE in "$(command -v node)" node_modules/node-linux-*/bin/node; do
	case $("$NODE" --version 2>/dev/null) in v2[2-9].* | v[3-9]?.*) break ;; esac
done
need_cluster
migrated api_template
export TEST_PGHOST=$cluster
PATH=$(cluster_bin):$PATH
# shellcheck disable=SC2086
node_tests ${TEST_FILES:-*.test.mjs}
totals
