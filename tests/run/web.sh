# Both web servers in front of the program: headers, bodies, paths, slow clients, prefix.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
need_cluster
migrated web
cp "$scratch/web.env" "$scratch/server.env"
export TEST_ENV=$scratch/web.env
node_tests "$source_root"/tests/web/*.test.mjs
totals
