package demo

import (
	"fmt"
	"time"

	"zkdeck/zkview/sandbox"
)

// batchCast runs batches, each under a container znode that the server removes once
// its steps are done.
func batchCast() []part {
	return []part{{host: "batch", ip: "10.60.5.9", enters: span{3, 10}, rests: span{60, 120}, work: batch}}
}

func batch(v *visit) error {
	dir := fmt.Sprintf("/batch/run-%s-%s", time.Now().UTC().Format("20060102-150405"), hex32(v.rng)[:4])
	if _, err := v.put(dir, nil, sandbox.Container, sandbox.Persistent); err != nil {
		return err
	}
	steps := []string{"1-extract", "2-convert", "3-load"}
	for _, s := range steps {
		if _, err := v.put(dir+"/"+s, []byte("waiting"), sandbox.Persistent, sandbox.Container); err != nil {
			return err
		}
	}
	for _, s := range steps {
		if err := v.Set(dir+"/"+s, []byte("running on "+v.host), -1); err != nil {
			return passing(err)
		}
		if err := v.wait(span{8, 16}); err != nil {
			return err
		}
		if err := v.drop(dir + "/" + s); err != nil {
			return err
		}
	}
	return nil
}
