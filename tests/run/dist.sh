# The tarball holds all that is needed: unpacked, built, tested, installed and uninstalled (make distcheck).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
if make -C "$build" distcheck AM_DISTCHECK_CONFIGURE_FLAGS=--enable-werror DISTCHECK_CONFIGURE_FLAGS= >"$scratch/log" 2>&1; then passed=1; else
	failed=1
	tail -n 60 "$scratch/log"
fi
totals
