#!/bin/sh
# Starts the servers of this ensemble, or those whose ids are given, in the
# background. They go on when the terminal is closed; stop.sh ends them.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
failed=0
for id in ${*:-IDS}; do
	sh "$here/server.sh" start "$id" || failed=1
done
[ $failed = 0 ] && echo "clients connect to CONNECT"
exit $failed
