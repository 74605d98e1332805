package zoocfg

import "strings"

// cutComment cuts off what was meant as a comment behind a value. A number or a switch
// holds no "#" at all; elsewhere there must be a blank before it.
func cutComment(value string, k kind) (before, comment string) {
	for i := range len(value) {
		rest := value[i:]
		blank := i == 0 || value[i-1] == ' ' || value[i-1] == '\t'
		begins := rest[0] == '#' && (blank || k != asText && k != asFolder && k != asFile) ||
			blank && i > 0 && (strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "; ") || strings.HasPrefix(rest, "! ") || strings.HasPrefix(rest, "-- "))
		if begins {
			return trim(value[:i]), value[i:]
		}
	}
	return trim(value), ""
}

// intended is the value of an entry without a comment behind it.
func intended(e Entry) string {
	k, _ := lookUp(trim(e.Key))
	before, _ := cutComment(trim(e.Value), k.kind)
	return before
}

// comment judges a comment behind a value, which to Java is a part of the value. The
// sample in a well-known tutorial has one behind every value.
func (l *linter) comment(c *Config, e Entry) {
	k, _ := lookUp(trim(e.Key))
	value := trim(e.Value)
	before, comment := cutComment(value, k.kind)
	if comment == "" {
		return
	}
	severity, effect := Warning, "ZooKeeper takes all of "+quote(value)+" for the value"
	switch {
	case isList(e.Key):
		severity, effect = Error, refuses(quote(value)+" cannot be read")
	case k.kind == asInt || k.kind == asPort:
		severity, effect = Error, refuses(`"NumberFormatException: For input string: `+quote(value)+`"`)
	case k.kind == asBool:
		severity, effect = Error, refuses(`"Invalid option `+value+`"`)
	case k.kind == asFolder:
		severity, effect = Error, "the data goes to a folder of the name "+quote(value)
	case k.kind == asFile:
		severity, effect = Error, "the file "+quote(value)+" is looked for, and not found"
	case k.kind == asLoose:
		effect = "the value cannot be read, and ZooKeeper takes its own default"
	case k.kind == asTrue || k.kind == asYes:
		effect = "the value is not " + quote(switchWord(k.kind)) + ", and so it is off"
	case k.kind == asFalse || k.kind == asNo:
		effect = "the value is not " + quote(switchWord(k.kind)) + ", and so it is on"
	case failsAsText[k.key]:
		severity, effect = Error, refuses(quote(value)+" cannot be used")
	}
	l.markIn(c, e, severity, "inline-comment", "a comment stands behind the value: "+quote(comment), effect,
		"put the comment on a line of its own above, and leave "+trim(e.Key)+"="+before)
}

// failsAsText are keys whose text must be right for a server to start.
var failsAsText = map[string]bool{
	"clientPortAddress": true, "secureClientPortAddress": true, "peerType": true, "metricsProvider.className": true,
}

// isList tells whether an entry is one of the list of servers.
func isList(key string) bool {
	return strings.HasPrefix(key, "server.") || strings.HasPrefix(key, "group") || strings.HasPrefix(key, "weight")
}

// switchWord is the only word that such a value is compared with.
func switchWord(k kind) string {
	switch k {
	case asTrue:
		return "true"
	case asFalse:
		return "false"
	case asYes:
		return "yes"
	case asNo:
		return "no"
	}
	return ""
}
