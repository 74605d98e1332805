package lockview_test

import (
	"fmt"
	"strings"
	"testing"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Values are what somebody wrote: identities are text and short, whatever they are, and
// only the beginning of a large one is kept.
func TestHostileIdentities(t *testing.T) {
	addr, root, conn := shared(t)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	values := []string{
		"\x1b]0;title\x07\x1b[2J\x1b[31mred", "\u202eevil\u202c", "a\u200b\u2060b", "\xff\xfe\x00\x01", "\x00", "\x9b31m", "\u009b31m",
		"two\nlines\r\n\tand tabs", strings.Repeat("x", 1_000_000), strings.Repeat("\u202e", 80_000), strings.Repeat("e\u0301", 300),
		"b'\x1b[5m'", `{"HostName":"\u001b[2J\u202e","UserName":"\u0000"}`, `{"brokerid":` + strings.Repeat("9", 200) + `}`,
		strings.Repeat(`{"a":`, 100), "__REVOKE__", "\U000e0041tag", "\ue000private", "👩‍👩‍👧‍👦", "\u2028line",
	}
	for i, v := range values {
		create(t, conn, fmt.Sprintf("%s/%032x__lock__", dir, i+1), v, contending)
	}
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	r.board.Open(dir)
	s := r.until("all are read", func(s *lockctl.Snapshot) bool {
		v := s.At(dir)
		return v != nil && v.Read == len(values)
	})
	v := s.At(dir)
	for i, k := range v.Contenders {
		if len(k.Identity) > 2048 || len(k.Data) > 1024 {
			t.Errorf("%d: %d bytes of identity, %d of the value", i, len(k.Identity), len(k.Data))
		}
		if k.Session == 0 || k.Stat.DataLength != int32(len(values[i])) {
			t.Errorf("%d: session %x, %d bytes", i, k.Session, k.Stat.DataLength)
		}
	}
	if got := v.Contenders[0].Identity; !strings.HasPrefix(got, `\x1b]0;title\x07`) {
		t.Errorf("%q", got)
	}
	// In the timeline and in events as well.
	for i := range values {
		remove(t, conn, dir+"/"+v.Contenders[i].Node)
	}
	r.shows(dir, "free")
	var text strings.Builder
	if err := r.board.Snapshot().At(dir).Timeline.WriteJSON(&text, dir); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), `"type":"hold"`); n != len(values) || strings.ContainsAny(text.String(), "\x1b\u202e") {
		t.Errorf("%d holds: %.2000q", n, text.String())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if strings.ContainsAny(e.Party.Identity, "\x1b\u202e\u200b\n") || len(e.Party.Identity) > 2048 {
			t.Errorf("an event has %.200q", e.Party.Identity)
		}
	}
}
