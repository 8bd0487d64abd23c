# The conformance scenarios of tests/conform, side by side; each that is there must pass.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
"$source_root/tests/conform/try" -v -j 4 | tee "$scratch/out" || true
add_totals <"$scratch/out"
totals
