package demo

import (
	"fmt"

	"zkdeck/zkview/sandbox"
)

const (
	patroniDir    = "/patroni/orders-db"
	patroniLeader = patroniDir + "/leader"
)

// fillPatroni makes a PostgreSQL cluster under Patroni, whose leader is a single
// ephemeral znode that holds a member's name.
func fillPatroni(b *builder) {
	b.dirs("/patroni", patroniDir, patroniDir+"/members")
	b.text(patroniDir+"/initialize", "7412058913377219584")
	b.text(patroniDir+"/config", `{"ttl":30,"loop_wait":10,"retry_timeout":10,"maximum_lag_on_failover":1048576,"postgresql":{"use_pg_rewind":true,"parameters":{"max_connections":200,"shared_buffers":"4GB"}}}`)
	b.text(patroniDir+"/status", `{"optime":67108960}`)
	b.text(patroniDir+"/history", `[[1,67108864,"no recovery target specified"]]`)
}

// patroniCast are the members; each restarts now and then, and another leads.
func patroniCast() []part {
	var all []part
	for i := range 3 {
		name := fmt.Sprintf("orders-db-%d", i)
		all = append(all, part{
			host: name, ip: fmt.Sprintf("10.70.0.%d", 10+i),
			enters: span{float64(i) / 2, float64(i+1) / 2}, rests: span{10, 25},
			work: func(v *visit) error { return patroni(v, name) },
		})
	}
	return all
}

func patroni(v *visit, name string) error {
	own := patroniDir + "/members/" + name
	member := func(role string) []byte {
		return fmt.Appendf(nil, `{"conn_url":"postgres://%[1]s:5432/postgres","api_url":"http://%[1]s:8008/patroni","state":"running","role":"%[2]s","version":"3.3.2","timeline":2}`, v.ip, role)
	}
	if _, err := v.put(own, member("replica"), sandbox.Ephemeral, sandbox.Persistent); err != nil {
		return err
	}
	r := &race{path: patroniLeader, gone: newSignal(), data: func() []byte { return []byte(name) }, won: func() error {
		err := v.Set(own, member("primary"), -1)
		return passing(err)
	}}
	beats := 0
	_, err := v.during(v.within(span{400, 900}), hold{path: own, wake: r.gone, every: 4, do: func() error {
		if err := r.run(v); err != nil || !r.leads {
			return err
		}
		if beats++; beats%5 != 0 {
			return nil
		}
		return v.rewrite(edit{patroniDir + "/status", `(\d+)`, number(func(v *visit, n int) int { return n + 8192 + 8*v.rng.IntN(9000) })})
	}})
	return err
}
