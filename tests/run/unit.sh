# Unit tests (cmocka), fuzz corpora and whatever else `make check` runs.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
make -C "$build" -j2 -k check || failed=1
unit_totals "$build"
totals
