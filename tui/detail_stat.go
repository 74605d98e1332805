package tui

import (
	"fmt"
	"strconv"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// statLines spells out every field of a Stat under the names that zkCli and the
// documentation use, with what it means.
func statLines(st *styles, s zkview.Stat, ours int64, now time.Time) [][]span {
	row := func(name, val string, more ...span) [][]span {
		return [][]span{append([]span{{st.dim, " " + safetext.Pad(name, 15)}, {st.text, val}}, more...)}
	}
	note := func(text string) span { return span{st.dim, "  " + text} }
	age := func(t time.Time) span { return note(value.Age(now.Sub(t)) + " ago") }

	var out [][]span
	add := func(rows [][]span) { out = append(out, rows...) }
	add(row("ctime", stamp(s.Created()), age(s.Created())))
	add(row("mtime", stamp(s.Modified()), age(s.Modified())))
	add(row("dataVersion", itoa(s.Version), note(changes(s.Version, "change of data", "changes of data"))))
	add(row("dataLength", fmt.Sprint(s.DataLength), note(value.Size(int64(s.DataLength)))))
	add(row("numChildren", fmt.Sprint(s.NumChildren)))
	add(row("cversion", itoa(s.Cversion), note(changes(s.Cversion, "child came or went", "children came or went"))))
	add(row("aclVersion", itoa(s.Aversion), note(changes(s.Aversion, "change of the ACL", "changes of the ACL"))))
	add(row("ephemeralOwner", sessionHex(s.EphemeralOwner), owner(st, s, ours)...))
	add(row("cZxid", zxid(s.Czxid), note("the transaction that created it")))
	add(row("mZxid", zxid(s.Mzxid), note("… that last set its data")))
	add(row("pZxid", zxid(s.Pzxid), note("… that last added or removed a child")))
	return out
}

// owner says in words what ephemeralOwner means.
func owner(st *styles, s zkview.Stat, ours int64) []span {
	switch s.Kind() {
	case zkview.Ephemeral:
		if s.EphemeralOwner == ours && ours != 0 {
			return []span{{st.accent, "  ephemeral: goes with this session of ours"}}
		}
		return []span{{st.warn, "  ephemeral: goes when this session ends"}}
	case zkview.Container:
		return []span{{st.text, "  container: removed some time after its last child goes"}}
	case zkview.TTL:
		return []span{{st.text, fmt.Sprintf("  TTL %s: removed when unchanged so long and without children", s.TTL())}}
	default:
		return []span{{st.dim, "  persistent: stays until deleted"}}
	}
}

// aclLines spells out an access control list.
func aclLines(st *styles, acl []zkview.ACL) [][]span {
	names := []struct {
		perm zkview.Perms
		word string
	}{
		{zkview.PermRead, "read"}, {zkview.PermWrite, "write"}, {zkview.PermCreate, "create children"},
		{zkview.PermDelete, "delete children"}, {zkview.PermAdmin, "change the ACL"},
	}
	var out [][]span
	for _, a := range acl {
		who := safetext.Clean(a.Scheme) + ":" + safetext.Clean(a.ID)
		inkWho := st.text
		if a.Scheme == "world" {
			inkWho = st.warn
			who += "  everybody"
		}
		out = append(out, []span{{inkWho, " " + who}})
		can := ""
		for _, n := range names {
			if a.Perms&n.perm != 0 {
				can += ", " + n.word
			}
		}
		if can == "" {
			can = ", nothing"
		}
		out = append(out, []span{{st.dim, "   " + safetext.Pad(a.Perms.String(), 7)}, {st.text, "may " + can[2:]}})
	}
	if len(acl) == 0 {
		out = append(out, []span{{st.dim, " the list is empty: nobody but a super user may do anything"}})
	}
	return out
}

func changes(n int32, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

func zxid(z int64) string { return "0x" + strconv.FormatUint(uint64(z), 16) }

func sessionHex(id int64) string { return zxid(id) }

func itoa(n int32) string { return strconv.FormatInt(int64(n), 10) }
