package distro

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// sum is a SHA-512, in lower-case hexadecimal digits.
type sum string

// MismatchError is an archive that is not the one that was published: damaged on its
// way, or changed by somebody. It was not unpacked.
type MismatchError struct {
	// File is what was checked; Want is the SHA-512 to expect and From who told it, Got
	// that of the file.
	File, From string
	Want, Got  string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s is not what was published: its SHA-512 is %.16s…, and %s tells %.16s…; nothing of it was unpacked", e.File, e.Got, e.From, e.Want)
}

// maxSumText bounds a checksum file.
const maxSumText = 64 << 10

// expected is a checksum and who told it.
type expected struct {
	sum
	from string
}

// checksum is what an archive's SHA-512 must be: the one that was given, else that of
// the checksum host.
func (s *session) checksum(ctx context.Context, version string) (expected, error) {
	if s.SHA512 != "" {
		return givenSum(s.SHA512, archiveName(version))
	}
	return s.fetchSum(ctx, version)
}

func (s *session) fetchSum(ctx context.Context, version string) (expected, error) {
	name := archiveName(version)
	var failed []error
	missing := true
	for _, base := range s.bases(s.Checksums, DefaultChecksums) {
		address := base + "/zookeeper-" + version + "/" + name + ".sha512"
		s.tell(Progress{Step: "checksum", From: host(address)})
		text, err := s.web.text(ctx, address, maxSumText)
		if err == nil {
			var want sum
			if want, err = parseSum(text, name); err == nil {
				return expected{want, host(address)}, nil
			}
			err = fmt.Errorf("%s: %w", address, err)
		}
		if ctx.Err() != nil {
			return expected{}, ctx.Err()
		}
		s.log().Info("no checksum", "url", address, "error", err)
		missing = missing && notThere(err)
		failed = append(failed, err)
	}
	if missing {
		return expected{}, fmt.Errorf("there is no such release: %w; `zkdeck ensemble download --list` shows what there is", several(failed))
	}
	return expected{}, fmt.Errorf("%w; where that host cannot be reached, give the checksum with --sha512, or one with the environment's %s", several(failed), EnvChecksums)
}

// givenSum is a checksum that a person gave: its digits, or a file with them.
func givenSum(given, archive string) (expected, error) {
	if want, err := parseSum(given, archive); err == nil {
		return expected{want, "the checksum that was given"}, nil
	}
	if !isFile(given) {
		return expected{}, inputError("the checksum %q is neither 128 hexadecimal digits nor a file", given)
	}
	f, err := os.Open(given)
	if err != nil {
		return expected{}, fmt.Errorf("reading the checksum: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSumText))
	if err != nil {
		return expected{}, fmt.Errorf("reading the checksum: %w", err)
	}
	want, err := parseSum(string(text), archive)
	if err != nil {
		return expected{}, fmt.Errorf("%s: %w", given, err)
	}
	return expected{want, filepath.Base(given)}, nil
}

var notHex = regexp.MustCompile(`[^0-9a-fA-F]+`)

// parseSum reads the SHA-512 of a file out of what Apache publishes beside it. Newer
// ones are as sha512sum writes them, "HEX  NAME" or "HEX *NAME", maybe of several
// files; older ones are as gpg does, "NAME: AB CD …" over several lines; some are the
// digits alone.
func parseSum(text, name string) (sum, error) {
	const digits = 2 * sha512.Size
	var alone []string
	for line := range strings.Lines(text) {
		hash, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		if len(hash) != digits || notHex.MatchString(hash) {
			continue
		}
		file = strings.TrimPrefix(strings.TrimSpace(file), "*")
		if filepath.Base(file) == name {
			return sum(strings.ToLower(hash)), nil
		}
		alone = append(alone, hash)
	}
	if len(alone) == 1 {
		return sum(strings.ToLower(alone[0])), nil
	}
	if len(alone) == 0 {
		if _, after, ok := strings.Cut(text, name+":"); ok {
			text = after
		} else if _, after, ok := strings.Cut(text, "="); ok { // SHA512 (NAME) = HEX
			text = after
		}
		if !strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF \t\r\n", r) }) {
			if hash := notHex.ReplaceAllString(text, ""); len(hash) == digits {
				return sum(strings.ToLower(hash)), nil
			}
		}
	}
	return "", errors.New("it holds no SHA-512 of " + name)
}

// sumOf reads a file from its beginning to its end.
func (s *session) sumOf(ctx context.Context, f *os.File, size int64) (sum, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha512.New()
	r := &counted{r: f, ctx: ctx, tell: func(n int64) {
		s.tell(Progress{Step: "verify", Done: n, Total: size, From: filepath.Base(f.Name())})
	}}
	if _, err := io.CopyBuffer(h, r, make([]byte, copySize)); err != nil {
		return "", err
	}
	return sum(hex.EncodeToString(h.Sum(nil))), nil
}

// copySize is how much is read, written and told at once.
const copySize = 128 << 10

// counted tells how much was read, and ends with its context.
type counted struct {
	r    io.Reader
	ctx  context.Context
	n    int64
	tell func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.tell(c.n)
	return n, err
}
