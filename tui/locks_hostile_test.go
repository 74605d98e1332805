package tui

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/sandbox"
)

// TestScreenLocksOfHostileData has equal and negative numbers, values and paths that
// mean harm, a queue that nobody may list, one whose contenders nobody may read, and
// children that do not belong.
func TestScreenLocksOfHostileData(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	a, b := other(t, server.Addr(), ""), other(t, server.Addr(), "")
	evil := "/evil\u202e"
	a.make("", "/worn", "/below", evil, "/hidden", "/locks", "/locks/closed", "/foreign")
	server.SetCounter("/worn", math.MaxInt32)
	for i, c := range []*client{a, b} {
		c.queue("/worn", fmt.Sprintf("_c_%032x-lock-", i+1), "", "")
	}
	server.SetCounter("/below", math.MaxInt32)
	var ops []any
	for i := range 3 {
		ops = append(ops, &zk.CreateRequest{
			Path: "/below/" + fmt.Sprintf(mutexName, i), Acl: zk.WorldACL(zk.PermAll), Flags: zk.FlagEphemeral | zk.FlagSequence,
		})
	}
	_, err = a.Multi(ops...)
	a.must(err)
	a.queue(evil, fmt.Sprintf(mutexName, 1), "\x1b]0;pwned\x07\x1b[2J\u202e", "")
	a.queue("/locks/closed", fmt.Sprintf(mutexName, 1), "", "")
	nobody := zk.DigestACL(zk.PermAll, "no", "body")
	_, err = a.SetACL("/locks/closed", nobody, -1)
	a.must(err)
	_, err = a.Create("/hidden/"+fmt.Sprintf(mutexName, 1), []byte("secret"), zk.FlagEphemeral|zk.FlagSequence, nobody)
	a.must(err)
	a.queue("/foreign", "_c_0123456789abcdef0123456789abcdef-lock-", "go", "")
	a.make("", "/foreign/config")

	s := openScreen(t, server.Addr(), 160, 30)
	s.WaitForText("connected")
	s.Type("2")
	s.lockLine("/worn", "▲ suspicious", "go-zookeeper", "equal-sequence")
	s.lockLine("/below", "▲ suspicious", "curator-mutex", "negative-sequence")
	s.lockLine(`/evil\u202e`, "● held", `\x1b]0;pwned\x07`)
	s.lockLine("/hidden", "● held", "closed")
	s.lockLine("/foreign", "▲ suspicious", "go-zookeeper", "foreign")
	s.lockLine("/locks/closed")
	s.WaitForText("searched at")
	for path, says := range map[string]string{
		"/worn": "by most recipes both hold", "/below": "went on below zero", "/hidden": "We may not read",
		"/foreign": "break this recipe", `/evil`: `\x1b]0;pwned\x07`, "/locks/closed": "Its ACL does not let us list",
	} {
		s.Type("/", path, "enter")
		s.WaitForText("1 row")
		s.Type("enter")
		s.WaitForText("esc all locks", says)
		s.Type("esc", "esc")
		s.WaitForText("6 locks")
	}
	if strings.ContainsAny(s.Screen(), "\u202e\x1b") {
		t.Errorf("not escaped:\n%s", s.Screen())
	}
	s.quit("q")
}
