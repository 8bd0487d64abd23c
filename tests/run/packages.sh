# make check-packages: the Debian packages built, and installed, upgraded, removed and purged in clean Debian systems; the RPM packages through
# rpm --root. Takes root, a mirror, and ten minutes or more; no part of ./check without being named.
#
#   PACKAGE_SUITES   releases of Debian (default: bookworm trixie)
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$source_root/tools/packages.sh"
. "$source_root/tests/packages/roots.sh"
. "$source_root/tests/packages/expect.sh"
[ "$(id -u)" -eq 0 ] || { echo "make check-packages makes whole Debian systems in folders, boots them and installs into them: it takes root" >&2; exit 2; }
need_build
packages_install $packages_packaging
work=$build/packages
mkdir -p "$work"
trap 'roots_end; part_end' EXIT

check() { # check WHAT COMMAND…: nothing may be said
	local what=$1 said
	shift
	if said=$("$@" 2>&1) && [ -z "$said" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not ok: %s\n%s\n' "$what" "$said"
	fi
}

# ---- in clean Debian systems ----
make -s -C "$build" dist-xz >"$scratch/dist.log" 2>&1 || { tail -n 20 "$scratch/dist.log"; exit 1; }
version=$(sed -n "s/^PACKAGE_VERSION = //p" "$build/Makefile")
for suite in ${PACKAGE_SUITES:-bookworm trixie}; do
	root_make "$suite" || { echo "not ok: no $suite from this host's mirror"; failed=$((failed + 1)); continue; }
	packages_build_in "$suite" "$version" || { echo "not ok: the packages of $suite were not built"; tail -n 40 "$work/$suite.build.log"; failed=$((failed + 1)); continue; }
	check "lintian, $suite" lintian_says "$suite"
	echo "$suite, without systemd:"
	root_copy "$suite" "$scratch/plain"
	test_into "$suite" "$scratch/plain" "$source_root/tests/packages/chroot.sh"
	in_root "$scratch/plain" "$inside/script" | tee "$scratch/out" || true
	add_totals <"$scratch/out"
	rm -rf "$scratch/plain"
	echo "$suite, booted:"
	root_boot_and_run "$suite" "$source_root/tests/packages/booted.sh" | tee "$scratch/out" || true
	add_totals <"$scratch/out"
done

# ---- the bundle: in a folder that has the C library and nothing else ----
. "$source_root/tests/packages/bundle.sh"

# ---- RPM ----
. "$source_root/tests/packages/rpm.sh"
totals
