#!/bin/sh
# Stops the servers of this ensemble, or those whose ids are given, all at once, and
# waits until they are gone.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
for id in ${*:-IDS}; do
	sh "$here/server.sh" stop "$id" &
done
wait
