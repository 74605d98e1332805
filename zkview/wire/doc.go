// Package wire is ZooKeeper's protocol as seen from a client: a net.Conn that
// stands between go-zookeeper and a server, the records that travel over it, and
// the four letter words.
//
// go-zookeeper v1.0.4 writes one frame per Write and reads a frame's header and
// then its body. [Conn] relies on that to do what the library cannot:
//
//   - send requests of its own in the library's session and take their replies
//     out of the stream ([Conn.Call], [Conn.RemoveWatches]);
//   - ask for read-only sessions ([Dialer.AllowReadOnly]);
//   - bound the handshake in time and length, and say in words what is wrong with
//     the other side ([NotZooKeeperError], [ErrNoAnswer]);
//   - end a connection whose replies would crash the library's decoder;
//   - keep a long reply from running into the read deadline while it arrives;
//   - pin the zxid of re-registered watches to the one of the connect request, so
//     that no event is lost on a reconnect;
//   - back off from servers that accept and drop ([Backoff]);
//   - tell what is sent, what it took and how much came back ([Events], [Stats]).
//
// The package does not import go-zookeeper and knows nothing of its types.
package wire
