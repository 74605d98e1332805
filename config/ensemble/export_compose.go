package ensemble

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The ports inside a container: those of the official image.
const (
	imageClient, imageQuorum, imageElection, imageAdmin = 2181, 2888, 3888, 8080
	// imageVersion is the tag of the image where nobody knows which version runs here.
	imageVersion = "3.9"
)

// imageKeys are the keys of zoo.cfg that the image takes from a variable of its own
// (github.com/31z4/zookeeper-docker, docker-entrypoint.sh). All others but ownKeys go
// into ZOO_CFG_EXTRA.
var imageKeys = map[string]string{
	"tickTime":                  "ZOO_TICK_TIME",
	"initLimit":                 "ZOO_INIT_LIMIT",
	"syncLimit":                 "ZOO_SYNC_LIMIT",
	"autopurge.snapRetainCount": "ZOO_AUTOPURGE_SNAPRETAINCOUNT",
	"autopurge.purgeInterval":   "ZOO_AUTOPURGE_PURGEINTERVAL",
	"maxClientCnxns":            "ZOO_MAX_CLIENT_CNXNS",
	"standaloneEnabled":         "ZOO_STANDALONE_ENABLED",
	"admin.enableServer":        "ZOO_ADMINSERVER_ENABLED",
	"4lw.commands.whitelist":    "ZOO_4LW_COMMANDS_WHITELIST",
}

// imageOwn are the keys that the image sets by itself, or that mean something else in
// a container, whose addresses are its own.
var imageOwn = map[string]bool{
	"dataDir": true, "dataLogDir": true, "clientPort": true, "clientPortAddress": true,
	"admin.serverAddress": true, "admin.serverPort": true,
}

// compose is a compose.yaml.
func (p *Plan) compose() (string, error) {
	var b strings.Builder
	version := p.ZooKeeper.Version
	if version == "" {
		version = imageVersion
	}
	fmt.Fprintf(&b, `# The ensemble %s in Docker containers: docker compose up -d
# Clients on this machine connect to %s
# The containers have data of their own, empty at first; that of the ensemble here
# stays where it is. Stop that one before: the ports are the same.
name: %s
services:
`, p.Name, p.Connect(), yamlText(composeName(p.Name)))
	for _, m := range p.Members {
		if err := p.composeService(&b, m, version); err != nil {
			return "", err
		}
	}
	b.WriteString("volumes:\n")
	for _, m := range p.Members {
		fmt.Fprintf(&b, "  data%d:\n  datalog%d:\n", m.ID, m.ID)
	}
	return b.String(), nil
}

// composeService writes the service of one server.
func (p *Plan) composeService(b *strings.Builder, m Member, version string) error {
	env, err := p.imageEnv(m)
	if err != nil {
		return err
	}
	host := imageHost(m.ID)
	fmt.Fprintf(b, "  %s:\n    image: %s\n    hostname: %s\n    restart: unless-stopped\n    ports:\n",
		host, yamlText("zookeeper:"+version), host)
	fmt.Fprintf(b, "      - %s\n", yamlText(fmt.Sprintf("%s:%d:%d", Host, m.Client, imageClient)))
	if m.Admin != 0 {
		fmt.Fprintf(b, "      - %s\n", yamlText(fmt.Sprintf("%s:%d:%d", Host, m.Admin, imageAdmin)))
	}
	b.WriteString("    environment:\n")
	for _, v := range env {
		fmt.Fprintf(b, "      %s: %s\n", v.Key, yamlText(v.Value))
	}
	fmt.Fprintf(b, "    volumes:\n      - %s\n      - %s\n",
		yamlText(fmt.Sprintf("data%d:/data", m.ID)), yamlText(fmt.Sprintf("datalog%d:/datalog", m.ID)))
	// srvr is on every whitelist, and has a Mode only where the server serves.
	test := fmt.Sprintf("echo srvr | nc -w 2 localhost %d | grep -q ^Mode:", imageClient)
	fmt.Fprintf(b, "    healthcheck:\n      test: [\"CMD-SHELL\", %s]\n", yamlText(test))
	b.WriteString("      interval: 5s\n      timeout: 3s\n      retries: 6\n      start_period: 20s\n")
	return nil
}

// imageEnv are the variables of a server's container.
func (p *Plan) imageEnv(m Member) ([]Setting, error) {
	var servers []string
	for _, o := range p.Members {
		s := fmt.Sprintf("server.%d=%s:%d:%d", o.ID, imageHost(o.ID), imageQuorum, imageElection)
		if o.Observer {
			s += ":observer"
		}
		servers = append(servers, fmt.Sprintf("%s;%d", s, imageClient))
	}
	env := []Setting{{"ZOO_MY_ID", strconv.Itoa(m.ID)}, {"ZOO_SERVERS", strings.Join(servers, " ")}}
	var extra []string
	for _, s := range p.settings(m) {
		name := imageKeys[s.Key]
		switch {
		case imageOwn[s.Key] || strings.HasPrefix(s.Key, "server."):
		case name != "":
			env = append(env, Setting{name, s.Value})
		default:
			extra = append(extra, s.Key+"="+s.Value)
		}
	}
	java := append([]string{fmt.Sprintf("-Xmx%dm", p.HeapMB)}, p.JVM...)
	// The scripts of the image and of ZooKeeper let the shell split them.
	for _, w := range slices.Concat(extra, java) {
		if strings.ContainsAny(w, " \t*?[\\") {
			return nil, fmt.Errorf("%q cannot be handed to the image, where blanks, * ? [ and \\ mean something else: leave it out, or mount a zoo.cfg of the format %s as /conf/zoo.cfg", w, formatConfig)
		}
	}
	if len(extra) > 0 {
		env = append(env, Setting{"ZOO_CFG_EXTRA", strings.Join(extra, " ")})
	}
	// SERVER_JVMFLAGS comes after the heap that zkEnv.sh sets, so that ours counts.
	return append(env, Setting{"SERVER_JVMFLAGS", strings.Join(java, " ")}), nil
}

// imageHost is the name of a server among the containers.
func imageHost(id int) string { return fmt.Sprintf("zookeeper%d", id) }

// composeName is a name for a project of Compose: lower case, beginning with a letter
// or a digit.
func composeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return strings.TrimLeft(name, "-_")
}

// yamlText is a text in double quotes, which YAML reads as JSON does. Compose would
// put variables in after a single dollar sign.
func yamlText(text string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(strings.ReplaceAll(text, "$", "$$")) // a string always can be
	return strings.TrimSuffix(b.String(), "\n")
}
