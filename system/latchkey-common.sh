# What latchkey-setup and latchkey-upgrade share. Sourced.

env=/etc/latchkey/latchkey.env
folder=/etc/latchkey/conf.d
state=/var/lib/latchkey
socket=/run/latchkey/latchkey.socket
dropin=/etc/systemd/system/latchkey.service.d

say() { printf '%s\n' "$*"; }
stop_with() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}
need_root() { [ "$(id -u)" -eq 0 ] || stop_with "this takes root"; }
systemd_runs() { [ -d /run/systemd/system ]; }
# not root's own folder, which the account may not enter
as_latchkey() { (cd / && exec setpriv --reuid latchkey --regid latchkey --clear-groups --no-new-privs -- "$@"); }
as_configured() { as_latchkey "$@" -c "$env" -d "$folder"; }

# value NAME: what the file of settings says, without quotes
value() { sed -n "s/^$1=//p" "$env" | tail -n 1 | sed -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/"; }

# answers SOCKET: whether a server there answers
answers() {
	env -i PATH="$PATH" REQUEST_METHOD=GET REQUEST_URI=/health SCRIPT_NAME= PATH_INFO=/health QUERY_STRING= SERVER_PROTOCOL=HTTP/1.1 REMOTE_ADDR=127.0.0.1 \
		timeout 5 cgi-fcgi -bind -connect "$1" </dev/null 2>/dev/null | grep -q '"name":"GoTrue"'
}
# answers_soon SOCKET SECONDS
answers_soon() {
	local until=$(($(date +%s) + $2))
	while ! answers "$1"; do
		[ "$(date +%s)" -lt "$until" ] || return 1
		sleep 0.2
	done
}
