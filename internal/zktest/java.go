package zktest

import (
	"fmt"
	"os"
	"path/filepath"
)

// jvmFlags are the Java arguments of every server. C1 alone and the serial
// collector halve the time and the memory of a start; the heap grows to its limit
// only when a test fills the tree. A missing archive must not be named: that
// would turn the JDK's own class data off too.
func jvmFlags(archive string) []string {
	flags := []string{
		"-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		// What a killed server has written is in the page cache; tests need no fsync.
		"-Dzookeeper.forceSync=no",
		"-Dzookeeper.jmx.log4j.disable=true",
	}
	if archive != "" {
		flags = append(flags, "-XX:SharedArchiveFile="+archive, "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
	}
	return flags
}

// Our own polls would otherwise fill the logs: each four-letter word is a line.
const log4jConfig = `log4j.rootLogger=INFO, OUT
log4j.appender.OUT=org.apache.log4j.ConsoleAppender
log4j.appender.OUT.layout=org.apache.log4j.PatternLayout
log4j.appender.OUT.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} - %m%n
log4j.logger.org.apache.zookeeper.Environment=WARN
log4j.logger.org.apache.zookeeper.server.ZooKeeperServer.Environment=WARN
log4j.logger.org.apache.zookeeper.server.NIOServerCnxn=WARN
log4j.logger.org.apache.zookeeper.server.command.FourLetterCommands=WARN
`

const logbackConfig = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} %-5level %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <logger name="org.apache.zookeeper.server.NIOServerCnxn" level="WARN"/>
  <logger name="org.apache.zookeeper.server.command.FourLetterCommands" level="WARN"/>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
`

// writeLogConfig writes the configuration of the logging library at hand and
// returns the Java argument that names it.
func (d *dist) writeLogConfig(dir string) (string, error) {
	name, text, property := "log4j.properties", log4jConfig, "-Dlog4j.configuration=file:"
	if d.logback {
		name, text, property = "logback.xml", logbackConfig, "-Dlogback.configurationFile="
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("preparing servers: %w", err)
	}
	return property + path, nil
}
