package demo

import (
	"fmt"
	"regexp"
)

// latch is Curator's LeaderLatch: the first leads, each watches the one before it,
// the value is the participant's id.
var latch = lock{
	dir: "/election/billing", containers: true,
	pattern: regexp.MustCompile(`^_c_` + uuidPattern + `-latch-(\d{10})$`),
}

// electionCast are the replicas of a service of which one leads, for some minutes,
// until it is restarted.
func electionCast() []part {
	var all []part
	for i := range 3 {
		all = append(all, part{
			host: fmt.Sprintf("billing-%d", i+1), ip: fmt.Sprintf("10.50.1.%d", 11+i),
			enters: span{float64(i), float64(i) + 1}, rests: span{5, 15},
			work: func(v *visit) error {
				return latch.take(v, turn{"_c_" + uuid(v.rng) + "-latch-", []byte(v.host), long, span{90, 240}})
			},
		})
	}
	return all
}
