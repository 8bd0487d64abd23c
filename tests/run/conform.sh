# The conformance scenarios of tests/conform, side by side; each that is there must pass.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
play -v -j 3 | tee "$scratch/out"
add_totals <"$scratch/out"
totals
