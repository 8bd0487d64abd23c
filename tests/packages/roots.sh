# Clean Debian systems in folders. Sourced by tests/run/packages.sh. $work keeps what can be used again: SUITE.tar, SUITE.debs/.

# The mirror and the manner that this host's apt has.
mirror() { apt-get indextargets --format '$(REPO_URI) $(COMPONENT) $(CODENAME)' 'Created-By: Packages' | awk -v code="$(. /etc/os-release && echo "$VERSION_CODENAME")" '$2 == "main" && $3 == code { print $1; exit }'; }
apt_manner() { apt-config dump | grep -E '^Acquire::(http|https|ftp|Check|Retries|Max|Languages)' || true; }
apt_proxy() { apt-config shell proxy Acquire::http::Proxy | sed -n "s/^proxy='\(.*\)'$/\1/p"; }

in_root() {
	local root=$1
	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive unshare --mount --pid --fork --kill-child sh -c '
		mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" "$@"
}

# root_make SUITE: $work/SUITE.tar, a minimal system whose apt works
root_make() {
	local suite=$1 root proxy url
	[ ! -f "$work/$suite.tar" ] || return 0
	root=$scratch/$suite.base url=$(mirror) proxy=$(apt_proxy)
	[ -n "$url" ] || { echo "apt on this host has no mirror of its own release" >&2; return 1; }
	http_proxy=${proxy:-${http_proxy:-}} debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$url" >"$work/$suite.debootstrap.log" 2>&1 || { tail -n 5 "$work/$suite.debootstrap.log" >&2; return 1; }
	echo "deb $url $suite main" >"$root/etc/apt/sources.list"
	apt_manner >"$root/etc/apt/apt.conf.d/90host"
	cp -a /etc/apt/auth.conf.d "$root/etc/apt/" 2>/dev/null || true
	cat /etc/hosts >"$root/etc/hosts"
	cat /etc/resolv.conf >"$root/etc/resolv.conf"
	# nothing starts while it is being filled
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
	in_root "$root" apt-get -q update >"$work/$suite.apt.log" 2>&1 || { tail -n 5 "$work/$suite.apt.log" >&2; return 1; }
	tar -C "$root" -cf "$work/$suite.tar.new" . && mv "$work/$suite.tar.new" "$work/$suite.tar"
	rm -rf "$root"
}

root_copy() {
	mkdir -p "$2"
	tar -C "$2" -xf "$work/$1.tar"
	in_root "$2" apt-get -q update >>"$work/$1.apt.log" 2>&1
}

# packages_build_in SUITE VERSION: from the tarball, with no more than its Build-Depends, into $work/SUITE.debs
packages_build_in() {
	local suite=$1 version=$2 root=$scratch/$1.build status=0
	root_copy "$suite" "$root"
	mkdir "$root/build"
	cp "$build/latchkey-$version.tar.xz" "$root/build/latchkey_$version.orig.tar.xz"
	tar -C "$root/build" -xJf "$build/latchkey-$version.tar.xz"
	in_root "$root" sh -ec "cd /build/latchkey-$version
		apt-get -q -y --no-install-recommends install dpkg-dev build-essential
		apt-get -q -y --no-install-recommends build-dep .
		DEB_BUILD_OPTIONS='nocheck parallel=$(nproc)' dpkg-buildpackage --no-sign" >"$work/$suite.build.log" 2>&1 || status=1
	rm -rf "$work/$suite.debs"
	mkdir "$work/$suite.debs"
	cp "$root"/build/latchkey* "$work/$suite.debs/" 2>/dev/null || true
	rm -rf "$root"
	return "$status"
}

lintian_says() { (cd "$work/$1.debs" && lintian --tag-display-limit 0 --fail-on none ./*.changes 2>&1) | grep -vE '^running with root|^warning: ' || true; }

# repack DEB VERSION FOLDER [fcgi]: the same as another version; with a program in place of latchkey.fcgi
repack() {
	local from=$1 version=$2 to=$3 name
	name=$(dpkg-deb -f "$from" Package)
	rm -rf "$scratch/repack"
	dpkg-deb -R "$from" "$scratch/repack"
	sed -i "s/^Version: .*/Version: $version/; s/(>= 0\.[^)]*)/(>= 0.1.0-1)/" "$scratch/repack/DEBIAN/control"
	if [ -n "${4:-}" ]; then
		install -m 755 "$4" "$scratch/repack/usr/libexec/latchkey/latchkey.fcgi"
	fi
	dpkg-deb --root-owner-group -b "$scratch/repack" "$to/${name}_${version##*-}.deb" >/dev/null
}

# where a system of ours has what is for the test
inside=/srv/test

# test_into SUITE ROOT SCRIPT: the script, and beside it packages/ with versions 1 to 5; the program of 3 starts and never answers
test_into() {
	local suite=$1 to=$2$inside/packages deb
	mkdir -p "$to"
	install -m 755 "$3" "$2$inside/script"
	cp "$source_root/tests/packages/expect.sh" "$2$inside/"
	printf '#!/bin/sh\ncase " $* " in *" --check "*) exit 0 ;; esac\nexec sleep 60\n' >"$scratch/silent"
	for deb in "$work/$suite.debs"/latchkey_*.deb "$work/$suite.debs"/latchkey-lighttpd_*.deb "$work/$suite.debs"/latchkey-apache_*.deb; do
		repack "$deb" 0.1.0-1 "$to"
		repack "$deb" 0.1.0-2 "$to"
	done
	repack "$work/$suite.debs"/latchkey_*.deb 0.1.0-3 "$to" "$scratch/silent"
	repack "$work/$suite.debs"/latchkey_*.deb 0.1.0-4 "$to"
	repack "$work/$suite.debs"/latchkey_*.deb 0.1.0-5 "$to"
}

booted=
roots_end() {
	[ -z "$booted" ] || kill -KILL "$booted" 2>/dev/null || true
}

# root_boot_and_run SUITE SCRIPT: with PostgreSQL and both web servers installed, but none of our packages; what the script says
root_boot_and_run() {
	local suite=$1 script=$2 root=$scratch/$1.booted machine=latchkey-$$
	root_copy "$suite" "$root"
	test_into "$suite" "$root" "$script"
	in_root "$root" sh -ec 'apt-get -q -y --no-install-recommends install systemd-sysv dbus postgresql lighttpd apache2 curl procps logrotate
		apt-get -q -y --no-install-recommends satisfy "$(dpkg-deb -f "$0/packages/latchkey_1.deb" Depends)"
		systemctl disable apache2
		systemctl mask systemd-networkd-wait-online apt-daily.timer apt-daily-upgrade.timer' "$inside" >"$work/$suite.booted.log" 2>&1 || { tail -n 20 "$work/$suite.booted.log"; return 1; }
	rm "$root/usr/sbin/policy-rc.d"
	printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
	cat >"$root/etc/systemd/system/packages.service" <<-TEXT
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c '$inside/script >$inside/out 2>&1'
		ExecStopPost=/bin/systemctl --no-block poweroff
		[Install]
		WantedBy=default.target
	TEXT
	in_root "$root" systemctl -q enable packages.service
	timeout -k 5 900 systemd-nspawn -q --register=no --keep-unit --private-network --console=pipe --machine="$machine" -b -D "$root" </dev/null >"$work/$suite.console.log" 2>&1 &
	booted=$!
	wait "$booted" || true
	booted=
	cat "$root$inside/out" 2>/dev/null || tail -n 20 "$work/$suite.console.log"
	rm -rf "$root"
}
