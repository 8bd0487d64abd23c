#!/bin/bash
# A clean Debian that was booted: the packages beside this script are installed, set up, upgraded, removed and purged, as people do it.
# Written for tests/run/packages.sh, which puts it into a container of its own without a network. Ends with "N passed, M failed".
set -uo pipefail
cd "$(dirname "$0")" || exit
here=$PWD
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
env=/etc/latchkey/latchkey.env
. ./expect.sh
there() { [ -e "$1" ] && echo there || echo gone; }
apt() { apt-get -q -y --no-install-recommends --allow-downgrades "$@" >>apt.log 2>&1 || { echo "apt-get $*:" && tail -n 30 apt.log; }; }
packages() { local name; for name in "$@"; do echo "$here/packages/$name"; done; }
health() { curl -s -o /dev/null -w '%{http_code}' "http://localhost/auth/v1/health"; }
signed_up() { curl -s http://localhost/auth/v1/signup -H 'Content-Type: application/json' -d "{\"email\": \"$1@example.com\", \"password\": \"correct horse battery\"}" | grep -c '"access_token"'; }
manager() { systemctl show -P MainPID latchkey.service; }
program() { basename "$(dirname "$(readlink "/proc/$(manager)/exe" | sed 's/ (deleted)$//')")"; }
sql() { (cd / && setpriv --reuid postgres --regid postgres --init-groups psql -X -A -t -q "$@"); }
until_true() { local try; for try in $(seq 100); do "$@" && return 0; sleep 0.1; done; return 1; }

# ---- installed ----
# shellcheck disable=SC2046
apt install $(packages latchkey_1.deb latchkey-lighttpd_1.deb)
expect "the settings are for root and the account alone" "640 root latchkey" "$(stat -c '%a %U %G' $env)"
expect "they have a secret of their own" 1 "$(grep -cE '^GOTRUE_JWT_SECRET=[0-9a-f]{64}$' $env)"
expect "nothing starts before it is set up" "disabled inactive" "$(systemctl is-enabled latchkey.service) $(systemctl is-active latchkey.socket)"
listens() { [ "$(health)" != 000 ]; }
until_true listens
expect "lighttpd serves, and says that nobody answers" 503 "$(health)"
expect "lighttpd's configuration has no warning" "" "$(lighttpd -tt -f /etc/lighttpd/lighttpd.conf 2>&1)"

# ---- set up ----
latchkey-setup http://localhost >setup.log 2>&1 || cat setup.log
expect "it is set up with a key for applications" 1 "$(grep -c '^anon key  *ey' setup.log)"
works() { [ "$(health)" = 200 ]; }
# it leaves a socket alone for a while where nobody answered (disable-time)
until_true works
expect "the site works through lighttpd" 200 "$(health)"
expect "addresses want confirming" 0 "$(signed_up one)"
echo 'GOTRUE_MAILER_AUTOCONFIRM=true' >/etc/latchkey/conf.d/test.env
chgrp latchkey /etc/latchkey/conf.d/test.env
signs_up() { [ "$(signed_up "two$RANDOM")" = 1 ]; }
until_true signs_up
expect "a changed folder of settings counts at once" 0 $?
expect "the service runs as its account" latchkey "$(ps -o user= -p "$(manager)")"
expect "whoever is no web server cannot reach it" "660 latchkey www-data" "$(stat -c '%a %U %G' /run/latchkey/latchkey.socket)"
expect "workers that hash step back under the service's rules too" 19 "$(ps -o ni= -p "$(pgrep -f -o 'latchkey hash' || pgrep -o 'latchkey hash')" | tr -d ' ')"
settings_before=$(md5sum <$env)
latchkey-setup http://localhost >>setup.log 2>&1 || cat setup.log
expect "setting up again changes no setting" "$settings_before" "$(md5sum <$env)"

# ---- upgraded ----
echo '# mine' >>$env
echo '# mine' >>/etc/lighttpd/conf-available/60-latchkey.conf
settings_before=$(md5sum $env /etc/lighttpd/conf-available/60-latchkey.conf)
sql -d latchkey -c "delete from auth.schema_migrations where version = (select max(version) from auth.schema_migrations)"
manager_before=$(manager)
(while [ ! -e stop ]; do health; echo; done >statuses) &
apt install $(packages latchkey_2.deb latchkey-lighttpd_2.deb)
touch stop && wait
expect "the new version is configured" "ii 0.1.0-2" "$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' latchkey)"
expect "no request failed meanwhile" 200 "$(sort -u statuses | tr '\n' ' ' | sed 's/ $//')"
expect "settings are kept" "$settings_before" "$(md5sum $env /etc/lighttpd/conf-available/60-latchkey.conf)"
expect "another process serves" yes "$([ "$(manager)" != "$manager_before" ] && echo yes)"
expect "the schema was saved before it was migrated" "1 600" "$(cat /var/lib/latchkey/schema/*.sql | grep -c 'CREATE TABLE auth.users ') $(stat -c %a /var/lib/latchkey/schema/*.sql)"
expect "it was migrated" 70 "$(sql -d latchkey -c 'select count(*) from auth.schema_migrations')"
expect "the previous program has gone" gone "$(there /usr/libexec/latchkey/previous)"

# ---- to a program that starts and never answers ----
manager_before=$(manager)
apt install $(packages latchkey_3.deb)
expect "the package is configured all the same" "ii 0.1.0-3" "$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' latchkey)"
expect "the old process serves on" "$manager_before 200" "$(manager) $(health)"
expect "it is said" 1 "$(grep -c 'the installed program does not answer' apt.log)"
systemctl restart latchkey.service
expect "after a restart the kept program serves" "previous 200" "$(program) $(health)"
apt install $(packages latchkey_4.deb)
expect "the next version that answers takes over" "latchkey 200 gone gone" \
	"$(program) $(health) $(there /usr/libexec/latchkey/previous) $(there /etc/systemd/system/latchkey.service.d)"

# ---- to one that refuses the settings; the database away ----
sed -i 's/^GOTRUE_JWT_EXP=.*/GOTRUE_JWT_EXP=soon/' $env
apt install $(packages latchkey_5.deb)
expect "settings that are refused keep the old process" 200 "$(health)"
sed -i 's/^GOTRUE_JWT_EXP=.*/GOTRUE_JWT_EXP=3600/' $env
latchkey-upgrade >upgrade.log 2>&1
expect "corrected, it goes on by hand" "0 latchkey gone" "$? $(program) $(there /usr/libexec/latchkey/previous)"

# ---- Apache in place of lighttpd ----
apt remove latchkey-lighttpd
expect "lighttpd's configuration is good without it" "0 404" "$(lighttpd -tt -f /etc/lighttpd/lighttpd.conf >/dev/null 2>&1; echo $?) $(health)"
systemctl disable -q --now lighttpd
systemctl enable -q --now apache2
apt install $(packages latchkey-apache_1.deb)
expect "the site works through Apache" "200 1" "$(health) $(signed_up "three$RANDOM")"

# ---- removed, purged ----
apt remove latchkey latchkey-apache
systemctl restart apache2
expect "removed: Apache serves without it" 404 "$(health)"
expect "removed: settings and saved schemas stay" "there there" "$(there $env) $(there /var/lib/latchkey/schema)"
expect "removed: nothing runs" "" "$(pgrep -f libexec/latchkey)"
apt purge latchkey latchkey-apache latchkey-lighttpd
expect "purged: nothing is left" "" "$(find / -xdev -path "$here" -prune -o -path /proc -prune -o -path '*latchkey*' ! -path '/var/lib/postgresql/*' ! -path '/var/lib/systemd/deb-systemd-helper-*' -print 2>/dev/null)"
expect "purged: the database is somebody's data" latchkey "$(sql -d latchkey -c 'select current_database()')"
echo "$passed passed, $failed failed"
