// Package zkview is a live view of one ZooKeeper: a session that survives what
// networks and servers do to it, and a tree model whose visible part is kept
// fresh by watches.
//
// The pieces, from the wire up:
//
//   - [Session] wraps one go-zookeeper connection (whose net.Conn comes from
//     package wire): states, calls with contexts, errors that tell what happened
//     to a request, watches that are armed once and never leak.
//   - [Feed] keeps a declared set of znodes fresh through a Session and hands
//     out coalesced batches of [News].
//   - [Tree] is a pure model of what is expanded, sorted and filtered; it does no
//     I/O and draws only the rows it is asked for.
//   - [Session.Walk] reads a whole subtree, some hundred znodes a request. On it stand
//     [Query], [Hits] and [Session.Find], which search; [Usages], which adds up sizes;
//     [Session.Export], [Plan], [Compare] and [Removal], which write a subtree to a
//     file, plan and carry out imports, copies and moves, compare, and delete.
//   - [Session.Follow] tells every change below a path through one persistent
//     recursive watch, and [Activity] what the znodes hold after it.
//   - [Session.Census] asks every server of the cluster who is connected to it and
//     watches what, and [Session.ReadMany] reads many znodes by few requests.
//
// The package knows nothing of the screen.
package zkview
