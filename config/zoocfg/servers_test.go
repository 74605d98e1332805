package zoocfg_test

import (
	"fmt"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
)

func TestServerLines(t *testing.T) {
	for line, want := range map[string]string{
		"zk1:2888:3888":                              "[{zk1 2888 3888}] voter",
		"zk1:2888:3888:participant":                  "[{zk1 2888 3888}] voter",
		"zk1:2888:3888:OBSERVER":                     "[{zk1 2888 3888}] observer",
		"zk1:2888:3888: observer ":                   "[{zk1 2888 3888}] observer",
		"zk1:2888:3888;2181":                         "[{zk1 2888 3888}] voter client 2181",
		"zk1:2888:3888:observer;10.0.0.1:2181":       "[{zk1 2888 3888}] observer client 10.0.0.1:2181",
		"[::1]:2888:3888;[::]:2181":                  "[{::1 2888 3888}] voter client [::]:2181",
		"zk1:2888:3888|zk1b:2889:3889":               "[{zk1 2888 3888} {zk1b 2889 3889}] voter",
		"zk1:1:2:observer|zk1b:3:4:observer;2181":    "[{zk1 1 2} {zk1b 3 4}] observer client 2181",
		"zk1:1:2|zk1b:3:4:observer":                  "[{zk1 1 2} {zk1b 3 4}] observer",
		"zk1:2888:3888;2181;2281":                    "[{zk1 2888 3888}] voter client 2181 secure 2281",
		"zk1:2888:3888;;0.0.0.0:2281":                "[{zk1 2888 3888}] voter secure 0.0.0.0:2281",
		"zk1:2888:3888;":                             "[{zk1 2888 3888}] voter",
		"zk1:2888:3888:":                             "[{zk1 2888 3888}] voter",
		"zk1:2888":                                   `"zk1:2888" is not host:port:port`,
		"zk1:2888:3888 # x":                          `"3888 # x" is no number`,
		"zk1:2888:3888\\u0020":                       "has a blank at its end",
		"zk1:2888:3888;2181 # x":                     `"2181 # x" is no number`,
		"zk1:two:3888":                               `"two" is no number`,
		"zk1:2888:70000":                             "70000 is no port",
		"zk1:2888:2888":                              "both 2888",
		"zk1:2888:3888:king":                         `"king"`,
		"zk1:2888:3888:participant|zk2:1:2:observer": "participant and observer",
		"zk1:2888:3888;1;2;3":                        "semicolons",
		"[::1:2888:3888":                             "no ]",
		"[::1]:":                                     "no port",
		"":                                           "is not host:port:port",
		";2181":                                      "is not host:port:port",
		"zk1:2888:3888;a:b:2181":                     "neither a port nor host:port",
	} {
		all, err := parse(t, "server.1="+line).Servers()
		got := fmt.Sprint(err)
		if err == nil {
			got = describe(all[0])
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

func describe(s zoocfg.Server) string {
	said := fmt.Sprint(s.Addrs, " voter")
	if s.Observer {
		said = fmt.Sprint(s.Addrs, " observer")
	}
	if a := s.Client.String(); a != "" {
		said += " client " + a
	}
	if a := s.Secure.String(); a != "" {
		said += " secure " + a
	}
	return said
}

func TestServersInOrderWithGroups(t *testing.T) {
	c := parse(t, `server.3=c:1:2
server.1=a:1:2
server.x=b:1:2
server.2=b:1
server.10=d:1:2:observer
group.1=1:3
group.2=2
weight.3=0
weight.1=x
`)
	all, err := c.Servers()
	if len(all) != 3 || all[0].ID != 1 || all[1].ID != 3 || all[2].ID != 10 {
		t.Fatalf("%+v", all)
	}
	if all[0].Group != 1 || all[0].Weight != 1 || all[1].Weight != 0 || all[2].Group != 0 {
		t.Errorf("%+v", all)
	}
	for _, want := range []string{`line 3: server.x: "x" is no number`, "line 4: server.2:", "line 9: weight.1:"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}
