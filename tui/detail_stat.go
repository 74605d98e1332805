package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// statLines spells out every field of a Stat under the names that zkCli and the
// documentation use, with what it means.
func statLines(st *styles, s zkview.Stat, ours int64, now time.Time) [][]span {
	note := func(text string) span { return span{st.dim, text} }
	row := func(name, val string, more ...span) []span {
		return append([]span{{st.dim, " " + safetext.Pad(name, 16)}, {st.text, safetext.Pad(val, 20) + " "}}, more...)
	}
	age := func(t time.Time) span { return note(value.Age(now.Sub(t)) + " ago") }
	return [][]span{
		row("ctime", stamp(s.Created()), age(s.Created())),
		row("mtime", stamp(s.Modified()), age(s.Modified())),
		row("dataLength", fmt.Sprint(s.DataLength), note(value.Size(int64(s.DataLength)))),
		row("numChildren", fmt.Sprint(s.NumChildren)),
		row("dataVersion", itoa(s.Version), note("times that the data was set")),
		row("cversion", itoa(s.Cversion), note("times that a child came or went")),
		row("aclVersion", itoa(s.Aversion), note("times that the ACL was set")),
		row("cZxid", zxid(s.Czxid), note("the transaction that created it")),
		row("mZxid", zxid(s.Mzxid), note("the one that last set its data")),
		row("pZxid", zxid(s.Pzxid), note("the one that last added or removed a child")),
		row("ephemeralOwner", zxid(s.EphemeralOwner), owner(st, s, ours)),
	}
}

// owner says in words what ephemeralOwner means.
func owner(st *styles, s zkview.Stat, ours int64) span {
	switch s.Kind() {
	case zkview.Ephemeral:
		if s.EphemeralOwner == ours && ours != 0 {
			return span{st.accent, "ephemeral: goes with this session of ours"}
		}
		return span{st.warn, "ephemeral: goes when this session ends"}
	case zkview.Container:
		return span{st.text, "container: goes some time after its last child"}
	case zkview.TTL:
		return span{st.text, fmt.Sprintf("TTL: goes when unchanged for %s and childless", s.TTL())}
	default:
		// A server hides what it knows of containers and TTL znodes: 3.8 sends 0.
		return span{st.dim, "no session's: persistent, or container or TTL"}
	}
}

// aclLines spells out an access control list.
func aclLines(st *styles, acl []zkview.ACL) [][]span {
	var out [][]span
	for _, a := range acl {
		who := safetext.Clean(a.Scheme) + ":" + safetext.Clean(a.ID)
		inkWho := st.text
		if a.Scheme == "world" {
			inkWho = st.warn
			who += "  everybody"
		}
		out = append(out, []span{{inkWho, " " + who}})
		out = append(out, []span{{st.dim, "   " + safetext.Pad(a.Perms.String(), 7)}, {st.text, "may " + mayDo(a.Perms)}})
	}
	if len(acl) == 0 {
		out = append(out, []span{{st.dim, " the list is empty: nobody but a super user may do anything"}})
	}
	return out
}

// mayDo spells out permissions.
func mayDo(p zkview.Perms) string {
	if p == zkview.PermAll {
		return "do everything"
	}
	var words []string
	for _, n := range []struct {
		perm zkview.Perms
		word string
	}{
		{zkview.PermRead, "read"},
		{zkview.PermWrite, "write"},
		{zkview.PermCreate, "create children"},
		{zkview.PermDelete, "delete children"},
		{zkview.PermAdmin, "set the ACL"},
	} {
		if p&n.perm != 0 {
			words = append(words, n.word)
		}
	}
	if len(words) == 0 {
		return "do nothing"
	}
	return strings.Join(words, ", ")
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

func zxid(z int64) string { return "0x" + strconv.FormatUint(uint64(z), 16) }

func itoa(n int32) string { return strconv.FormatInt(int64(n), 10) }
