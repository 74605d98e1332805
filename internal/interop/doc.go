// Package interop holds the sandbox to other people's clients: a script of kazoo, a
// program of Curator and the commands of zkCli are run against a real server and
// against the sandbox, and what they print must be the same.
//
// It also holds lockctl to them: kazoo, Curator, ZooKeeper's own recipes and
// go-zookeeper make locks on a real server, and what is recognised must be what they say
// of themselves. And they contend, while `zkdeck locks --watch` has to tell what they
// say they did, also with its connection lost in between.
//
// And it has them contend with lockctl's own locks, and with `zkdeck lock`: on one path
// they exclude each other, whoever was first, who gives up or is killed, and whatever
// becomes of the servers.
//
// It holds config/zoocfg to Java: what it reads of a zoo.cfg is what Java's Properties
// read, and a file that it says no server starts with is one that ZooKeeper refuses.
//
// The tests are behind the build tag interop, because they need Python, a JDK and
// those clients: `make interop` installs them and runs the tests.
package interop
