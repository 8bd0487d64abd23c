# In Chromium: passkeys and security keys through Supabase's own client, the page of a link.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/browser"
node_part
# shellcheck disable=SC2086
node_tests ${TEST_FILES:-*.test.mjs}
totals
