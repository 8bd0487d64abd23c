# The database room against a real PostgreSQL, and the migrated schema against the contract's tables.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
need_cluster
export TEST_PGHOST=$cluster
"$source_root/tests/db/run" | tee "$scratch/out" || failed=1
add_totals <"$scratch/out"
totals
