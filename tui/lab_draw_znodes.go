package tui

import (
	"fmt"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// The columns of znodes: whose it is, its session, and its czxid, which is the token.
const (
	labZnodeWho     = 9
	labZnodeSession = 20
	labZnodeToken   = 14
)

// znodeRows are n rows of the directory as it is: names, sessions and tokens.
func (d *labDrawing) znodeRows(s *lab.Snapshot, n int) []string {
	st := d.st
	name := max(d.width-4-labZnodeWho-labZnodeSession-labZnodeToken, 8)
	row := func(k ink, sign, who, what string, whatInk ink, session, token string) string {
		return st.line(d.width, false, []span{
			{st.warn, " " + sign + " "},
			{k, safetext.Pad(who, labZnodeWho)},
			{whatInk, safetext.Pad(safetext.TruncateMiddle(what, name-1), name)},
			{st.dim, safetext.Pad(session, labZnodeSession) + safetext.Pad(token, labZnodeToken)},
		}, nil)
	}
	dir := plural(len(s.Queue), "znode", "znodes") + " in " + safetext.Clean(s.Dir)
	rows := []string{st.line(d.width, false, []span{
		{st.dim, " " + safetext.Pad(safetext.TruncateMiddle(dir, labZnodeWho+name), labZnodeWho+name+2)},
		{st.dim, safetext.Pad("session", labZnodeSession) + safetext.Pad("czxid: token", labZnodeToken)},
	}, nil)}
	for i := range s.Queue {
		if left := len(s.Queue) - i; len(rows) == n-1 && left > 1 {
			rows = append(rows, row(st.dim, " ", "", fmt.Sprintf("and %d more", left), st.dim, "", ""))
			break
		}
		z := &s.Queue[i]
		what := safetext.Clean(z.Name)
		if z.Dir != "" {
			what = safetext.Clean(z.Dir) + "/" + what
		}
		k, sign, who, session := st.text, " ", "not ours", "none: persistent"
		if z.Worker > 0 {
			k, who = st.bold, labName(z.Worker)
		}
		if z.Holder {
			sign = st.bullet
		}
		if z.Owner != 0 {
			session = zxid(z.Owner)
		}
		rows = append(rows, row(k, sign, who, what, st.text, session, zxid(z.Czxid)))
	}
	return st.fill(rows, d.width, n)
}
