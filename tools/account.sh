# Root through sudo only installs packages; the rest is done as the user who called. Sourced by quickstart and check.

# as_caller FOLDER COMMAND…: goes on as the user who called sudo, where there is one who may write to FOLDER; else does nothing.
as_caller() {
	local folder=$1
	shift
	[ "$(id -u)" -eq 0 ] && [ "${SUDO_UID:-0}" -ne 0 ] || return 0
	local drop=(setpriv --reuid "$SUDO_UID" --regid "$SUDO_GID" --init-groups --)
	"${drop[@]}" test -w "$folder" || return 0
	exec "${drop[@]}" env -u SUDO_UID -u SUDO_GID -u SUDO_USER HOME="$(getent passwd "$SUDO_UID" | cut -d: -f6)" USER="$SUDO_USER" LOGNAME="$SUDO_USER" "$@"
}
