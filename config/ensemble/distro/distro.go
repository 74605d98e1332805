// Package distro finds, or downloads, a Java runtime and an Apache ZooKeeper that
// servers can be run on.
package distro

// Java is a Java runtime.
type Java struct {
	// Path is the java program, absolute and with symbolic links resolved.
	Path string `json:"path"`
	// Home is the folder that bin/java is in.
	Home string `json:"home"`
	// Version is as Java tells it, "17.0.15"; Major is 17, and 8 for "1.8.0_402".
	Version string `json:"version"`
	Major   int    `json:"major"`
	// From says how it was found: "JAVA_HOME", "PATH", "/usr/lib/jvm", …
	From string `json:"from"`
}

// ZooKeeper is an installed Apache ZooKeeper.
type ZooKeeper struct {
	// Home is the folder of a tarball's contents, or that of the jars.
	Home string `json:"home"`
	// Version is as in "3.8.0"; empty where no file name or manifest tells it.
	Version string `json:"version"`
	// Jars are the class path of a server that logs: files only, absolute.
	Jars []string `json:"jars"`
	// AdminJars are needed besides for an AdminServer.
	AdminJars []string `json:"adminJars,omitempty"`
	// MinJava is the Java that its classes were compiled for, 8 or 17; 0 if unknown.
	MinJava int `json:"minJava,omitempty"`
	// Logging is the library behind slf4j: "log4j", "logback", "simple", or "" for
	// none, with which a server runs and logs nothing.
	Logging string `json:"logging"`
	// CLI is zkCli.sh, empty where there is none.
	CLI string `json:"cli,omitempty"`
	// From says how it was found: "--zookeeper", "ZOOKEEPER_HOME", "downloaded",
	// "Debian package", …
	From string `json:"from"`
}
