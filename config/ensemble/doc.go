// Package ensemble plans, writes, launches and supervises ensembles of real Apache
// ZooKeeper servers on this machine.
//
// An ensemble is a folder with a plan and one folder a server. Its servers belong to
// nobody: each runs in a session of its own, goes on when the program that started
// it ends, and is found again by what stands in its folder, checked against the
// process table. Everything listens on 127.0.0.1.
package ensemble
