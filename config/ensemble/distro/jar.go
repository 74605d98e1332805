package distro

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// mainClass is what a jar must hold to be ZooKeeper's: the client's jars of other
// projects are called zookeeper-something too.
const mainClass = "org/apache/zookeeper/server/quorum/QuorumPeerMain.class"

// jarInfo is what a jar of ZooKeeper says of itself.
type jarInfo struct {
	version   string   // "3.8.0", "" if it does not say
	minJava   int      // 0 if that cannot be read
	classPath []string // of the manifest
}

// errNoMain tells that a jar is none of a ZooKeeper server.
var errNoMain = errors.New("it does not hold " + mainClass + ", so it is not that of a ZooKeeper server")

// readJar looks into a jar, without Java.
func readJar(path string) (jarInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return jarInfo{}, err
	}
	if !info.Mode().IsRegular() {
		return jarInfo{}, fmt.Errorf("it is no file: its mode is %s", info.Mode())
	}
	z, err := zip.OpenReader(path)
	if errors.Is(err, fs.ErrPermission) {
		return jarInfo{}, fmt.Errorf("it cannot be read: %w", err)
	}
	if err != nil {
		return jarInfo{}, fmt.Errorf("it is damaged, copied in part or no jar at all: %w", err)
	}
	defer z.Close()
	var main *zip.File
	var jar jarInfo
	var implementation string
	for _, f := range z.File {
		switch f.Name {
		case mainClass:
			main = f
		case "META-INF/maven/org.apache.zookeeper/zookeeper/pom.properties":
			jar.version = versionIn(headers(f, "=")["version"])
		case "META-INF/MANIFEST.MF":
			manifest := headers(f, ":")
			implementation = versionIn(manifest["Implementation-Version"])
			jar.classPath = strings.Fields(manifest["Class-Path"])
		}
	}
	if main == nil {
		return jarInfo{}, errNoMain
	}
	if jar.version == "" {
		jar.version = implementation
	}
	jar.minJava, err = classFor(main)
	if err != nil {
		return jarInfo{}, fmt.Errorf("it is damaged: reading %s: %w", mainClass, err)
	}
	return jar, nil
}

// classFor is the Java version that a class was compiled for: the header of a class
// file is 0xCAFEBABE, minor, major, and major 52 is Java 8 (JVM specification, table
// 4.1-A). 0 stands for something else than a class.
func classFor(f *zip.File) (int, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	var head [8]byte
	n, err := io.ReadFull(r, head[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	major := int(binary.BigEndian.Uint16(head[6:]))
	if n < len(head) || binary.BigEndian.Uint32(head[:]) != 0xCAFEBABE || major < 45 {
		return 0, nil
	}
	return major - 44, nil
}

// headers reads the lines "key SEP value" of a small file of a jar. A line that
// starts with a blank goes on the one before it, as in manifests.
func headers(f *zip.File, sep string) map[string]string {
	r, err := f.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	found := map[string]string{}
	last := ""
	lines := bufio.NewScanner(io.LimitReader(r, 256<<10))
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		if rest, ok := strings.CutPrefix(line, " "); ok && last != "" {
			found[last] += rest
			continue
		}
		key, value, ok := strings.Cut(line, sep)
		if !ok {
			continue
		}
		last = strings.TrimSpace(key)
		found[last] = strings.TrimLeft(value, " ")
	}
	return found
}

// versionOfJar is the version of a jar of ZooKeeper: that of its file name, else what
// it says itself. Debian's file is zookeeper.jar, its server calls itself
// "3.8.0-${mvngit.commit.id}".
func versionOfJar(path string, jar jarInfo) string {
	name := strings.TrimSuffix(filepath.Base(path), ".jar")
	if v := versionIn(strings.TrimPrefix(name, "zookeeper-")); v != "" {
		return v
	}
	return jar.version
}
