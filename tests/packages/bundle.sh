# The bundle: its libraries come from itself, and it runs where there is the C library alone. Sourced by tests/run/packages.sh.
make -s -C "$build" bundle >"$work/bundle.log" 2>&1 || { tail -n 20 "$work/bundle.log"; exit 1; }
bare=$scratch/bare
mkdir -p "$bare/site" "$bare/dev" "$bare/tmp" "$bare/proc"
tar -C "$bare/site" --strip-components=1 -xJf "$build/latchkey-$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")-$(uname -m).tar.xz"
# what Debian's package of the C library has
dpkg-query -L libc6 | grep -E '/(ld-linux|libc\.|libm\.|libresolv|libpthread|libdl|librt|libnss_(files|dns))[^/]*$' | while read -r file; do
	[ ! -f "$file" ] || install -D "$(readlink -f "$file")" "$bare$file"
done
touch "$bare/dev/null"
printf 'DATABASE_URL=postgres://nobody@127.0.0.1:9/none\nGOTRUE_DB_DRIVER=postgres\nAPI_EXTERNAL_URL=http://localhost/auth/v1\nGOTRUE_SITE_URL=http://localhost\nGOTRUE_JWT_SECRET=%064d\n' 1 >>"$bare/site/latchkey.env"
bare_run() { in_root "$bare" "$@" 2>&1; }

from_outside() { # libraries that would come from the host
	local file
	for file in "$bare/site/latchkey" "$bare/site/latchkey.fcgi"; do
		ldd "$file" | awk '$2 == "=>" { print $1, $3 }' | grep -vE "^(libc|libm|libresolv|libmvec|libpthread|libdl|librt)\.so" | grep -v " $bare/site/lib/" || true
	done
}
check "bundle: all but the C library lies beside the programs" from_outside
check "bundle: the settings are private" test "$(stat -c %a "$bare/site/latchkey.env")" = 600
check "bundle: each library's terms are there" test "$(find "$bare/site/licenses" -type f | wc -l)" -gt 10
check "bundle: the command runs with the C library alone" test "$(bare_run /site/latchkey version)" = "$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")"
check "bundle: the program finds the settings beside it" bare_run /site/latchkey.fcgi --check
check "bundle: no place is left open in the page" sh -c "grep -nE '@[A-Z]+@' '$bare/site/README.md' || true"
rm -rf "$bare"
