package seed

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
)

// files is configuration in the formats that people keep in ZooKeeper.
func files(b *builder) {
	b.dirs("/config", "/config/application", "/config/application,prod", "/config/deep")
	b.text("/config/application/server.port", "8080")
	b.text("/config/application/app.properties", "# generated\r\nserver.port=8080\r\ndb.url = jdbc:postgresql://db:5432/orders\r\nname=M\\u00fcller\r\npath=C:\\\\data\r\nlong=one,\\\r\n     two\r\n")
	b.text("/config/application/app.yaml", yamlValue)
	b.text("/config/application/app.toml", "title = \"orders\"\n[db]\nhost = \"db\"\nports = [5432, 5433]\n")
	b.text("/config/application/app.ini", "[db]\nhost = db\nport = 5432\n")
	b.text("/config/application/logback.xml", `<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %msg%n</pattern></encoder></appender><root level="info"><appender-ref ref="OUT"/></root></configuration>`)
	b.text("/config/application/feature-flags.json", `{"newCheckout":true,"rollout":0.25,"id":9007199254740993,"exp":1e400,"dup":1,"dup":2,"owners":["ann","bob"],"nested":{"a":null}}`)
	b.text("/config/application/motd", "Καλημέρα, wörld! 中文 한국어 עברית العربية\n")
	b.node("/config/application/app.yaml.gz", zip([]byte(yamlValue)))
	b.node("/config/application/flags.json.gz", zip([]byte(`{"zipped":true,"n":[1,2,3]}`)))
	b.node("/config/application/icon.png", append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\b\x06\x00\x00\x00"), bytes.Repeat([]byte{0x1f, 0xf3, 0xff, 0x61}, 100)...))
	b.node("/config/application/utf16.txt", []byte("\xff\xfeh\x00e\x00l\x00l\x00o\x00"))
	b.node("/config/application/bom.json", []byte("\xef\xbb\xbf{\"bom\":true}"))
	b.text("/config/application/token.jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl")
	b.text("/config/application,prod/server.port", "443")
	b.node("/config/application,prod/big.json", bigJSON())
	path := "/config/deep"
	for i := range 60 {
		path += fmt.Sprintf("/level-%d", i)
		b.dirs(path)
	}
}

const yamlValue = `# who runs where
defaults: &defaults
  replicas: 3
  image: registry.example/orders:1.4.2
prod:
  <<: *defaults
  replicas: 9
  env:
    - {name: DB_HOST, value: db.prod}
    - {name: MOTD, value: "no: really"}
notes: |
  two
  lines
---
second: document
`

func zip(data []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	// Writing to a bytes.Buffer cannot fail.
	_, _ = w.Write(data)
	_ = w.Close()
	return buf.Bytes()
}

// bigJSON is 300 KiB on one line: more than is fetched unasked.
func bigJSON() []byte {
	rows := make([]map[string]any, 3000)
	for i := range rows {
		rows[i] = map[string]any{"id": i, "name": uuid(i), "note": strings.Repeat("x", 40)}
	}
	data, err := json.Marshal(rows)
	if err != nil {
		panic(err) // maps of strings and ints
	}
	return data
}
