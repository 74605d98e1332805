package ensemble

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"zkdeck/config/zoocfg"
)

// File is a file as it is, or would be, written.
type File struct {
	// Path is absolute.
	Path string
	Mode fs.FileMode
	Text string
}

// Files are all files that the plan makes, in the order in which they are best
// read: each server's zoo.cfg and myid, then the scripts, then the configuration
// of the log. It writes nothing.
func (p *Plan) Files() ([]File, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("the plan of %s: %w", p.Name, err)
	}
	var files []File
	for _, m := range p.Members {
		files = append(
			files,
			File{Path: p.ConfigFile(m.ID), Mode: 0o600, Text: p.zooCfg(m)},
			File{Path: filepath.Join(p.DataDir(m.ID), "myid"), Mode: 0o600, Text: strconv.Itoa(m.ID) + "\n"},
		)
	}
	files = append(files, p.scripts()...)
	if path := p.logConfigFile(); path != "" {
		text := log4jConfig()
		if p.ZooKeeper.Logging == "logback" {
			text = logbackConfig()
		}
		files = append(files, File{Path: path, Mode: 0o600, Text: text})
	}
	return files, nil
}

// settings are the lines of the zoo.cfg of a server, in order.
func (p *Plan) settings(m Member) []Setting {
	list := []Setting{
		{"tickTime", strconv.FormatInt(p.Tick.Milliseconds(), 10)},
		{"initLimit", strconv.Itoa(p.InitLimit)},
		{"syncLimit", strconv.Itoa(p.SyncLimit)},
		{"dataDir", p.DataDir(m.ID)},
		{"clientPort", strconv.Itoa(m.Client)},
		{"clientPortAddress", Host},
		{"autopurge.snapRetainCount", "3"},
		{"autopurge.purgeInterval", "24"},
		{"4lw.commands.whitelist", "*"},
	}
	if m.Admin == 0 {
		list = append(list, Setting{"admin.enableServer", "false"})
	} else {
		list = append(list,
			Setting{"admin.enableServer", "true"},
			Setting{"admin.serverAddress", Host},
			Setting{"admin.serverPort", strconv.Itoa(m.Admin)})
	}
	if m.Observer {
		list = append(list, Setting{"peerType", "observer"})
	}
	if p.Voters() == 1 && len(p.Members) > 1 {
		// With one voter ZooKeeper would run it alone, and refuse observers.
		list = append(list, Setting{"standaloneEnabled", "false"})
	}
	list = overlay(list, p.Extra)
	return append(list, p.servers()...)
}

// overlay replaces the values of keys that are there, and appends the others.
func overlay(list, extra []Setting) []Setting {
next:
	for _, x := range extra {
		for i := range list {
			if list[i].Key == x.Key {
				list[i].Value = x.Value
				continue next
			}
		}
		list = append(list, x)
	}
	return list
}

// servers are the server.N lines, the same in every file. A server alone has none.
func (p *Plan) servers() []Setting {
	if len(p.Members) == 1 && !p.distributed() {
		return nil
	}
	var list []Setting
	for _, m := range p.Members {
		value := fmt.Sprintf("%s:%d:%d", Host, m.Quorum, m.Election)
		if m.Observer {
			value += ":observer"
		}
		list = append(list, Setting{fmt.Sprintf("server.%d", m.ID), value})
	}
	return list
}

// distributed tells that even a server alone is to be a quorum of one, which can
// grow while it runs.
func (p *Plan) distributed() bool {
	for _, x := range p.Extra {
		if x.Key == "standaloneEnabled" {
			return x.Value == "false"
		}
	}
	return false
}

// quietLoggers write a line for every look that we take at a server.
var quietLoggers = []string{
	"org.apache.zookeeper.server.NIOServerCnxn",
	"org.apache.zookeeper.server.NettyServerCnxn",
	"org.apache.zookeeper.server.command.FourLetterCommands",
}

// logConfigFile is the configuration of the logging library, "" for one that takes
// it from Java's arguments.
func (p *Plan) logConfigFile() string {
	switch p.ZooKeeper.Logging {
	case "log4j":
		return filepath.Join(p.Dir, "log4j.properties")
	case "logback":
		return filepath.Join(p.Dir, "logback.xml")
	}
	return ""
}

func log4jConfig() string {
	var b strings.Builder
	b.WriteString(`# To the standard output, which goes to server.log.
log4j.rootLogger=INFO, OUT
log4j.appender.OUT=org.apache.log4j.ConsoleAppender
log4j.appender.OUT.layout=org.apache.log4j.PatternLayout
log4j.appender.OUT.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} - %m%n
# Each look at a server, several a second, would be a line.
`)
	for _, logger := range quietLoggers {
		fmt.Fprintf(&b, "log4j.logger.%s=WARN\n", logger)
	}
	return b.String()
}

func logbackConfig() string {
	var b strings.Builder
	b.WriteString(`<configuration>
  <!-- To the standard output, which goes to server.log. -->
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{"yyyy-MM-dd HH:mm:ss,SSS"} %-5level %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <!-- Each look at a server, several a second, would be a line. -->
`)
	for _, logger := range quietLoggers {
		fmt.Fprintf(&b, "  <logger name=%q level=\"WARN\"/>\n", logger)
	}
	b.WriteString("  <root level=\"INFO\"><appender-ref ref=\"OUT\"/></root>\n</configuration>\n")
	return b.String()
}

// zooCfg is the text of a server's zoo.cfg, with what each key means above it.
func (p *Plan) zooCfg(m Member) string {
	var entries []zoocfg.Entry
	for _, s := range p.settings(m) {
		entries = append(entries, zoocfg.Entry{Key: s.Key, Value: s.Value})
	}
	header := fmt.Sprintf("Server %d of the ensemble %s, written by zkdeck.", m.ID, p.Name)
	return string(zoocfg.Render(entries, zoocfg.RenderOptions{Explain: true, Header: header}))
}
