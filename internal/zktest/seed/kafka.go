package seed

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// kafka is what a Kafka 3 cluster keeps under its chroot.
func kafka(b *builder) {
	b.dirs("/kafka", "/kafka/brokers", "/kafka/brokers/ids", "/kafka/brokers/topics", "/kafka/brokers/seqid",
		"/kafka/admin", "/kafka/admin/delete_topics", "/kafka/cluster", "/kafka/consumers",
		"/kafka/isr_change_notification", "/kafka/log_dir_event_notification", "/kafka/latest_producer_id_block")
	b.text("/kafka/cluster/id", `{"version":"1","id":"q1Sh-9_ISia_zwGINzRvyQ"}`)
	for id := 1; id <= 3; id++ {
		b.eph(fmt.Sprintf("/kafka/brokers/ids/%d", id), fmt.Sprintf(`{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT","SSL":"SSL"},"endpoints":["PLAINTEXT://10.0.0.%[1]d:9092","SSL://10.0.0.%[1]d:9093"],"jmx_port":9999,"port":9092,"host":"10.0.0.%[1]d","version":5,"timestamp":"175914720%[1]d337","rack":"%[2]c"}`, id, 'a'-1+id))
	}
	b.eph("/kafka/controller", `{"version":2,"brokerid":2,"timestamp":"1759147201337","kraftControllerEpoch":-1}`)
	b.text("/kafka/controller_epoch", "7")
	b.text("/kafka/feature", `{"features":{},"version":2,"status":1}`)
	for _, topic := range []struct {
		name       string
		partitions int
	}{{"orders", 12}, {"payments", 6}, {"clicks", 24}, {"audit.log", 3}, {"__consumer_offsets", 50}} {
		kafkaTopic(b, topic.name, topic.partitions)
	}
	b.dirs("/kafka/config")
	for _, kind := range []string{"topics", "clients", "users", "brokers", "ips", "changes"} {
		b.dirs("/kafka/config/" + kind)
	}
	b.text("/kafka/config/topics/orders", `{"version":1,"config":{"retention.ms":"604800000","cleanup.policy":"delete","min.insync.replicas":"2"}}`)
	b.text("/kafka/config/topics/__consumer_offsets", `{"version":1,"config":{"compression.type":"producer","cleanup.policy":"compact","segment.bytes":"104857600"}}`)
	b.text("/kafka/config/users/<default>", `{"version":1,"config":{"consumer_byte_rate":"1048576"}}`)
}

func kafkaTopic(b *builder, name string, partitions int) {
	var assigned []string
	for p := range partitions {
		assigned = append(assigned, fmt.Sprintf(`"%d":[%d,%d]`, p, p%3+1, (p+1)%3+1))
	}
	path := "/kafka/brokers/topics/" + name
	b.text(path, fmt.Sprintf(`{"removing_replicas":{},"partitions":{%s},"topic_id":"n0tAUu1dButL00ksL1kE0A","adding_replicas":{},"version":3}`, strings.Join(assigned, ",")))
	b.dirs(path + "/partitions")
	for p := range partitions {
		part := fmt.Sprintf("%s/partitions/%d", path, p)
		b.dirs(part)
		b.text(part+"/state", fmt.Sprintf(`{"controller_epoch":7,"leader":%d,"version":1,"leader_epoch":%d,"isr":[%[1]d,%[3]d]}`, p%3+1, p%5, (p+1)%3+1))
	}
}

// hbase is what HBase 2 keeps: a magic byte, who wrote it, "PBUF" and protobuf.
func hbase(b *builder) {
	b.dirs("/hbase")
	for _, dir := range []string{
		"backup-masters", "draining", "flush-table-proc", "namespace", "online-snapshot", "region-in-transition",
		"replication", "replication/peers", "replication/rs", "rs", "splitWAL", "switch", "table",
	} {
		b.dirs("/hbase/" + dir)
	}
	b.node("/hbase/hbaseid", pbuf("master:16000", "\n$8d2c6a1e-45b7-4e0f-9a3d-1c2b3a4d5e6f"))
	b.node("/hbase/running", pbuf("master:16000", "\n\x1cMon Sep 29 12:00:01 UTC 2025"))
	b.eph("/hbase/master", string(pbuf("master:16000", "\n\x16\n\x0chbase-master\x10\x80}\x18\x9b\xe4\xa2\xcf\x993\x10\x00\x18\x8a}")))
	for i := 1; i <= 4; i++ {
		host := fmt.Sprintf("rs-%d.hbase.example,16020,175914720%d042", i, i)
		b.eph("/hbase/rs/"+host, string(pbuf("regionserver:16020", "\b\x94}\x12\x0c\n\x062.4.18\x10\x02\x18\x04")))
		b.dirs("/hbase/replication/rs/" + host)
	}
	b.node("/hbase/meta-region-server", pbuf("master:16000", "\n\x1c\n\x12rs-2.hbase.example\x10\x94}\x18\xd2\xe4\xa2\xcf\x993\x10\x00\x18\x03"))
	b.node("/hbase/region-in-transition/1588230740", pbuf("master:16000", "\b\x03\x12\x051,,1."))
	for _, t := range []string{"hbase:meta", "hbase:namespace", "users", "events"} {
		b.node("/hbase/table/"+t, pbuf("master:16000", "\b\x00"))
	}
	b.node("/hbase/namespace/default", pbuf("master:16000", "\n\adefault"))
	b.node("/hbase/switch/split", pbuf("master:16000", "\b\x01"))
}

func pbuf(writer, message string) []byte {
	v := []byte{0xff}
	v = binary.BigEndian.AppendUint32(v, uint32(len(writer)+8))
	v = append(v, writer...)
	v = append(v, 0x8f, 0x1c, 0x00, 0xe2, 0x7b, 0x95, 0x40, 0xd1) // the writer's salt
	return append(append(v, "PBUF"...), message...)
}
