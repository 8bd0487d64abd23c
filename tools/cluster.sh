# Private PostgreSQL clusters, beside and without the system's. Sourced by quickstart, check and the tests.
#
#   cluster_make DIR          initdb into DIR/data; the socket will be in DIR
#   cluster_start DIR         starts it as a child of this shell; it ends with the shell, however that ends
#   cluster_stop DIR          stops it, by its own pid
#   cluster_sql DIR [args]    psql as superuser
#   cluster_database DIR NAME [template]   a database as contract 03 section 2.3 wants it; with a template: a copy
#   cluster_url DIR NAME      its URL for the service's role
#
# CLUSTER_OPTIONS: more lines for postgresql.conf, set before cluster_make.

cluster_tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

cluster_bin() {
	local bin
	bin=$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | tail -n 1)
	[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
	echo "$bin"
}

# PostgreSQL refuses to run as root; root lends it an unprivileged account.
cluster_account() {
	[ "$(id -u)" -eq 0 ] || { id -un; return; }
	echo "${CLUSTER_ACCOUNT:-postgres}"
}

cluster_as() {
	if [ "$(id -u)" -eq 0 ]; then
		local account
		account=$(cluster_account)
		setpriv --reuid "$account" --regid "$(id -g "$account")" --init-groups --pdeathsig INT -- env HOME=/ "$@"
	else
		setpriv --pdeathsig INT -- "$@"
	fi
}

cluster_make() {
	local dir=$1
	mkdir -p "$dir"
	# whoever reaches the socket is superuser
	chmod 700 "$dir"
	[ "$(id -u)" -ne 0 ] || chown "$(cluster_account)" "$dir"
	(cd / && cluster_as "$(cluster_bin)/initdb" -D "$dir/data" -A trust -U postgres --no-locale -E UTF8 --no-sync) >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		return 1
	}
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$dir'" "unix_socket_permissions = 0777" "max_connections = 200" \
		"log_min_messages = warning" "${CLUSTER_OPTIONS:-}" | cluster_as tee -a "$dir/data/postgresql.conf" >/dev/null
}

cluster_start() {
	local dir=$1 try
	# a lock left by a cluster that was killed is PostgreSQL's own to judge
	(cd / && cluster_exec "$(cluster_bin)/postgres" -D "$dir/data") >>"$dir/log" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	for try in $(seq 200); do
		"$(cluster_bin)/pg_isready" -q -h "$dir" -U postgres && return 0
		kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
		sleep 0.05
	done
	tail -n 20 "$dir/log" >&2
	return 1
}

# exec, so that the pid is PostgreSQL's own and it hears when this shell dies
cluster_exec() {
	if [ "$(id -u)" -eq 0 ]; then
		local account
		account=$(cluster_account)
		exec setpriv --reuid "$account" --regid "$(id -g "$account")" --init-groups --pdeathsig INT -- env HOME=/ "$@"
	fi
	exec setpriv --pdeathsig INT -- "$@"
}

cluster_stop() {
	local dir=$1 pid
	[ -f "$dir/pid" ] || return 0
	pid=$(cat "$dir/pid")
	rm -f "$dir/pid"
	kill -INT "$pid" 2>/dev/null || return 0
	wait "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}

cluster_sql() {
	local dir=$1
	shift
	"$(cluster_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$dir" -U postgres "$@"
}

cluster_database() {
	local dir=$1 name=$2 template=${3:-}
	if [ -n "$template" ]; then
		cluster_sql "$dir" -c "create database \"$name\" template \"$template\"" -c "alter database \"$name\" set search_path = auth"
	else
		cluster_sql "$dir" -c "create database \"$name\"" && cluster_sql "$dir" -d "$name" -f "$cluster_tools/database.sql"
	fi
}

# The socket's folder is the host, percent-encoded as libpq wants it.
cluster_url() {
	echo "postgres://supabase_auth_admin@${1//\//%2F}/$2"
}
