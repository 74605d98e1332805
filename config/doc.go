// Package config is what a person sets: the settings file with its profiles, the
// places where zkdeck keeps files, and the log.
//
// It knows neither the screen nor ZooKeeper: servers are text here, credentials
// are bytes, and who uses them says whether they are right.
package config
