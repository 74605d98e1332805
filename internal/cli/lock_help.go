package cli

// lockHelp is the text of `zkdeck lock --help`.
const lockHelp = `Take the lock at PATH, run COMMAND, and release the lock when COMMAND has ended. The lock excludes
other zkdecks, and clients of the recipe that is queued there already, whichever library they use;
where nobody queues, Curator's names are used, which most clients respect. --recipe chooses. A
directory in which recipes meet that do not respect each other, or which is no lock, is refused.

COMMAND is run directly, not by a shell, in a process group of its own. It has our standard input,
output and error, and the terminal; every signal that we get goes on to the whole group. Its exit
code is ours, or 128+N if signal N ended it. A second interrupt that is sent to us kills it (130);
an interrupt typed at a terminal that COMMAND has goes to COMMAND alone. In its environment are
` + lockPathEnv + `, ` + lockNodeEnv + ` (our znode, below PATH) and ` + lockTokenEnv + `, a decimal number
that grows with every grant: a store that refuses smaller ones than it has seen is safe from a
holder that does not know that it is late.

Nothing that COMMAND has started outlives the lock: what is left when it ends is told to end, and
killed after 3 seconds, also where it has left the group or become a daemon; then the lock is
released. If zkdeck itself is killed, so are they.

If the connection is lost, the lock outlives it by --session-timeout. COMMAND gets SIGTERM when
two thirds of that have passed without an answer, or at once when the lock is gone; it is killed
before another client can have been granted the lock, also if zkdeck is stopped. A job that is
stopped with ctrl-z keeps its lock for no longer than that either.

Without COMMAND it prints "acquired PATH NODE TOKEN" and holds the lock until it is interrupted or
terminated (exit code 0), or until the lock is lost.

The exit codes: that of COMMAND; 1 not acquired (--conflict-exit-code), 64 wrong arguments, 69
COMMAND cannot be executed, 70 the lock was lost, 73 the lock may not be taken (--readonly, no
permission, another kind of directory), 74 the output cannot be written, 75 no connection within
--timeout or --wait; 128+N if signal N ended the wait. Nothing is left in ZooKeeper in any case; of
what cannot be deleted for want of a connection the servers make an end with the session.

On Windows COMMAND shares our console and gets its interrupts itself, cannot be asked to end but
only killed, and what it has started is left alone.`
