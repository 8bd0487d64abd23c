# Signing in with somebody else: an OpenID provider that is not ours, the official client by itself and in Chromium, and attacks that must fail.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/oauth"
node_part
# shellcheck disable=SC2086
node_tests ${TEST_FILES:-*.test.mjs}
totals
