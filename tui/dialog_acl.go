package tui

import (
	"fmt"
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// openACLText is the ACL that everyone gets who asks for none.
const openACLText = "world:anyone:cdrwa"

// parseACL reads a list as zkCli writes it: scheme:id:perms, with commas between
// the entries. The id may hold colons itself (digest:user:hash, x509 names); an id
// with a comma cannot be written this way unless a scheme does not follow it.
func parseACL(text string) ([]zkview.ACL, error) {
	var out []zkview.ACL
	for _, entry := range splitACL(text) {
		scheme, rest, ok := strings.Cut(entry, ":")
		last := strings.LastIndex(rest, ":")
		if !ok || last < 0 {
			return nil, fmt.Errorf("ACL entry %s: it is scheme:id:permissions, like %s", safetext.CleanLine(entry), openACLText)
		}
		id, letters := rest[:last], rest[last+1:]
		perms, err := parsePerms(letters)
		if err != nil {
			return nil, fmt.Errorf("ACL entry %s: %w", safetext.CleanLine(entry), err)
		}
		if err := checkID(scheme, id); err != nil {
			return nil, fmt.Errorf("ACL entry %s: %w", safetext.CleanLine(entry), err)
		}
		out = append(out, zkview.ACL{Perms: perms, Scheme: scheme, ID: id})
	}
	if len(out) == 0 {
		return zkview.OpenACL(), nil
	}
	return out, nil
}

// splitACL cuts at commas, but not within an id that has one (the distinguished
// name of an x509 entry): an entry ends with permissions.
func splitACL(text string) []string {
	var out []string
	open := ""
	for part := range strings.SplitSeq(text, ",") {
		entry := open + part
		if open == "" && strings.TrimSpace(entry) == "" {
			continue
		}
		letters := strings.TrimSpace(entry[strings.LastIndex(entry, ":")+1:])
		if _, err := parsePerms(letters); err != nil && strings.HasPrefix(strings.TrimSpace(entry), "x509:") {
			open = entry + ","
			continue
		}
		out, open = append(out, strings.TrimSpace(entry)), ""
	}
	if open != "" {
		out = append(out, strings.TrimSpace(strings.TrimSuffix(open, ",")))
	}
	return out
}

// parsePerms reads letters of cdrwa.
func parsePerms(letters string) (zkview.Perms, error) {
	var perms zkview.Perms
	for _, r := range letters {
		p, ok := map[rune]zkview.Perms{
			'c': zkview.PermCreate, 'd': zkview.PermDelete, 'r': zkview.PermRead,
			'w': zkview.PermWrite, 'a': zkview.PermAdmin,
		}[r]
		if !ok {
			return 0, fmt.Errorf("permissions are letters of cdrwa, and %s is none", safetext.Clean(string(r)))
		}
		perms |= p
	}
	if perms == 0 {
		return 0, fmt.Errorf("it allows nothing; permissions are letters of cdrwa")
	}
	return perms, nil
}

// checkID knows what the schemes that come with ZooKeeper want
// (org.apache.zookeeper.server.auth.*AuthenticationProvider.isValid); others are
// the server's to judge.
func checkID(scheme, id string) error {
	switch scheme {
	case "":
		return fmt.Errorf("the scheme is missing")
	case "world":
		if id != "anyone" {
			return fmt.Errorf("the scheme world has one id, anyone")
		}
	case "digest":
		if user, hash, ok := strings.Cut(id, ":"); !ok || user == "" || hash == "" || strings.Contains(hash, ":") {
			return fmt.Errorf("the id of digest is user:hash, where hash is the base64 of the SHA-1 of user:password")
		}
	case "ip", "sasl":
		if id == "" {
			return fmt.Errorf("the id of %s is missing", scheme)
		}
	}
	return nil
}
