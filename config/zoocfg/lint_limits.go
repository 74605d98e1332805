package zoocfg

import (
	"fmt"
	"time"
)

// Times beyond which a setting is told of.
const (
	shortTick  = 100 * time.Millisecond
	longTick   = 10 * time.Second
	shortInit  = 5 * time.Second
	shortSync  = 2 * time.Second
	longSync   = time.Minute
	fewClients = 10
)

// limits judges the tick and what is counted in it.
func (l *linter) limits() {
	e, ok := l.entry("tickTime")
	switch n, isNumber := l.number("tickTime"); {
	case !ok:
		l.miss("tickTime", Warning, "missing-key", "tickTime is not set", "ZooKeeper takes 3000: every limit in ticks, and session timeouts, follow from it", "write tickTime=2000, the usual one")
	case isNumber && n > 0 && l.tick < shortTick:
		l.mark(e, Warning, "short-tick", fmt.Sprintf("a tick is %d ms", n), "a pause of the Java machine, or of the disk, ends sessions and elections", "write tickTime=2000")
	case isNumber && l.tick > longTick:
		l.mark(e, Warning, "long-tick", fmt.Sprintf("a tick is %s", seconds(l.tick)), "a client that died is noticed late: its ephemeral znodes stay for two ticks at least", "write tickTime=2000")
	}
	l.quorumLimits()
	l.sessions()
	if e, ok := l.entry("maxClientCnxns"); ok {
		switch n, isNumber := l.number("maxClientCnxns"); {
		case isNumber && n == 0:
			l.mark(e, Note, "unlimited-clients", "the number of connections from an address has no limit", "one client that leaks connections can take them all", "write maxClientCnxns=60, or more as needed")
		case isNumber && n > 0 && n < fewClients:
			l.mark(e, Warning, "few-clients", fmt.Sprintf("an address may have %d connections", n), "programs on one machine, or behind one gateway, are refused from there on", "write maxClientCnxns=60")
		}
	}
}

// quorumLimits judges what followers must keep to.
func (l *linter) quorumLimits() {
	for _, key := range []string{"initLimit", "syncLimit"} {
		if _, ok := l.entry(key); !ok && l.distributed() {
			l.miss(key, Error, "missing-key", key+" is not set", refuses(quote(key+" is not set")), "write "+key+"="+examples[key])
		}
	}
	if !l.distributed() {
		return
	}
	initial, hasInit := l.number("initLimit")
	sync, hasSync := l.number("syncLimit")
	if e, ok := l.entry("initLimit"); ok && hasInit && initial > 0 && time.Duration(initial)*l.tick < shortInit {
		l.mark(e, Warning, "short-init", fmt.Sprintf("a follower has %s to fetch its data", seconds(time.Duration(initial)*l.tick)),
			"with much data it never gets ready, and tries for ever", "write initLimit=10, more for gigabytes of data")
	}
	e, ok := l.entry("syncLimit")
	if !ok || !hasSync || sync < 1 {
		return
	}
	switch span := time.Duration(sync) * l.tick; {
	case span < shortSync:
		l.mark(e, Warning, "short-sync", fmt.Sprintf("a follower may lag %s behind", seconds(span)), "a pause of the Java machine drops it, and elections follow each other", "write syncLimit=5")
	case span > longSync:
		l.mark(e, Warning, "long-sync", fmt.Sprintf("a hung server is noticed after %s", seconds(span)), "while the leader hangs, nobody can write that long", "write syncLimit=5")
	}
}

// The session timeouts that ZooKeeper takes by itself, in ticks.
const (
	minTicks = 2
	maxTicks = 20
)

// sessions judges the session timeouts that clients may ask for.
func (l *linter) sessions() {
	low, hasLow := l.number("minSessionTimeout")
	high, hasHigh := l.number("maxSessionTimeout")
	tick := int(l.tick / time.Millisecond)
	saidLow, saidHigh := fmt.Sprintf("minSessionTimeout is %d", low), fmt.Sprintf("maxSessionTimeout is %d", high)
	if !hasLow || low == -1 {
		low, saidLow = minTicks*tick, fmt.Sprintf("minSessionTimeout is 2 ticks, %d", minTicks*tick)
	}
	if !hasHigh || high == -1 {
		high, saidHigh = maxTicks*tick, fmt.Sprintf("maxSessionTimeout is 20 ticks, %d", maxTicks*tick)
	}
	e, ok := l.entry("maxSessionTimeout")
	if !ok {
		e, ok = l.entry("minSessionTimeout")
	}
	if ok && low > high {
		l.mark(e, Error, "session-limits", saidLow+", and "+saidHigh, refuses(`"minSessionTimeout must not be larger than maxSessionTimeout"`),
			"raise maxSessionTimeout, or lower minSessionTimeout or tickTime")
		return
	}
	if e, ok := l.entry("minSessionTimeout"); ok && low > 0 && low < minTicks*tick {
		l.mark(e, Note, "short-session", fmt.Sprintf("sessions may be shorter than two ticks, %d ms", minTicks*tick),
			"a session ends at the end of a tick: such a short one lasts longer than was asked for", "lower tickTime too, or leave minSessionTimeout out")
	}
}

// purging judges whether old data is ever deleted.
func (l *linter) purging() {
	interval, ok := l.number("autopurge.purgeInterval")
	e, has := l.entry("autopurge.purgeInterval")
	const effect = "snapshots and logs are kept for ever, until the disk is full and the server ends"
	const mend = "write autopurge.purgeInterval=24 and autopurge.snapRetainCount=3"
	switch {
	case !has && l.has("autopurge.snapRetainCount"):
		l.miss("autopurge.purgeInterval", Warning, "no-autopurge", "autopurge.purgeInterval is not set, and autopurge.snapRetainCount alone does nothing", effect, "write autopurge.purgeInterval=24, in hours")
	case !has:
		l.miss("autopurge.purgeInterval", Warning, "no-autopurge", "autopurge.purgeInterval is not set", effect, mend)
	case ok && interval <= 0:
		l.mark(e, Warning, "no-autopurge", fmt.Sprintf("autopurge.purgeInterval is %d", interval), effect, mend)
	}
	if keep, ok := l.number("autopurge.snapRetainCount"); ok && keep < 3 {
		if e, ok := l.entry("autopurge.snapRetainCount"); ok {
			l.mark(e, Warning, "few-snapshots", fmt.Sprintf("%d snapshots are to be kept", keep), "ZooKeeper keeps 3 all the same, and logs a warning", "write autopurge.snapRetainCount=3")
		}
	}
}
