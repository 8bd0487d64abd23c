# The API through both web servers, with Supabase's own clients and with hostile input; faults of database and workers.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
cd "$source_root/tests/api"
node_part
for TEST_SERVER in ${TEST_SERVERS:-lighttpd apache}; do
	export TEST_SERVER
	echo "through $TEST_SERVER:"
	# shellcheck disable=SC2086
	node_tests ${TEST_FILES:-*.test.mjs}
done
totals
