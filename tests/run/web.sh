# Both web servers in front of the program, without a database: headers, bodies, paths, slow clients, prefix; process life.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
node_tests "$source_root"/tests/web/*.test.mjs
totals
