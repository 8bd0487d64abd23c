# The OAuth server with an application that others wrote, attacks on it, and hooks that misbehave.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/idp"
node_part
# shellcheck disable=SC2086
node_tests ${TEST_FILES:-*.test.mjs}
totals
