#!/usr/bin/env bash
# A PostgreSQL that a test stops and starts: reads start and stop from standard input, answers "done" to each; ends with its input.
#   cluster.sh FOLDER PORT
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../tools/cluster.sh"
CLUSTER_OPTIONS=$'fsync = off\nlisten_addresses = \'127.0.0.1\'\nport = '$2 cluster_make "$1"
echo "host all all 127.0.0.1/32 trust" >>"$1/data/pg_hba.conf"
trap 'cluster_stop "$1"' EXIT
export PGPORT=$2
while read -r command; do
	case $command in
	start) cluster_start "$1" ;;
	stop) cluster_stop "$1" ;;
	setup) cluster_database "$1" faults ;;
	esac
	echo "done"
done
