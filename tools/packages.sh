# Debian packages the project needs. Sourced by quickstart and check; installs only what is missing.
packages_build="autoconf automake gcc libc6-dev make pkg-config libfcgi-dev libpq-dev libjson-c-dev libssl-dev libsodium-dev libcrypt-dev libtalloc-dev libcurl4-openssl-dev libesmtp-dev libargon2-dev libsecp256k1-dev libxml2-dev zlib1g-dev liboath-dev libqrencode-dev libcbor-dev"
packages_run="lighttpd postgresql openssl curl ca-certificates"
packages_test="libcmocka-dev clang-format mandoc apache2-bin libapache2-mod-fcgid libapache2-mod-auth-openidc git chromium prometheus"
packages_packaging="apache2-dev debhelper debootstrap lintian rpm rpmlint systemd-container"

# Debian's Node.js where the machine has none of its own.
packages_node() {
	{ command -v node && command -v npm; } >/dev/null 2>&1 || echo "nodejs npm"
}

packages_missing() {
	local name
	for name in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s ' "$name"
	done
}

# packages_install NAME…: 0 where all are there afterwards.
packages_install() {
	local missing output
	command -v apt-get >/dev/null 2>&1 || {
		echo "This is no Debian or Ubuntu: packages are left to you; configure names what it misses."
		return 0
	}
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		printf 'These packages are missing, and installing them takes root:\n  sudo apt-get install %s\nRun that, or this command through sudo.\n' "$missing" >&2
		return 1
	fi
	echo "installing packages: $missing"
	output=$(packages_quietly "$missing" 2>&1) || {
		tail -n 20 <<<"$output" >&2
		return 1
	}
}

# Installs without starting or enabling the services that come along: lighttpd and PostgreSQL run privately here, and what
# the machine already serves stays as it is.
packages_quietly() {
	local policy=/usr/sbin/policy-rc.d mine= unit
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q || return 1
	if [ ! -e "$policy" ]; then
		mine=yes
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
	fi
	# shellcheck disable=SC2086
	apt-get install -q -y --no-install-recommends $1 && local status=0 || local status=$?
	[ -z "$mine" ] || rm -f "$policy"
	if [ -d /run/systemd/system ]; then
		for unit in lighttpd postgresql prometheus; do
			case " $1 " in *" $unit "*) systemctl disable -q "$unit" ;; esac
		done
	fi
	return "$status"
}
