package demo

import (
	"encoding/json"
	"fmt"
	"strings"

	"zkdeck/zkview/sandbox"
)

const (
	kafkaBrokers     = "/kafka/brokers/ids"
	kafkaController  = "/kafka/controller"
	brokers          = 3
	offsetPartitions = 10
)

// topics are those of the sample with the number of their partitions.
var topics = []struct {
	name       string
	partitions int
}{{"__consumer_offsets", offsetPartitions}, {"orders", 6}, {"page-views", 8}, {"payments", 4}}

// fillKafka makes what a Kafka 3 cluster keeps under its chroot.
func fillKafka(b *builder) {
	b.dirs("/kafka", "/kafka/brokers", kafkaBrokers, "/kafka/brokers/topics", "/kafka/brokers/seqid",
		"/kafka/admin", "/kafka/admin/delete_topics", "/kafka/cluster", "/kafka/consumers",
		"/kafka/isr_change_notification", "/kafka/log_dir_event_notification", "/kafka/config")
	b.text("/kafka/cluster/id", `{"version":"1","id":"q1Sh-9_ISia_zwGINzRvyQ"}`)
	b.text("/kafka/latest_producer_id_block", `{"version":1,"broker":2,"block_start":"3000","block_end":"3999"}`)
	b.text("/kafka/controller_epoch", "1")
	b.text("/kafka/feature", `{"features":{},"version":2,"status":1}`)
	for _, kind := range []string{"brokers", "changes", "clients", "ips", "topics", "users"} {
		b.dirs("/kafka/config/" + kind)
	}
	b.text("/kafka/config/topics/__consumer_offsets", `{"version":1,"config":{"compression.type":"producer","cleanup.policy":"compact","segment.bytes":"104857600"}}`)
	b.text("/kafka/config/topics/orders", `{"version":1,"config":{"retention.ms":"604800000","min.insync.replicas":"1"}}`)
	b.text("/kafka/config/topics/page-views", `{"version":1,"config":{"retention.ms":"86400000","compression.type":"zstd"}}`)
	b.text("/kafka/config/topics/payments", `{"version":1,"config":{"retention.ms":"-1","cleanup.policy":"compact"}}`)
	b.text("/kafka/config/users/<default>", `{"version":1,"config":{"consumer_byte_rate":"1048576"}}`)
	for _, p := range partitions() {
		if p.number == 0 {
			b.topic(p.topic)
		}
		b.dirs(p.dir())
		b.text(p.path(), string(encoded(partitionState{1, p.replicas[0], 1, 0, p.replicas})))
	}
}

// topic makes a topic without its partitions.
func (b *builder) topic(name string) {
	var assigned []string
	for _, p := range partitions() {
		if p.topic == name {
			assigned = append(assigned, fmt.Sprintf(`"%d":[%d,%d]`, p.number, p.replicas[0], p.replicas[1]))
		}
	}
	path := "/kafka/brokers/topics/" + name
	b.text(path, fmt.Sprintf(`{"removing_replicas":{},"partitions":{%s},"topic_id":"%s","adding_replicas":{},"version":3}`,
		strings.Join(assigned, ","), hex32(b.rng)[:22]))
	b.dirs(path + "/partitions")
}

// partition is one of a topic; replicas are brokers, the preferred leader first.
type partition struct {
	topic    string
	number   int
	replicas []int
}

func (p partition) dir() string {
	return fmt.Sprintf("/kafka/brokers/topics/%s/partitions/%d", p.topic, p.number)
}
func (p partition) path() string { return p.dir() + "/state" }

func partitions() []partition {
	var all []partition
	for _, t := range topics {
		for n := range t.partitions {
			all = append(all, partition{t.name, n, []int{n%brokers + 1, (n+1)%brokers + 1}})
		}
	}
	return all
}

// partitionState is the value of …/partitions/N/state
// (kafka.zk.TopicPartitionStateZNode).
type partitionState struct {
	ControllerEpoch int   `json:"controller_epoch"`
	Leader          int   `json:"leader"`
	Version         int   `json:"version"`
	LeaderEpoch     int   `json:"leader_epoch"`
	ISR             []int `json:"isr"`
}

// encoded is v in JSON: structs of numbers and strings, which cannot fail.
func encoded(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return data
}

// kafkaCast are the brokers. Each restarts now and then, and then another may become
// the controller.
func kafkaCast() []part {
	var all []part
	for id := 1; id <= brokers; id++ {
		all = append(all, part{
			host: fmt.Sprintf("kafka-%d", id), ip: fmt.Sprintf("10.30.0.%d", id),
			enters: span{float64(id-1) / 2, float64(id) / 2}, rests: span{10, 20},
			work: func(v *visit) error { return broker(v, id) },
		})
	}
	return all
}

// broker registers, and leads the cluster where nobody does.
func broker(v *visit, id int) error {
	own := fmt.Sprintf("%s/%d", kafkaBrokers, id)
	_, err := v.put(own, fmt.Appendf(nil, `{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT","SSL":"SSL"},"endpoints":["PLAINTEXT://%[1]s:9092","SSL://%[1]s:9093"],"rack":"%[2]c","jmx_port":9999,"port":9092,"host":"%[1]s","version":5,"timestamp":"%[3]s"}`,
		v.ip, 'a'-1+rune(id), millis()), sandbox.Ephemeral, sandbox.Persistent)
	if err != nil {
		return err
	}
	c := &controller{v: v, all: partitions()}
	r := &race{path: kafkaController, gone: newSignal(), won: c.begin, data: func() []byte {
		return fmt.Appendf(nil, `{"version":2,"brokerid":%d,"timestamp":"%s","kraftControllerEpoch":-1}`, id, millis())
	}}
	_, err = v.during(v.within(span{400, 900}), hold{path: own, wake: r.gone, every: 1.5, do: func() error {
		if err := r.run(v); err != nil || !r.leads {
			return err
		}
		return c.step()
	}})
	return err
}
