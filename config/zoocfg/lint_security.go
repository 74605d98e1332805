package zoocfg

import "strings"

const nettyFactory = "org.apache.zookeeper.server.NettyServerCnxnFactory"

// security judges what TLS needs.
func (l *linter) security() {
	if port, ok := l.number("secureClientPort"); ok && port > 0 {
		if e, is := l.entry("secureClientPort"); is {
			if factory, _ := l.value("serverCnxnFactory"); factory != nettyFactory {
				l.mark(e, Error, "tls-needs-netty", "secureClientPort is set, and serverCnxnFactory is not Netty's", `the server does not start: "SSL isn't supported in NIOServerCnxn", exit code 1`, "write serverCnxnFactory="+nettyFactory)
			}
			l.keyStore(e, "ssl.")
		}
	}
	if e, ok := l.entry("sslQuorum"); ok && l.isTrue("sslQuorum") {
		l.keyStore(e, "ssl.quorum.")
	}
}

// keyStore judges whether TLS has a certificate to show.
func (l *linter) keyStore(e Entry, prefix string) {
	for _, name := range []string{prefix + "keyStore.location", prefix + "trustStore.location"} {
		if !l.has(name) {
			l.mark(e, Warning, "tls-key-store", name+" is not set", "every TLS connection fails, unless it is given to Java as -Dzookeeper."+name, "write "+name+"= and the path of the file")
		}
	}
}

const prometheus = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"

// metrics judges the metrics provider.
func (l *linter) metrics() {
	e, ok := l.entry("metricsProvider.className")
	class := intended(e)
	switch {
	case !ok:
		for _, e := range l.c.All() {
			if strings.HasPrefix(e.Key, "metricsProvider.") {
				l.mark(e, Warning, "metrics-provider", quote(trim(e.Key))+" is set, but not metricsProvider.className", "no metrics are served", "write metricsProvider.className="+prometheus)
				return
			}
		}
	case class == prometheus:
		l.mark(e, Note, "metrics-provider", "metrics go to Prometheus", `that needs the jar zookeeper-prometheus-metrics, which Debian's packages lack: without it the server does not start, "metrics provider class was not found", exit code 2`, "leave it if the jar is there")
		if port, ok := l.number("metricsProvider.httpPort"); !ok || port == 7000 {
			l.mark(e, Note, "metrics-port", "metrics are served on port 7000 of every address", "servers on one machine need a port each", "write metricsProvider.httpPort= and metricsProvider.httpHost=")
		}
	case strings.HasPrefix(class, "org.apache.zookeeper.metrics.impl."):
	default:
		l.mark(e, Warning, "metrics-provider", quote(class)+" is no metrics provider of ZooKeeper", refuses(`"metrics provider class was not found"`)+", unless a jar of yours has it", "write metricsProvider.className="+prometheus)
	}
}
