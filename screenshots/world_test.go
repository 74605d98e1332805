package screenshots

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/sandbox/demo"
)

// world is a sandbox with the sample data and who uses it. Nobody in it does anything by
// itself: every write has its place in the order of all, and its time.
type world struct {
	t      testing.TB
	server *sandbox.Server
	clock  *clock
	rng    *rand.Rand // of names that are random elsewhere
	who    map[string]*sandbox.Client
	ports  int
	queued map[string][]string // of a lock: its queue
	passed map[string]int      // of a lock: how often it has changed hands
}

// newWorld starts a sandbox with the sample data, as it stands at noon.
func newWorld(t testing.TB, c *clock) *world {
	t.Helper()
	w := &world{t: t, clock: c, rng: rand.New(rand.NewPCG(3, 17)), who: map[string]*sandbox.Client{}, ports: 40110, queued: map[string][]string{}, passed: map[string]int{}}
	c.set(t, noon.Add(-26*24*time.Hour-3*time.Hour))
	s, err := sandbox.Start(sandbox.Options{Now: c.now, ContainerCheck: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.server = s
	w.check(demo.Fill(t.Context(), s))
	w.backup()
	w.services()
	w.kafka()
	w.edits()
	w.locks()
	c.set(t, noon)
	return w
}

// addr is where the sandbox listens.
func (w *world) addr() string { return w.server.Addr() }

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// client is the session of the process at an address, which is opened when it is first
// asked for.
func (w *world) client(ip string) *sandbox.Client {
	w.t.Helper()
	if c := w.who[ip]; c != nil {
		return c
	}
	w.ports += 7
	c, err := w.server.Open(fmt.Sprintf("%s:%d", ip, w.ports), 30*time.Second)
	w.check(err)
	w.who[ip] = c
	return c
}

// leave ends the session of the process at an address, as when it exits.
func (w *world) leave(ip string) {
	w.t.Helper()
	w.check(w.client(ip).Close())
	delete(w.who, ip)
}

// at sets the clock back from noon.
func (w *world) at(before time.Duration) { w.clock.set(w.t, noon.Add(-before)) }

// put creates a znode and returns its path.
func (w *world) put(ip, path, data string, mode sandbox.CreateMode) string {
	w.t.Helper()
	var value []byte
	if data != "" {
		value = []byte(data)
	}
	made, err := w.client(ip).Create(path, value, mode)
	w.check(err)
	return made
}

// set writes a value.
func (w *world) set(ip, path, data string) {
	w.t.Helper()
	_, err := w.client(ip).Set(path, []byte(data), -1)
	w.check(err)
}

// edit replaces a part of a value.
func (w *world) edit(ip, path, from, to string) {
	w.t.Helper()
	data, _, err := w.client(ip).Get(path, nil)
	w.check(err)
	if !strings.Contains(string(data), from) {
		w.t.Fatalf("%s holds no %q", path, from)
	}
	w.set(ip, path, strings.Replace(string(data), from, to, 1))
}

// delete deletes a znode.
func (w *world) delete(ip, path string) {
	w.t.Helper()
	w.check(w.client(ip).Delete(path, -1))
}

// watch leaves a watch on a znode that it waits for.
func (w *world) watch(ip, path string) {
	w.t.Helper()
	_, _, err := w.client(ip).Get(path, func() {})
	w.check(err)
}

// watchChildren leaves a watch on the children of a znode.
func (w *world) watchChildren(ip, path string) {
	w.t.Helper()
	_, err := w.client(ip).Children(path, func() {})
	w.check(err)
}

// hex32 is a random UUID as Python's uuid4().hex prints it, and uuid as Java does.
func (w *world) hex32() string {
	return fmt.Sprintf("%016x%016x", w.rng.Uint64()&^(0xf<<12)|4<<12, w.rng.Uint64()&^(0x3<<62)|2<<62)
}

func (w *world) uuid() string {
	h := w.hex32()
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// services registers the instances, as Curator's ServiceDiscovery does.
func (w *world) services() {
	for i, of := range []struct {
		name      string
		instances int
		port      int
	}{{"checkout", 3, 8080}, {"inventory", 4, 8080}, {"mailer", 2, 8025}, {"payments", 3, 8443}, {"search", 6, 9200}} {
		for n := range of.instances {
			w.at(time.Duration(53-7*i-n) * time.Hour)
			ip, id := fmt.Sprintf("10.20.%d.%d", i+1, 11+n), w.uuid()
			w.put(ip, "/services/"+of.name+"/"+id, fmt.Sprintf(
				`{"name":"%s","id":"%s","address":"%s","port":%d,"payload":{"@class":"com.example.Instance","zone":"eu-1%c","version":"2.14.%d"},"registrationTimeUTC":%d,"serviceType":"DYNAMIC","enabled":true}`,
				of.name, id, ip, of.port, 'a'+rune(n%3), 3+n%2, w.clock.now().UnixMilli()), sandbox.Ephemeral)
		}
	}
}

// kafka registers the brokers, of which the second leads.
func (w *world) kafka() {
	for _, id := range []int{2, 1, 3} {
		w.at(time.Duration(12*24-id) * time.Hour)
		w.put(fmt.Sprintf("10.30.0.%d", id), fmt.Sprintf("/kafka/brokers/ids/%d", id), broker(id, w.clock.now()), sandbox.Ephemeral)
		if id == 2 {
			w.put("10.30.0.2", "/kafka/controller", fmt.Sprintf(`{"version":2,"brokerid":2,"timestamp":"%d","kraftControllerEpoch":-1}`, w.clock.now().UnixMilli()), sandbox.Ephemeral)
		}
	}
}

// backup copies the configuration as it was.
func (w *world) backup() {
	const dir = "/archive/config-2026-03-01"
	w.at(16 * 24 * time.Hour)
	var copied func(path string)
	copied = func(path string) {
		data, _, err := w.client(office).Get("/config"+path, nil)
		w.check(err)
		w.put(office, dir+path, string(data), sandbox.Persistent)
		names, err := w.client(office).Children("/config"+path, nil)
		w.check(err)
		slices.Sort(names)
		for _, n := range names {
			copied(path + "/" + n)
		}
	}
	copied("")
}

// office is the address of somebody's laptop.
const office = "10.8.0.23"

// edits are what people have changed since then.
func (w *world) edits() {
	w.at(15 * 24 * time.Hour)
	w.put(office, "/config/checkout/currencies.json", `["EUR","SEK","JPY"]`, sandbox.Persistent)
	w.at(9 * 24 * time.Hour)
	w.delete(office, "/config/mailer/footer.txt")
	w.at(3 * 24 * time.Hour)
	w.edit(office, "/config/checkout/application.yaml", "maxPoolSize: 20", "maxPoolSize: 30")
	w.edit(office, "/config/checkout/application.yaml", "timeout: 1200ms", "timeout: 2000ms")
	w.at(26 * time.Hour)
	w.edit(office, "/config/shared/feature-flags.json", `"rollout": 25`, `"rollout": 50`)
}

// broker is what a Kafka broker says of itself.
func broker(id int, at time.Time) string {
	return fmt.Sprintf(`{"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT","SSL":"SSL"},"endpoints":["PLAINTEXT://10.30.0.%[1]d:9092","SSL://10.30.0.%[1]d:9093"],"rack":"%[2]c","jmx_port":9999,"port":9092,"host":"10.30.0.%[1]d","version":5,"timestamp":"%[3]d"}`,
		id, 'a'-1+rune(id), at.UnixMilli())
}
