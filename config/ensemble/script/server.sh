
config=$here/server$id/zoo.cfg
data=$here/server$id/data

case $id in
'' | *[!0-9]*) verb=none ;;
esac

fail() {
	echo "server $id: $*" >&2
	exit 1
}

# began PID: when a process that has not ended began, as the system tells it. Of two
# processes that had the same pid one after the other, each has its own.
began() {
	if [ -d /proc/self ]; then
		[ -r "/proc/$1/stat" ] || return 1
		read -r stat <"/proc/$1/stat" || return 1
		set -- ${stat##*) }
		case $1 in [ZX]) return 1 ;; esac
		echo "${20}"
	else
		set -- $(LC_ALL=C TZ=UTC ps -o lstart= -p "$1")
		[ $# -gt 0 ] && echo "$*"
	fi
}

# command_line PID: the command line of a process.
command_line() {
	if [ -d /proc/self ]; then
		tr '\0' ' ' <"/proc/$1/cmdline" | sed 's/ $//'
	else
		ps -ww -o command= -p "$1"
	fi
}

# running: prints the pid of the server if it runs. The pid in the file could be
# somebody else's by now, so it counts only if that process began when ours did and
# has our zoo.cfg for its last argument. It has none for as long as it takes to become
# another program.
running() {
	[ -f "$here/server$id/pid" ] || return 1
	{ read -r pid && read -r since; } <"$here/server$id/pid" || return 1
	while [ "$(began "$pid" 2>/dev/null)" = "$since" ]; do
		case $(command_line "$pid" 2>/dev/null) in
		*" $config") echo "$pid" && return ;;
		?*) return 1 ;;
		esac
		pause
	done
	return 1
}

pause() { sleep 0.1 2>/dev/null || sleep 1; }

case $verb in
start)
	pid=$(running) && echo "server $id runs already, pid $pid" && exit 0
	# In a session of its own neither ^C nor a closed terminal reaches the server.
	if command -v setsid >/dev/null 2>&1; then session=setsid; else session= && trap '' HUP; fi
	said=$({ $session sh "$here/server.sh" run "$id" "$config" </dev/null 2>&1 & })
	[ -z "$said" ] || { echo "$said" >&2; exit 1; }
	pid=$(running) || fail "it ended at once: see $here/server$id/server.log"
	echo "server $id runs, pid $pid"
	;;

# What start, and zkdeck, put into the background: it starts the server, notes its
# pid, waits for it, and notes how it ended. Its output is closed, and whoever
# started it goes on, when the pid is noted.
run | run-locked)
	cd "$here/server$id" || exit 1
	umask 077
	# A lock keeps two servers off one data folder. The server inherits it, so it is
	# held exactly while somebody runs there. With run-locked it is open as 3 and taken.
	[ "$verb" = run-locked ] || exec 3>>"$data/zkdeck.lock"
	if command -v flock >/dev/null 2>&1; then
		flock -n 3 3>&3 || { pause; pause; flock -n 3 3>&3; } || fail "another server runs on $data; stop that one first"
	elif pid=$(running); then
		fail "it runs already, pid $pid"
	fi
	# This shell must outlive the server; the server itself gets the signals.
	trap : HUP INT TERM
	# Room for the exit code is taken now, in case the disk is full then.
	printf '%-40s\n' "0 running" >exit || fail "writing $PWD/exit failed"
	echo "$(date '+%Y-%m-%d %H:%M:%S,000') INFO  zkdeck - starting server $id" >>server.log || fail "writing $PWD/server.log failed"
	{
		LC_ALL=C.UTF-8 # English messages, and file names beyond ASCII
		export LC_ALL
		exec "$java" "$@" "$config"
	} >>server.log 2>&1 </dev/null 3>&3 &
	pid=$!
	since=$(began "$pid" 2>/dev/null) # one that has ended already began at no known time
	if ! { printf '%s\n' "$pid" "${since:-unknown}" "$$" >pid.new && mv -f pid.new pid; }; then
		kill -KILL "$pid"
		fail "writing $PWD/pid failed, so it was ended again"
	fi
	exec >/dev/null 2>&1
	wait "$pid"
	code=$?
	while [ $code -gt 128 ] && kill -0 "$pid"; do # it was we who got a signal
		wait "$pid"
		code=$?
	done
	if [ -n "$training" ]; then
		if [ $code = 143 ] && [ -s "$training" ]; then mv -f "$training" "$archive"; else rm -f "$training"; fi
	fi
	exec 3>&- # whoever reads how it ended may start another one there at once
	printf '%-40s\n' "$pid $code" 1<>exit
	;;

stop)
	pid=$(running) || { echo "server $id does not run"; exit 0; }
	echo "stop $pid" >"$here/server$id/asked"
	kill -TERM "$pid"
	kill -CONT "$pid" # one that is paused takes the signal only when it goes on
	n=0
	while running >/dev/null && [ $n -lt $((${STOP_SECONDS:-10} * 10)) ]; do
		pause
		n=$((n + 1))
	done
	if running >/dev/null; then
		echo "server $id does not end by itself: killing it" >&2
		kill -KILL "$pid"
		while running >/dev/null; do pause; done
	fi
	echo "server $id has stopped"
	;;

pid) running ;;

*)
	echo "usage: $0 start|stop|pid ID" >&2
	exit 2
	;;
esac
