package ensemble

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"zkdeck/config/zoocfg"
)

// checkJava looks at the program that runs the servers.
func checkJava(p *Plan) []zoocfg.Finding {
	java := p.Java
	info, err := os.Stat(java.Path)
	switch {
	case err != nil:
		return []zoocfg.Finding{{
			Severity: zoocfg.Error, Rule: "java-missing",
			What:   fmt.Sprintf("the Java that the ensemble was planned with is gone: %v", err),
			Effect: "no server can be started",
			Mend:   "install Java there again, or plan the ensemble anew with another",
		}}
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return []zoocfg.Finding{{
			Severity: zoocfg.Error, Rule: "java-missing",
			What:   fmt.Sprintf("%s is no program that can be run", java.Path),
			Effect: "no server can be started",
			Mend:   "name the java program itself, as /usr/lib/jvm/default-java/bin/java",
		}}
	}
	need := p.ZooKeeper.NeedsJava()
	if need == 0 || java.Major == 0 || java.Major >= need {
		return nil
	}
	return []zoocfg.Finding{{
		Severity: zoocfg.Error, Rule: "java-too-old",
		What:   fmt.Sprintf("Java %s (%s) is too old: ZooKeeper %s needs Java %d or newer", java.Version, java.Path, p.ZooKeeper.Version, need),
		Effect: "servers would end with UnsupportedClassVersionError",
		Mend:   fmt.Sprintf("install Java %d or newer, or name one with JAVA_HOME", need),
	}}
}

// prometheus is the class that needs a jar which not every package has.
const prometheus = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"

// checkJars looks for the class path.
func checkJars(p *Plan) []zoocfg.Finding {
	var found []zoocfg.Finding
	for _, jar := range p.classPath() {
		_, err := os.Stat(jar)
		if err != nil {
			found = append(found, zoocfg.Finding{
				Severity: zoocfg.Error, Rule: "jar-missing",
				What:   fmt.Sprintf("a jar of the ZooKeeper that the ensemble was planned with is gone: %v", err),
				Effect: "servers would end at once: could not find or load main class",
				Mend:   "install that ZooKeeper again, or plan the ensemble anew with another",
			})
		} else if strings.ContainsAny(jar, ":") {
			found = append(found, zoocfg.Finding{
				Severity: zoocfg.Error, Rule: "jar-path",
				What:   fmt.Sprintf("there is a colon in the path of a jar: %s", jar),
				Effect: "Java takes it for the end of the path and does not find the jar",
				Mend:   "move ZooKeeper to a folder without a colon in its name",
			})
		}
	}
	if p.ZooKeeper.Logging == "" {
		found = append(found, zoocfg.Finding{
			Severity: zoocfg.Warning, Rule: "no-logging",
			What:   "this ZooKeeper has no logging library",
			Effect: "servers run and log nothing: if one fails nobody knows why",
			Mend:   "put slf4j-simple, or logback-classic and logback-core, beside its other jars",
		})
	}
	provider := func(x Setting) bool { return x.Key == "metricsProvider.className" && x.Value == prometheus }
	jar := func(path string) bool { return strings.Contains(path, "zookeeper-prometheus") }
	if slices.ContainsFunc(p.Extra, provider) && !slices.ContainsFunc(p.ZooKeeper.Jars, jar) {
		found = append(found, zoocfg.Finding{
			Severity: zoocfg.Error, Rule: "metrics-provider", Key: "metricsProvider.className",
			What:   "this ZooKeeper does not have the jar of the Prometheus metrics provider",
			Effect: "servers would end with exit code 2: metrics provider class was not found",
			Mend:   "leave metricsProvider.className out, or take the ZooKeeper of apache.org, which has it",
		})
	}
	return found
}
