#!/bin/bash
# make.sh SOURCE FOLDER: fills FOLDER, in which the two programs lie already, with all that a host without root needs. Called by make bundle.
set -euo pipefail
source=$1 folder=$2

# of the C library: the host's own
is_libc() {
	case $1 in
	ld-linux* | libc.so.* | libm.so.* | libmvec.so.* | libresolv.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libutil.so.* | libanl.so.* | libnss_*) return 0 ;;
	esac
	return 1
}

terms_of() {
	local path package=
	# dpkg knows some by the path below /usr, some without
	for path in "$(readlink -f "$1")" "$1"; do
		[ -n "$package" ] || package=$(dpkg-query -S "$path" "${path#/usr}" 2>/dev/null | sed -n '1s/:.*//p') || true
	done
	if [ -z "$package" ] || [ ! -f "/usr/share/doc/$package/copyright" ]; then
		echo "the terms of $1 were not found: a bundle is made on Debian, from Debian's libraries" >&2
		return 1
	fi
	cp -L "/usr/share/doc/$package/copyright" "$folder/licenses/$package"
}

mkdir -p "$folder/lib" "$folder/licenses"
ldd "$folder/latchkey.fcgi" "$folder/latchkey" | awk '$2 == "=>" { print $1, $3 }' | sort -u | while read -r name path; do
	is_libc "$name" && continue
	[ -f "$path" ] || { echo "$name was not found" >&2; exit 1; }
	cp -L "$path" "$folder/lib/$name"
	chmod 644 "$folder/lib/$name"
	terms_of "$path"
	# the programs' own search path holds for all libraries, but for one that brings its own
	if readelf -d "$folder/lib/$name" | grep -qE 'R(UN)?PATH'; then patchelf --remove-rpath "$folder/lib/$name"; fi
done

glibc=$(cat "$folder"/lib/* "$folder/latchkey.fcgi" | grep -aoE 'GLIBC_2\.[0-9]+' | sort -uV | tail -n 1 | sed 's/GLIBC_//')
sed -e "s/@GLIBC@/$glibc/" -e "s/@MACHINE@/$(uname -m)/" "$source/bundle/README.md" >"$folder/README.md"
cp "$source/apache/htaccess" "$folder/.htaccess"
cp "$source/tools/database.sql" "$source/LICENSE" "$folder/"
sed -e 's/^#   latchkey-setup .*/#   README.md                    tells step by step/' -e 's|latchkey config check -c /etc/latchkey/latchkey.env  |./latchkey config check      |' \
	-e 's|=/etc/latchkey/|=/home/me/|' "$source/system/latchkey.env" >"$folder/latchkey.env"
chmod 600 "$folder/latchkey.env"
chmod 644 "$folder/.htaccess" "$folder/README.md" "$folder/database.sql" "$folder/LICENSE" "$folder"/licenses/*
