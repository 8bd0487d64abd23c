# Mails as they leave: relays that fail, lie and hang, a real one with TLS and sign-in, the outbox, workers that are killed.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/mail"
: "${TEST_SECONDS:=600}"
node_part
# shellcheck disable=SC2086
node_tests ${NODE_ARGS:-} ${TEST_FILES:-*.test.mjs}
totals
