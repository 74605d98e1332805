package lockctl

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"zkdeck/internal/safetext"
)

// owns tells whether the session that a name has is the owner of the znode.
func owns(t tag, n *Node) bool {
	if n.Stat.EphemeralOwner == 0 {
		return false
	}
	id := t.id(n.Name)
	switch t.family {
	case zooLock:
		v, err := strconv.ParseUint(id, 16, 64)
		return err == nil && int64(v) == n.Stat.EphemeralOwner
	case distributedLog:
		id = strings.TrimLeft(id[strings.LastIndex(id, "_s")+2:], " ")
	}
	v, err := strconv.ParseInt(id, 10, 64)
	return err == nil && v == n.Stat.EphemeralOwner
}

// identity is who a contender says to be: from its value, or of some recipes from its
// name. It is safe to print.
func identity(t tag, n *Node) string {
	if asked(n.Data) { // which is written over what it said
		return ""
	}
	switch t.family {
	case solr: // <session>-<node>-n_
		return safetext.Clean(strings.TrimSuffix(n.Name[t.idTo+1:t.at], "-n_"))
	case distributedLog:
		id := t.id(n.Name)
		return safetext.Clean(id[:strings.LastIndex(id, "_s")])
	case accumuloFate:
		return safetext.Clean(t.id(n.Name))
	case writeLock: // always 0x12 0x34
		return ""
	case rustLatch:
		return safetext.Clean(t.id(n.Name))
	case naive: // time.time()
		if _, err := strconv.ParseFloat(string(n.Data), 64); err == nil {
			return ""
		}
	}
	return identityOf(n.Data)
}

// asked tells whether a value is the word that asks a contender to let go.
func asked(data []byte) bool {
	switch string(bytes.TrimSpace(data)) {
	case curatorRevoke, recipesRevoke:
		return true
	}
	return false
}

// identityOf makes a value printable. JSON of those known to write it is shortened to
// who is meant; binary values say nothing to a person.
func identityOf(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if len(data) > shown {
		data = data[:shown]
	}
	if data[0] == '{' {
		if who := jsonIdentity(data); who != "" {
			return safetext.CleanLine(who)
		}
	}
	s := string(data)
	for len(s) > shown-utf8.UTFMax && !utf8.ValidString(s) { // cut within a character
		s = s[:len(s)-1]
	}
	if binary(s) {
		return ""
	}
	// str() of Python's bytes, as kazoo's Semaphore has them.
	if in, ok := strings.CutPrefix(s, "b'"); ok && strings.HasSuffix(in, "'") {
		s = in[:len(in)-1]
	}
	return strings.TrimSpace(safetext.CleanLine(strings.TrimSpace(s)))
}

// shown is how much of a value is looked at.
const shown = 256

// binary tells whether a value is not text: not UTF-8, or with controls that text does
// not have. Escape sequences count as text, to be shown as what they are.
func binary(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	for i := range len(s) {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1b && c != 0x07 && c != 0x08 {
			return true
		}
	}
	return false
}

// jsonIdentity reads the values of Kafka's controller and of Vitess.
func jsonIdentity(data []byte) string {
	var v struct {
		Broker   *int64 `json:"brokerid"`
		HostName string
		UserName string
	}
	if json.Unmarshal(data, &v) != nil {
		return ""
	}
	switch {
	case v.Broker != nil:
		return "broker " + strconv.FormatInt(*v.Broker, 10)
	case v.HostName != "" && v.UserName != "":
		return v.UserName + "@" + v.HostName
	}
	return v.HostName
}
