package zkview

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Record is one znode of an export: one line of the file.
type Record struct {
	// Path is relative to the root of the export, whose own is "/".
	Path string
	// Data is nil where the znode holds null, which is not the same as nothing.
	Data []byte
	// Kind, TTL and Owner say how long the znode lives; Owner is the session of an
	// ephemeral. That a znode was created sequential is stored nowhere.
	Kind  Kind
	TTL   time.Duration
	Owner int64
	// ACL is nil for the open one, world:anyone:cdrwa.
	ACL []ACL
	// ACLHidden tells that the server did not show the whole ACL: digests are masked
	// from those without the admin permission on the znode. What ACL then holds is
	// not what is there.
	ACLHidden bool
	// Unread says why the znode could not be read, and is empty if it was; only Path
	// means anything beside it.
	Unread string

	// seen is the state in which a copy saw the znode.
	seen seenState
}

// seenState is what tells whether a znode has changed since.
type seenState struct {
	czxid              int64
	mzxid              int64
	version, aversion  int32
	cversion, children int32
}

func seenOf(st Stat) seenState {
	return seenState{st.Czxid, st.Mzxid, st.Version, st.Aversion, st.Cversion, st.NumChildren}
}

// recordOf makes the record of a znode that was read, its ACL excepted.
func recordOf(z *Znode, root string) Record {
	r := Record{Path: relative(z.Path, root)}
	if z.Err != nil {
		r.Unread = bareError(z.Err).Error()
		return r
	}
	r.Data, r.Kind, r.TTL, r.seen = z.Data, z.Stat.Kind(), z.Stat.TTL(), seenOf(z.Stat)
	if r.Kind == Ephemeral {
		r.Owner = z.Stat.EphemeralOwner
	}
	return r
}

// setACL takes over an ACL as the server showed it.
func (r *Record) setACL(acl []ACL) {
	if slices.Equal(acl, openACL) {
		return
	}
	r.ACL = acl
	r.ACLHidden = slices.ContainsFunc(acl, masked)
}

var openACL = OpenACL()

// masked reports whether the server wrote "x" in the place of a digest, which is 28
// characters of base64 (PrepRequestProcessor and FinalRequestProcessor since 3.5.4
// and 3.4.14; CVE-2019-0201).
func masked(a ACL) bool { return a.Scheme == "digest" && strings.HasSuffix(a.ID, ":x") }

// The members of a line, in its order; README and export.go tell what they mean.
type recordLine struct {
	Path   *string         `json:"path"`
	Path64 *string         `json:"path64"`
	Data   *string         `json:"data"`
	Data64 *string         `json:"data64"`
	Mode   string          `json:"mode"`
	TTL    int64           `json:"ttl"`
	Owner  string          `json:"owner"`
	ACL    []aclLine       `json:"acl"`
	Masked bool            `json:"masked"`
	Unread string          `json:"unread"`
	Seen   []int64         `json:"seen"`
	End    json.RawMessage `json:"end"`
}

type aclLine struct {
	Perms  string `json:"perms"`
	Scheme string `json:"scheme"`
	ID     string `json:"id"`
}

// appendRecord appends the line of a record, with its line break.
func appendRecord(b []byte, r *Record, seen bool) []byte {
	if utf8.ValidString(r.Path) {
		b = appendString(append(b, `{"path":`...), r.Path)
	} else {
		b = append(b, `{"path64":"`...)
		b = base64.StdEncoding.AppendEncode(b, []byte(r.Path))
		b = append(b, '"')
	}
	if r.Unread != "" {
		b = appendString(append(b, `,"unread":`...), r.Unread)
		return append(b, "}\n"...)
	}
	switch {
	case r.Data == nil:
		b = append(b, `,"data":null`...)
	case utf8.Valid(r.Data):
		b = appendString(append(b, `,"data":`...), string(r.Data))
	default:
		b = append(b, `,"data64":"`...)
		b = base64.StdEncoding.AppendEncode(b, r.Data)
		b = append(b, '"')
	}
	switch r.Kind {
	case Container:
		b = append(b, `,"mode":"container"`...)
	case TTL:
		b = append(b, `,"mode":"ttl","ttl":`...)
		b = strconv.AppendInt(b, r.TTL.Milliseconds(), 10)
	case Ephemeral:
		b = fmt.Appendf(b, `,"mode":"ephemeral","owner":"0x%x"`, uint64(r.Owner))
	default:
	}
	b = appendACL(b, r)
	if seen {
		v := r.seen
		b = fmt.Appendf(b, `,"seen":[%d,%d,%d,%d,%d,%d]`, v.czxid, v.mzxid, v.version, v.aversion, v.cversion, v.children)
	}
	return append(b, "}\n"...)
}

func appendACL(b []byte, r *Record) []byte {
	if r.ACL != nil {
		b = append(b, `,"acl":[`...)
		for i, a := range r.ACL {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, `{"perms":"`...), a.Perms.String()...), `","scheme":`...)
			b = appendString(append(appendString(b, a.Scheme), `,"id":`...), a.ID)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	if r.ACLHidden {
		b = append(b, `,"masked":true`...)
	}
	return b
}

// appendString appends a JSON string that reads back exactly as s, which is
// valid UTF-8. Control characters beyond those that JSON escapes are escaped too,
// so that the file can be looked at in a terminal.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c < 0x20 || c == '"' || c == '\\' || c == 0x7f:
			b = append(b, s[from:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			from = i
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if escapedRune(r) {
				b = append(b, s[from:i]...)
				b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
				from = i + n
			}
			i += n
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// escapedRune tells characters that do something to a terminal or to the direction
// of a line: C1 controls, line separators, and the controls of direction.
func escapedRune(r rune) bool {
	return r >= 0x80 && r <= 0x9f || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

// errBadLine is what the errors of parseRecord wrap.
var errBadLine = errors.New("not a line of an export")

// parseRecord reads a line. The trailer is no record: its member "end" is returned.
func parseRecord(line []byte) (r Record, end json.RawMessage, err error) {
	var l recordLine
	if err := json.Unmarshal(line, &l); err != nil {
		return r, nil, fmt.Errorf("%w: %w", errBadLine, err)
	}
	switch {
	case l.End != nil:
		return r, l.End, nil
	case l.Path != nil && l.Path64 != nil, l.Path == nil && l.Path64 == nil:
		return r, nil, fmt.Errorf("%w: it has to have either path or path64", errBadLine)
	case l.Data != nil && l.Data64 != nil:
		return r, nil, fmt.Errorf("%w: it has both data and data64", errBadLine)
	}
	if halfSurrogate(line, &l) {
		return r, nil, fmt.Errorf("%w: it has one half of a surrogate pair, which stands for no character", errBadLine)
	}
	if r.Path, err = l.path(); err != nil {
		return r, nil, err
	}
	if r.Unread = l.Unread; r.Unread != "" {
		return r, nil, nil
	}
	if r.Data, err = l.data(); err == nil {
		err = l.kind(&r)
	}
	if err == nil {
		err = l.acl(&r)
	}
	if v := l.Seen; len(v) == 6 {
		r.seen = seenState{v[0], v[1], int32(v[2]), int32(v[3]), int32(v[4]), int32(v[5])}
	}
	return r, nil, err
}

// halfSurrogate tells whether the JSON has an escape like \ud800 alone, in the place of
// which the decoder puts U+FFFD: there is more of that then than the line has.
func halfSurrogate(line []byte, l *recordLine) bool {
	found := 0
	for _, s := range []*string{l.Path, l.Data} {
		if s != nil {
			found += strings.Count(*s, "\ufffd")
		}
	}
	return found > 0 && found > bytes.Count(line, []byte("\ufffd"))+bytes.Count(bytes.ToLower(line), []byte(`\ufffd`))
}

func (l *recordLine) path() (string, error) {
	path := ""
	if l.Path64 != nil {
		raw, err := base64.StdEncoding.DecodeString(*l.Path64)
		if err != nil {
			return "", fmt.Errorf("%w: path64: %w", errBadLine, err)
		}
		path = string(raw)
	} else {
		path = *l.Path
	}
	if path == "" || path[0] != '/' || path != "/" && path[len(path)-1] == '/' || strings.Contains(path, "//") {
		return "", fmt.Errorf("%w: %q is not a path below the root of an export: those begin with / and end with a name", errBadLine, cut(path))
	}
	return path, nil
}

// cut shortens what an error quotes.
func cut(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

// firstOf is enough of a foreign file to see what it is.
func firstOf(line string) string {
	if len(line) > 40 {
		return line[:40] + "…"
	}
	return line
}

func (l *recordLine) data() ([]byte, error) {
	switch {
	case l.Data != nil:
		return []byte(*l.Data), nil
	case l.Data64 != nil:
		data, err := base64.StdEncoding.DecodeString(*l.Data64)
		if err != nil {
			return nil, fmt.Errorf("%w: data64: %w", errBadLine, err)
		}
		return data, nil
	default:
		return nil, nil
	}
}

func (l *recordLine) kind(r *Record) error {
	switch l.Mode {
	case "", "persistent":
	case "container":
		r.Kind = Container
	case "ttl":
		if l.TTL < 1 || l.TTL > ttlValueMask {
			return fmt.Errorf("%w: a ttl is between 1 and %d milliseconds, not %d", errBadLine, int64(ttlValueMask), l.TTL)
		}
		r.Kind, r.TTL = TTL, time.Duration(l.TTL)*time.Millisecond
	case "ephemeral":
		r.Kind = Ephemeral
		if l.Owner != "" {
			owner, err := strconv.ParseUint(l.Owner, 0, 64)
			if err != nil {
				return fmt.Errorf("%w: owner %q is not the number of a session", errBadLine, cut(l.Owner))
			}
			r.Owner = int64(owner)
		}
	default:
		return fmt.Errorf("%w: mode %q; there are persistent, container, ttl and ephemeral", errBadLine, cut(l.Mode))
	}
	return nil
}

func (l *recordLine) acl(r *Record) error {
	r.ACLHidden = l.Masked
	for _, a := range l.ACL {
		perms := Perms(0)
		for _, c := range []byte(a.Perms) {
			i := bytes.IndexByte([]byte("rwcda"), c)
			if i < 0 {
				return fmt.Errorf("%w: permissions %q; they are made of c, d, r, w and a", errBadLine, cut(a.Perms))
			}
			perms |= 1 << i
		}
		if a.Scheme == "" {
			return fmt.Errorf("%w: an entry of its acl has no scheme", errBadLine)
		}
		r.ACL = append(r.ACL, ACL{perms, a.Scheme, a.ID})
	}
	if l.ACL != nil && len(l.ACL) == 0 {
		return fmt.Errorf("%w: its acl is empty; leave it out for one that lets everyone do everything", errBadLine)
	}
	if slices.Equal(r.ACL, openACL) {
		r.ACL = nil
	}
	return nil
}
