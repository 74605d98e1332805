// Package lockctl knows how programs build locks, elections, semaphores and leases
// out of znodes.
//
// [Recognise] reads the listing of one directory and says which library's recipe
// made it, who is first in its queue and who waits for whom, by that library's own
// rule. It is a pure function: it asks no server, keeps nothing and never blocks.
//
// A holder here is who the recipe lets in by the znodes that there are: the first in
// the queue. More ZooKeeper does not prove. A client may not have learnt yet that it
// is first, may have lost its session without knowing, or may work on although its
// znode is gone (recipes.mdx, Leader Election: "having no preceding znode … does not
// imply that the creator is aware that it is the current leader").
//
// Names and values come from whoever may write to the cluster. [Contender.Identity]
// and [Warning.Text] are safe to print; names of znodes and [Contender.Data] are
// given as they are.
package lockctl
