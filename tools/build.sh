# Building out of tree. Sourced by quickstart and check.
#
#   build_tree SOURCE FOLDER LOG [configure options]   says nothing where all is well, the end of LOG where not
build_tree() {
	local source=$1 folder=$2 log=$3
	shift 3
	case $source in *[[:space:]]*)
		echo "The path $source holds a blank, which autoconf cannot build under: rename the folder." >&2
		return 1
		;;
	esac
	mkdir -p "$folder" "$(dirname "$log")"
	build_steps "$source" "$folder" "$@" >"$log" 2>&1 || {
		grep -E 'error|Error|warning|not found|No rule' "$log" | tail -n 15 >&2
		tail -n 15 "$log" >&2
		echo "the build failed; all of it is in $log" >&2
		return 1
	}
}

build_steps() {
	local source=$1 folder=$2
	shift 2
	[ -x "$source/configure" ] && [ "$source/configure" -nt "$source/configure.ac" ] || "$source/autogen.sh" || return 1
	if [ ! -f "$folder/Makefile" ] || [ "$folder/config.options" -ot "$source/configure.ac" ] || [ "$(cat "$folder/config.options")" != "$*" ]; then
		(cd "$folder" && "$source/configure" "$@") || return 1
		echo "$*" >"$folder/config.options"
	fi
	make -C "$folder" -j"$(nproc)"
}
