package lockctl

// Deadlock is a circle of sessions, each of which holds what the next one before it
// waits for.
type Deadlock struct {
	Chain []Wait // the first waits for the second, …, the last for the first
}

// Wait is one session of a deadlock.
type Wait struct {
	Session           int64
	Identity, Address string
	// Lock is the path of the lock it waits for, Node its contender there; For is the
	// contender of the next one in the chain, which is in its way.
	Lock, Node, For string
	// Holds is the path of the lock that it has, or stands before the one before it, and
	// HoldsNode its contender there.
	Holds, HoldsNode string
}
