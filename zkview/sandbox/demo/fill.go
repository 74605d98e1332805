package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// builder creates what persists. The first error ends its work.
type builder struct {
	ctx    context.Context // of the one call to Fill that the builder serves
	client *sandbox.Client
	rng    *rand.Rand
	err    error
}

// text creates a persistent znode with a value; its parent was made before.
func (b *builder) text(path, data string) { b.add(path, []byte(data), sandbox.Persistent) }

// dirs creates persistent znodes with a null value.
func (b *builder) dirs(paths ...string) {
	for _, p := range paths {
		b.add(p, nil, sandbox.Persistent)
	}
}

// container creates a container znode, which the server deletes some time after its
// last child has gone.
func (b *builder) container(path string) { b.add(path, nil, sandbox.Container) }

func (b *builder) add(path string, data []byte, mode sandbox.CreateMode, acl ...wire.ACL) {
	if b.err == nil {
		b.err = b.ctx.Err()
	}
	if b.err != nil {
		return
	}
	if _, err := b.client.Create(path, data, mode, acl...); err != nil && !errors.Is(err, wire.NodeExists) {
		b.err = fmt.Errorf("creating %s of the sample data: %w", path, err)
	}
}

const welcome = `Welcome to the sandbox.

This is a ZooKeeper server in memory, within zkdeck. Nothing here is
real, and nothing that you do here lasts: change, break and delete
what you like. Some sixty programs pretend to use it, each with a
session of its own.

What to try:

  Open /locks/invoice-run and see the queue change. Delete the first
  node of the queue: the next one gets the lock.
  Change a flag in /config/shared/feature-flags.json.
  Delete /kafka/controller: the brokers elect one anew.
  Press 5 to see what changes, ? for all keys.

What is here:

  /services   instances that register and leave: ephemeral znodes
  /config     files that somebody edits now and then
  /locks      queues for locks, as different libraries build them
  /election   replicas of a service; the first in the queue leads
  /jobs       a queue: images to resize, produced and taken
  /uk/lock    a lock from a tutorial: everybody watches everything
  /kafka      brokers, topics, a controller; sometimes one restarts
  /solr       a search cluster with an overseer
  /patroni    a database whose leader is one ephemeral znode
  /shop       carts that expire by themselves (TTL)
  /batch      runs whose containers the server removes when empty
  /metrics    numbers of many hosts
  /archive    a directory with 5,000 children
  /vault      only for ` + User + ` (scheme digest, password ` + Password + `)
`

// fillWelcome puts the welcome where a person looks first, which exists already.
func fillWelcome(b *builder) {
	if b.err != nil {
		return
	}
	data, st, err := b.client.Get(Welcome, nil)
	if err == nil && len(data) == 0 {
		_, err = b.client.Set(Welcome, []byte(welcome), st.Version)
	}
	if err != nil {
		b.err = fmt.Errorf("writing the welcome of the sample data: %w", err)
	}
}

// fillPlaces makes the directories where actors meet.
func fillPlaces(b *builder) {
	b.dirs("/services", "/locks", "/election", "/uk", "/uk/lock", queueDir, "/shop", cartsDir, "/batch")
	for _, s := range services {
		b.container("/services/" + s.name)
	}
	for _, l := range locks {
		b.place(l.dir, l.containers)
	}
	b.container(latch.dir)
	b.container(semaphoreDir)
	b.container(semaphoreDir + "/locks")
	b.container(semaphoreDir + "/leases")
	for range 5 {
		b.add(queueDir+"/queue-", job(b.rng), sandbox.Persistent|sandbox.Sequential)
	}
}

func (b *builder) place(path string, container bool) {
	if container {
		b.container(path)
	} else {
		b.dirs(path)
	}
}

// fillVault makes a corner that a newcomer sees and cannot look into.
func fillVault(b *builder) {
	if b.err == nil {
		b.err = b.client.Auth("digest", User+":"+Password)
	}
	const read, all = 1, 31
	keeper := wire.ACL{Perms: all, Scheme: "digest", ID: digestID(User, Password)}
	b.add("/vault", []byte("Ask the keeper."), sandbox.Persistent, keeper, wire.ACL{Perms: read, Scheme: "world", ID: "anyone"})
	for _, of := range []string{"payments", "mail"} {
		b.add("/vault/"+of, nil, sandbox.Persistent, keeper)
		b.add("/vault/"+of+"/api-key", []byte("sk_sandbox_"+hex32(b.rng)), sandbox.Persistent, keeper)
		b.add("/vault/"+of+"/password", []byte("correct horse battery staple"), sandbox.Persistent, keeper)
	}
}

// archived is how many children the wide directory has.
const archived = 5000

// fillArchive makes a directory with many children: that is ordinary.
func fillArchive(b *builder) {
	b.dirs("/archive", "/archive/jobs")
	for i := range archived {
		day, n := 1+i/200, i%200
		b.text(fmt.Sprintf("/archive/jobs/2025-09-%02d.%03d", day, n), fmt.Sprintf(
			`{"job":"resize","image":%d,"worker":"10.90.0.%d","tookMs":%d}`, 40000+i, 11+b.rng.IntN(4), 80+b.rng.IntN(1500)))
	}
}
