# The tarball holds all that is needed: unpacked, built, tested, installed and uninstalled (make distcheck).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_build
if make -C "$build" distcheck AM_DISTCHECK_CONFIGURE_FLAGS=--enable-werror DISTCHECK_CONFIGURE_FLAGS= >"$scratch/log" 2>&1; then passed=1; else
	failed=1
	tail -n 60 "$scratch/log"
fi
# nothing is forgotten: what git tracks is in it
if git -C "$source_root" rev-parse >"$scratch/git" 2>&1; then
	git -C "$source_root" ls-files | grep -vE '(^|/)\.gitignore$' | sort >"$scratch/tracked"
	tar tJf "$(find "$build" -maxdepth 1 -name 'latchkey-*.tar.xz' | tail -n 1)" | sed 's,^[^/]*/,,' | sort >"$scratch/held"
	if comm -23 "$scratch/tracked" "$scratch/held" | tee "$scratch/forgotten" | sed 's/^/not in the tarball: /' | grep .; then failed=$((failed + 1)); else passed=$((passed + 1)); fi
fi
totals
