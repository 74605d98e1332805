// Package sandbox is a ZooKeeper server in memory, inside this process, for
// demonstrations, training and fast tests. It is not for production: nothing is on
// disk, there is one server and no ensemble, and it says so where a client asks for
// its version.
//
// It behaves as Apache ZooKeeper 3.8.0 does, the server that it is held to by tests
// that run the same operations against both.
package sandbox
