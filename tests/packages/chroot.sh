#!/bin/bash
# Without systemd, as in many containers: the packages beside this script are installed, upgraded, removed and purged, and the program is served
# through the web server's own starting. Ends with "N passed, M failed".
set -uo pipefail
cd "$(dirname "$0")" || exit
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
. ./expect.sh
apt() { apt-get -q -y --no-install-recommends "$@" >>apt.log 2>&1 || { echo "apt-get $*:" && tail -n 30 apt.log; }; }

apt install ./packages/latchkey_1.deb
expect "installed" "ii 640 root latchkey" "$(dpkg-query -W -f '${db:Status-Abbrev}' latchkey)$(stat -c '%a %U %G' /etc/latchkey/latchkey.env)"
expect "the folders are there" "750 latchkey" "$(stat -c '%a %U' /var/lib/latchkey)"
secret=$(md5sum </etc/latchkey/latchkey.env)
apt install ./packages/latchkey_2.deb
expect "upgraded" "ii 0.1.0-2" "$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' latchkey)"
expect "the settings are kept" "$secret" "$(md5sum </etc/latchkey/latchkey.env)"
expect "and the command works" 0.1.0 "$(latchkey version)"
apt remove latchkey
expect "removed: the settings stay" "$secret" "$(md5sum </etc/latchkey/latchkey.env)"
apt install ./packages/latchkey_2.deb
expect "installed again: they are still the same" "$secret" "$(md5sum </etc/latchkey/latchkey.env)"
apt purge latchkey
expect "purged" "" "$(ls -d /etc/latchkey /var/lib/latchkey /var/log/latchkey /usr/libexec/latchkey 2>/dev/null)"
echo "$passed passed, $failed failed"
