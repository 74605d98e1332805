// Package zoocfg reads, writes and judges zoo.cfg, the configuration file of a
// ZooKeeper server.
package zoocfg
