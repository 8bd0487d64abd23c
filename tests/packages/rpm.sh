# The RPM packages: built with Debian's rpmbuild, linted, and installed, upgraded and removed through rpm --root in a system that has the
# libraries they were linked with. Sourced by tests/run/packages.sh.

rpm_fits() { rpmlint -r "$source_root/rpm/latchkey.rpmlintrc" "$build/rpm/SPECS/latchkey.spec" $(find "$build/rpm" -name '*.rpm') 2>&1 | grep -E ': [EW]: ' || true; }
own_codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

make -s -C "$build" rpm RPM_FLAGS="--nodeps --without check" >"$work/rpm.build.log" 2>&1 || { tail -n 20 "$work/rpm.build.log"; exit 1; }
check "rpmlint" rpm_fits
mkdir -p "$work/rpm.2"
make -s -C "$build" rpm-again RPM_FLAGS="--nodeps --without check" RPM_RELEASE=2 >>"$work/rpm.build.log" 2>&1 || { tail -n 20 "$work/rpm.build.log"; exit 1; }
rpm_root=$scratch/rpm
root_make "$own_codename" && root_copy "$own_codename" "$rpm_root"
# Debian's packages of what the programs were linked with, which dpkg knows by the path below /usr or by the one without
libraries() { ldd "$build/latchkey" "$build/latchkey.fcgi" | awk '$2 == "=>" { print $3; print "/usr" $3 }' | xargs dpkg-query -S 2>/dev/null | sed 's/:.*//' | sort -u; }
in_root "$rpm_root" apt-get -q -y --no-install-recommends install libfcgi-bin openssl $(libraries) >"$work/rpm.apt.log" 2>&1 || tail -n 5 "$work/rpm.apt.log"
# --nodeps: the libraries came as Debian packages
rpm_do() { rpm --root "$rpm_root" --nodeps "$@" >>"$work/rpm.log" 2>&1 || { echo "rpm $*:"; tail -n 20 "$work/rpm.log"; }; }
of_release() { find "$build/rpm/RPMS" -name "*-$1.*.rpm"; }
said() { stat -c '%a %U %G' "$rpm_root/etc/latchkey/latchkey.env" 2>/dev/null; }
: >"$work/rpm.log"

# shellcheck disable=SC2046
rpm_do -i $(of_release 1)
expect "rpm: the settings are made" "640 root $(awk -F: '$1 == "latchkey" { print $3 }' "$rpm_root/etc/group")" "$(stat -c '%a %U %g' "$rpm_root/etc/latchkey/latchkey.env")"
expect "rpm: the files are as they were packed" "" "$(rpm --root "$rpm_root" -V --nodeps latchkey latchkey-apache latchkey-lighttpd)"
expect "rpm: the command works" 0.1.0 "$(in_root "$rpm_root" latchkey version)"
expect "rpm: the socket is the web servers' group's" 1 "$(grep -c '^SocketGroup=latchkey-web$' "$rpm_root/usr/lib/systemd/system/latchkey.socket")"
echo '# mine' >>"$rpm_root/etc/latchkey/latchkey.env"
echo '# mine' >>"$rpm_root/etc/httpd/conf.d/latchkey.conf"
before=$(cd "$rpm_root/etc" && md5sum latchkey/latchkey.env httpd/conf.d/latchkey.conf)
# shellcheck disable=SC2046
rpm_do -U $(of_release 2)
expect "rpm: the upgrade is installed" "$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")-2" "$(rpm --root "$rpm_root" -q --qf '%{version}-%{release}' latchkey)"
expect "rpm: settings are kept" "$before" "$(cd "$rpm_root/etc" && md5sum latchkey/latchkey.env httpd/conf.d/latchkey.conf)"
rpm_do -e latchkey-apache latchkey-lighttpd latchkey
expect "rpm: removed, but for the settings" "/etc/latchkey/latchkey.env" "$(cd "$rpm_root" && find etc usr/bin usr/sbin usr/libexec usr/lib/systemd/system -name '*latchkey*' -type f | grep -v rpmsave | sed 's,^,/,')"
rm -rf "$rpm_root"
