# Passkeys and security keys in Chromium, through Supabase's own client.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/browser"
node_part
# shellcheck disable=SC2086
node_tests ${TEST_FILES:-*.test.mjs}
totals
