package distro

import (
	"os"
	"strings"
)

// InstallHint returns the commands that install what ("Java" or "ZooKeeper") on this
// system, best first. A line that starts with "#" is a remark. For ZooKeeper the last
// one is always our own download.
func (e Env) InstallHint(what string) []string {
	hints := packageCommands(e.system(), what)
	if what != "ZooKeeper" {
		if len(hints) == 0 {
			hints = []string{"# install a Java runtime, 17 or newer, and set JAVA_HOME to its folder"}
		}
		return hints
	}
	return append(hints, "zkdeck ensemble download")
}

// packageCommands says how a system's own package manager installs Java or ZooKeeper.
func packageCommands(system, what string) []string {
	java := map[string]string{
		"debian":  "sudo apt-get install default-jre-headless",
		"fedora":  "sudo dnf install java-latest-openjdk-headless",
		"rhel":    "sudo dnf install java-17-openjdk-headless",
		"suse":    "sudo zypper install java-17-openjdk-headless",
		"arch":    "sudo pacman -S jre-openjdk-headless",
		"alpine":  "sudo apk add openjdk17-jre-headless",
		"darwin":  "brew install openjdk",
		"windows": "winget install EclipseAdoptium.Temurin.21.JRE",
		"freebsd": "sudo pkg install openjdk17",
	}
	zookeeper := map[string]string{
		"debian":  "sudo apt-get install zookeeper   # the servers' files only; zookeeperd would start one on 2181",
		"darwin":  "brew install zookeeper",
		"freebsd": "sudo pkg install zookeeper",
	}
	commands := java
	if what == "ZooKeeper" {
		commands = zookeeper
	}
	if c, ok := commands[system]; ok {
		return []string{c}
	}
	return nil
}

// system names the family that this system's packages are of: GOOS, or on Linux what
// ID or ID_LIKE of os-release(5) say, "" for none that is known.
func (e Env) system() string {
	if e.GOOS != "linux" {
		return e.GOOS
	}
	text, err := os.ReadFile(e.at("/etc/os-release"))
	if err != nil {
		return ""
	}
	var ids []string
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Trim(value, `"'`)
		switch key {
		case "ID":
			ids = append([]string{value}, ids...)
		case "ID_LIKE":
			ids = append(ids, strings.Fields(value)...)
		}
	}
	families := map[string]string{
		"debian": "debian", "ubuntu": "debian", "fedora": "fedora", "rhel": "rhel", "centos": "rhel",
		"suse": "suse", "opensuse": "suse", "sles": "suse", "arch": "arch", "alpine": "alpine",
	}
	for _, id := range ids {
		if f, ok := families[id]; ok {
			return f
		}
	}
	return ""
}
