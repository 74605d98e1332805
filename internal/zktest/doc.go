// Package zktest starts real Apache ZooKeeper servers for tests, on loopback.
//
//	func TestMain(m *testing.M) { zktest.Main(m) }
//
//	func TestFailover(t *testing.T) {
//		ens := zktest.Start(t, 3)
//		conn := zktest.Connect(t, ens.Addr())
//		ens.Leader().Kill()
//		…
//	}
//
// Most tests need no server of their own: [Shared] is one standalone server for
// the whole test binary, and [Root] a znode on it that no other test touches. Where
// a package's TestMain names a [StandIn], they are on that; [SharedReal], [RootOn]
// and [Start] are always about the real thing.
//
// A test never skips for want of a server: where Java or ZooKeeper is missing it
// fails and says what to install.
//
// Nothing outlives the test binary, however that ends: each server is known to a
// small shell process, the guardian, which kills it when the pipe to the test
// binary closes.
package zktest
