# The database room against a real PostgreSQL, and the migrated schema against the reference's.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
"$source_root/tests/db/run" | tee "$scratch/out" || failed=1
add_totals <"$scratch/out"

need_cluster
migrated schema
if "$source_root/tests/schema/compare" "$(cluster_url "$cluster" schema)"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
fi
totals
