package distro

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

const debianJars = "/usr/share/java"

// realServers skips where Debian's ZooKeeper or Java is not there.
func realServers(t *testing.T) (Env, Java) {
	t.Helper()
	e := System(t.TempDir())
	e.Getenv = func(string) string { return "" }
	if !isFile(filepath.Join(debianJars, "zookeeper.jar")) {
		t.Skip("Debian's libzookeeper-java is not installed here")
	}
	java, err := e.FindJava("")
	if err != nil {
		t.Skip(err)
	}
	return e, java
}

// TestDebianStarts starts a server of Debian's package with the class path that is
// told, which logs, has an AdminServer and takes Netty for its connections: by its
// manifest alone it does none of these.
func TestDebianStarts(t *testing.T) {
	e, java := realServers(t)
	found, _, err := e.Find(debianJars)
	if err != nil {
		t.Fatal(err)
	}
	starts(t, java, found[0], "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory")
}

// TestTarballStarts lays Debian's jars out as Apache's tarball, and starts a server.
func TestTarballStarts(t *testing.T) {
	e, java := realServers(t)
	home := filepath.Join(t.TempDir(), "apache-zookeeper-3.8.0-bin")
	lib := filepath.Join(home, "lib")
	write(t, filepath.Join(home, "bin", "zkCli.sh"), "#!/bin/sh\n")
	if err := os.MkdirAll(lib, 0o755); err != nil {
		t.Fatal(err)
	}
	// Its manifest would have the rest of the jars loaded from Debian's folder.
	withoutManifest(t, filepath.Join(debianJars, "zookeeper.jar"), filepath.Join(lib, "zookeeper-3.8.0.jar"))
	for debian, apache := range map[string]string{
		"zookeeper-jute": "zookeeper-jute-3.8.0", "slf4j-api": "slf4j-api-1.7.30", "slf4j-log4j12": "slf4j-log4j12-1.7.30", "log4j-1.2": "log4j-1.2.17",
		"metrics-core": "metrics-core-4.1.12.1", "snappy-java": "snappy-java-1.1.7.7", "netty-common": "netty-common-4.1.70.Final",
		"netty-buffer": "netty-buffer-4.1.70.Final", "netty-handler": "netty-handler-4.1.70.Final", "netty-transport": "netty-transport-4.1.70.Final",
		"commons-cli": "commons-cli-1.4", "jackson-core": "jackson-core-2.13.1", "jackson-databind": "jackson-databind-2.13.1",
		"jackson-annotations": "jackson-annotations-2.13.1", "jetty9-server": "jetty-server-9.4.43", "jetty9-http": "jetty-http-9.4.43",
		"jetty9-io": "jetty-io-9.4.43", "jetty9-util": "jetty-util-9.4.43", "jetty9-servlet": "jetty-servlet-9.4.43",
		"jetty9-security": "jetty-security-9.4.43", "servlet-api": "javax.servlet-api-3.1.0",
	} {
		text, err := os.ReadFile(filepath.Join(debianJars, debian+".jar"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(lib, apache+".jar"), string(text))
	}
	found, _, err := e.Find(home)
	if err != nil {
		t.Fatal(err)
	}
	z := found[0]
	if z.Version != "3.8.0" || z.Logging != "log4j" || z.CLI == "" || len(z.AdminJars) != 0 || slices.ContainsFunc(z.Jars, func(j string) bool { return filepath.Dir(j) != lib }) {
		t.Errorf("%+v", z)
	}
	starts(t, java, z)
}

// withoutManifest copies a jar but for its manifest.
func withoutManifest(t *testing.T, from, to string) {
	t.Helper()
	r, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	for _, entry := range r.File {
		if entry.Name == "META-INF/MANIFEST.MF" {
			continue
		}
		if err := w.Copy(entry); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// starts runs a server alone, with an AdminServer, and looks whether it serves and
// logs.
func starts(t *testing.T, java Java, z ZooKeeper, config ...string) {
	t.Helper()
	dir := t.TempDir()
	port := zktest.FreePorts(t)
	cfg, props, log := filepath.Join(dir, "zoo.cfg"), filepath.Join(dir, "log4j.properties"), filepath.Join(dir, "server.log")
	write(t, cfg, fmt.Sprintf("tickTime=2000\ndataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\n4lw.commands.whitelist=*\n"+
		"admin.serverAddress=127.0.0.1\nadmin.serverPort=%d\n%s\n", filepath.Join(dir, "data"), port, port+1, strings.Join(config, "\n")))
	write(t, props, "log4j.rootLogger=INFO, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n"+
		"log4j.appender.out.layout=org.apache.log4j.PatternLayout\nlog4j.appender.out.layout.ConversionPattern=%p %c{1} %m%n\n")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(java.Path, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j.configuration=file:"+props,
		"-cp", strings.Join(append(slices.Clone(z.Jars), z.AdminJars...), string(os.PathListSeparator)),
		"org.apache.zookeeper.server.quorum.QuorumPeerMain", cfg)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var why error
	go func() {
		why = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	tail := func() string {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	deadline, tick := time.NewTimer(time.Minute), time.NewTicker(20*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for zktest.Mode(fmt.Sprintf("127.0.0.1:%d", port)) != "standalone" {
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("it ended with %v:\n%s", why, tail())
		case <-deadline.C:
			t.Fatalf("it does not serve:\n%s", tail())
		}
	}
	if text := tail(); !strings.Contains(text, "INFO ZooKeeperServerMain Starting server") || !strings.Contains(text, "binding to port") || strings.Contains(text, "SLF4J") {
		t.Errorf("it does not log as it should:\n%s", text)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/commands/ruok", port+1))
	if err != nil {
		t.Fatalf("the AdminServer: %v\n%s", err, tail())
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(text), "ruok") {
		t.Errorf("the AdminServer says %q, %v", text, err)
	}
}
