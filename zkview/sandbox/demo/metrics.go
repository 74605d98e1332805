package demo

import "fmt"

const metricsDir = "/metrics"

var (
	metricHosts = 28
	metricKinds = []string{"cpu", "disk", "load", "memory"}
)

// traffic is the number of the whole, which a closed tree shows to change.
var traffic = edit{metricsDir, `(\d+)`, number(func(v *visit, n int) int { return max(100, n-60+v.rng.IntN(121)) })}

func metricHost(i int) string { return fmt.Sprintf(metricsDir+"/web-%02d", i+1) }

// fillMetrics makes the numbers of many hosts.
func fillMetrics(b *builder) {
	b.text(metricsDir, `{"requestsPerSecond":840}`)
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
				if err := v.rewrite(traffic); err != nil {
					return err
				}
				path := metricHost(v.rng.IntN(metricHosts)) + "/" + metricKinds[v.rng.IntN(len(metricKinds))]
				err := v.rewrite(edit{path, `^(\d+)$`, number(func(v *visit, n int) int {
					return min(99, max(1, n-6+v.rng.IntN(13)))
				})})
				if err != nil {
					return err
				}
				if err := v.wait(span{3, 7}); err != nil {
					return err
				}
			}
		},
	}}
}
