package demo

import "fmt"

var (
	metricHosts = 28
	metricKinds = []string{"cpu", "disk", "load", "memory"}
)

func metricHost(i int) string { return fmt.Sprintf("/metrics/web-%02d", i+1) }

// fillMetrics makes the numbers of many hosts.
func fillMetrics(b *builder) {
	b.dirs("/metrics")
	for i := range metricHosts {
		b.dirs(metricHost(i))
		for _, kind := range metricKinds {
			b.text(metricHost(i)+"/"+kind, fmt.Sprint(5+b.rng.IntN(90)))
		}
	}
}

// metricsCast is an agent that writes down a number now and then.
func metricsCast() []part {
	return []part{{
		host: "metrics-agent", ip: "10.80.0.4", enters: span{2, 4}, rests: span{5, 10},
		work: func(v *visit) error {
			for {
				path := metricHost(v.rng.IntN(metricHosts)) + "/" + metricKinds[v.rng.IntN(len(metricKinds))]
				err := v.rewrite(edit{path, `^(\d+)$`, number(func(v *visit, n int) int {
					return min(99, max(1, n-6+v.rng.IntN(13)))
				})})
				if err != nil {
					return err
				}
				if err := v.wait(span{10, 22}); err != nil {
					return err
				}
			}
		},
	}}
}
