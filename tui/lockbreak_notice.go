package tui

import "zkdeck/lockctl"

// noticed is what the holder learns when its znode is deleted, by its recipe. What is
// said of libraries was read in their source or tried out.
var noticed = map[lockctl.Recipe]string{
	lockctl.CuratorMutex:     notTold("Curator does not tell it, and its release later finds nothing to delete and says nothing."),
	lockctl.CuratorRWLock:    notTold("Curator does not tell it, and its release later finds nothing to delete and says nothing."),
	lockctl.CuratorSemaphore: notTold("Curator does not tell it, and giving the place back later says nothing."),
	lockctl.CuratorLatch:     notTold("LeaderLatch does not tell it before it has lost its connection once."),
	lockctl.GoZooKeeper:      notTold("go-zookeeper does not tell it; its Unlock fails when it is done."),
	lockctl.KazooLock:        notTold("kazoo does not tell it: is_acquired stays true, and release succeeds."),
	lockctl.KazooRWLock:      notTold("kazoo does not tell it: is_acquired stays true, and release succeeds."),
	lockctl.KazooSemaphore:   notTold("kazoo does not tell it."),
	lockctl.KazooLease:       notTold("kazoo does not tell it: it believes in its lease to the end."),
	lockctl.WriteLock:        notTold("WriteLock does not tell it: it watches only the one before it."),
	lockctl.ZooLock:          notTold("zoo_lock does not tell it: it watches only the one before it."),
	lockctl.ZKRuby:           notTold("zk-ruby does not tell it, unless it asks with assert!."),
	lockctl.Naive:            notTold("Its client is woken, and does not look whether its own znode is there."),
	lockctl.ShedLock:         notTold("ShedLock does not tell it: its task goes on to its end."),
	lockctl.Hive:             notTold("Hive does not tell it: its query goes on."),
	lockctl.AccumuloFate:     notTold("Accumulo does not tell it: the operation stays in Accumulo's store and goes on."),
	lockctl.AccumuloLock:     "It watches this znode, and an Accumulo server that has lost its lock halts.",
	lockctl.KafkaController:  "Its broker watches this znode and resigns; then the brokers race for it.",
	lockctl.HadoopElector:    "Its node watches this znode and goes neutral; whoever is active next fences it by ActiveBreadCrumb.",
	lockctl.Patroni:          "Patroni looks every few seconds (loop_wait): it takes the znode again, or steps down where another has it.",
}

// goesOn is what a holder does that is not told.
const goesOn = " It may go on working, together with whoever is next; only a resource that checks the token refuses it then."

func notTold(how string) string { return how + goesOn }

// notice says what the holder of a znode learns of its deletion, and what it does then.
func notice(c *lockctl.Contender, s *sessionFacts) string {
	switch {
	case s.listens == yes:
		return "Its session watches this znode, so its client is told. Whether it stops working then is up to it."
	case s.lives == no:
		return "Its session does not live any more, so nobody is left to be told."
	}
	if text, ok := noticed[c.Recipe]; ok {
		return text
	}
	return notTold("Whether its client is told is not known; most watch only the one before them.")
}

// missed is what a waiter does whose znode was deleted, by its recipe.
var missed = map[lockctl.Recipe]string{
	lockctl.CuratorMutex:     "Its client notices when it is woken the next time, and queues anew at the end, as its retry policy allows.",
	lockctl.CuratorRWLock:    "Its client notices when it is woken the next time, and queues anew at the end, as its retry policy allows.",
	lockctl.CuratorSemaphore: "Its client notices when it is woken the next time, and queues anew at the end, as its retry policy allows.",
	lockctl.KazooLock:        "Its client notices when it is woken the next time, and queues anew at the end.",
	lockctl.KazooRWLock:      "Its client notices when it is woken the next time, and queues anew at the end.",
	lockctl.Naive:            "Its client does not notice, and waits for ever.",
}

// danger is what makes removing a waiter worse than leaving it, "" if nothing does.
func danger(c *lockctl.Contender) string {
	if c.Recipe == lockctl.GoZooKeeper {
		return "Beware: go-zookeeper's Lock does not look whether its own znode is there. When the one before it goes it returns as if it had the lock, " +
			"beside whoever has it. Stop that client instead."
	}
	return ""
}

// missing says what a waiter learns of the deletion of its znode.
func missing(c *lockctl.Contender, s *sessionFacts) string {
	switch {
	case s.listens == yes:
		return "Its session watches this znode, so its client is told. What it does then is up to it: most queue anew at the end."
	case s.lives == no:
		return "Its session does not live any more, so nobody is left to notice."
	}
	if text, ok := missed[c.Recipe]; ok {
		return text
	}
	return "What its client does then is not known: it may queue anew, fail, or wait for ever."
}
