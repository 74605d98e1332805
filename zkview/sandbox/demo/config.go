package demo

import "time"

const flagsPath = "/config/shared/feature-flags.json"

// fillConfig makes configuration as people keep it in ZooKeeper.
func fillConfig(b *builder) {
	b.dirs("/config", "/config/checkout", "/config/inventory", "/config/mailer", "/config/search", "/config/shared")
	b.text("/config/checkout/application.yaml", checkoutYAML)
	b.text("/config/checkout/application.properties", "server.port=8080\nmanagement.endpoints.web.exposure.include=health,info\nspring.lifecycle.timeout-per-shutdown-phase=20s\n")
	b.text("/config/inventory/application.properties", inventoryProperties)
	b.text("/config/inventory/warehouses.json", `{"warehouses":[{"id":"ATH","city":"Αθήνα","open":true},{"id":"GOT","city":"Göteborg","open":true},{"id":"NRT","city":"成田","open":false}]}`)
	b.text("/config/mailer/application.yaml", mailerYAML)
	b.text("/config/mailer/footer.txt", "You get this because you ordered from us. Καλή όρεξη!\n")
	b.text("/config/search/application.ini", "[index]\nshards = 3\nrefresh = 5s\n\n[query]\nfuzzy = true\nmax_results = 200\n")
	b.text("/config/search/synonyms.txt", "tv, television, telly\nlaptop, notebook\n")
	b.text(flagsPath, flagsJSON)
	b.text("/config/shared/logging.yaml", loggingYAML)
	b.text("/config/shared/logback.xml", `<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %-5level %msg%n</pattern></encoder></appender><root level="info"><appender-ref ref="OUT"/></root></configuration>`)
	b.text("/config/shared/limits.toml", "[requests]\nper_second = 250\nburst = 500\n\n[upload]\nmax_bytes = 10485760\n")
	b.text("/config/shared/maintenance", "off")
}

// edits are what people change in the configuration.
var edits = []edit{
	{flagsPath, `"enabled": (true|false)`, oneOf("true", "false")},
	{flagsPath, `"rollout": (\d+)`, oneOf("0", "5", "10", "25", "50", "100")},
	{"/config/checkout/application.yaml", `maxPoolSize: (\d+)`, oneOf("10", "15", "20", "30")},
	{"/config/checkout/application.yaml", `timeout: (\d+)ms`, oneOf("800", "1200", "2000", "3000")},
	{"/config/inventory/application.properties", `cache\.ttl\.seconds=(\d+)`, oneOf("30", "60", "120", "300")},
	{"/config/shared/logging.yaml", `(?m)^  com\.example\.\w+: (\w+)$`, oneOf("DEBUG", "INFO", "WARN")},
	{"/config/shared/limits.toml", `per_second = (\d+)`, oneOf("200", "250", "300", "400")},
	{"/config/search/application.ini", `max_results = (\d+)`, oneOf("50", "100", "200")},
}

// configCast is somebody at the office, and who turns feature flags on and off.
func configCast() []part {
	return []part{
		{host: "ops-laptop", ip: "10.8.0.23", enters: span{15, 30}, rests: span{30, 90}, work: func(v *visit) error {
			return v.rewrite(edits[v.rng.IntN(len(edits))])
		}},
		{host: "flagship", ip: "10.8.0.40", enters: span{6, 12}, rests: span{25, 60}, work: func(v *visit) error {
			if err := v.rewrite(edits[v.rng.IntN(2)]); err != nil {
				return err
			}
			return v.rewrite(edit{flagsPath, `"changedAt": "([^"]*)"`, func(*visit, string) string {
				return time.Now().UTC().Format(time.RFC3339)
			}})
		}},
	}
}

const checkoutYAML = `# checkout, all environments
server:
  port: 8080
datasource:
  url: jdbc:postgresql://orders-db:5432/orders
  maxPoolSize: 20
payments:
  url: https://payments.internal:8443
  timeout: 1200ms
  retries: 2
basket:
  maxItems: 100
  currencies: [EUR, SEK, JPY]
`

const mailerYAML = `smtp:
  host: smtp.internal
  port: 587
  starttls: true
from: "Shop <no-reply@shop.example>"
templates:
  - order-confirmed
  - order-shipped
  - password-reset
`

const inventoryProperties = `# inventory
server.port=8080
kafka.bootstrap.servers=10.30.0.1:9092,10.30.0.2:9092,10.30.0.3:9092
kafka.group.id=inventory
cache.ttl.seconds=60
cache.max.entries=50000
reservation.minutes=15
`

const flagsJSON = `{
  "changedAt": "2025-09-29T12:00:01Z",
  "flags": {
    "new-checkout": {
      "enabled": true,
      "rollout": 25,
      "owner": "checkout"
    },
    "fuzzy-search": {
      "enabled": true,
      "rollout": 100,
      "owner": "search"
    },
    "gift-cards": {
      "enabled": false,
      "rollout": 0,
      "owner": "payments"
    },
    "dark-mode": {
      "enabled": true,
      "rollout": 50,
      "owner": "web"
    }
  }
}
`

const loggingYAML = `root: INFO
loggers:
  com.example.checkout: INFO
  com.example.inventory: INFO
  com.example.payments: WARN
  com.example.search: INFO
`
