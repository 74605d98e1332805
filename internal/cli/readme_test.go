package cli

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"zkdeck/config"
)

// readmePath is the README, as seen from here.
const readmePath = "../../README.md"

// fence is a block of code in Markdown.
type fence struct {
	language, text string
}

// markdown takes a file apart: its blocks of code, and the rest without them.
func markdown(t *testing.T, path string) (prose string, code []fence) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rest strings.Builder
	var open *fence
	for line := range strings.Lines(string(text)) {
		language, fenced := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fenced && open == nil:
			open = &fence{language: language}
		case fenced:
			code, open = append(code, *open), nil
		case open != nil:
			open.text += line
		default:
			rest.WriteString(line)
		}
	}
	if open != nil {
		t.Fatalf("%s: a block of code does not end", path)
	}
	return rest.String(), code
}

// aside is a comment behind a command.
var aside = regexp.MustCompile(`\s+#\s.*$`)

// shownCommands are the commands of all blocks of a language, in their order.
func shownCommands(t *testing.T, language string) []string {
	t.Helper()
	_, code := markdown(t, readmePath)
	var commands []string
	for _, block := range code {
		if block.language != language {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(block.text, "\\\n", "")) {
			if line = aside.ReplaceAllString(strings.TrimSpace(line), ""); line != "" && line[0] != '#' {
				commands = append(commands, line)
			}
		}
	}
	return commands
}

// What the README shows as code is of a language whose blocks are tried.
func TestReadmeLanguages(t *testing.T) {
	_, code := markdown(t, readmePath)
	for _, block := range code {
		if !slices.Contains([]string{"sh", "crontab", "yaml", ""}, block.language) {
			t.Errorf("nobody tries what is in a block of %q:\n%s", block.language, block.text)
		}
		if block.language == "" && strings.Contains(block.text, "zkdeck ensemble") {
			t.Errorf("commands belong into a block of sh:\n%s", block.text)
		}
	}
}

var (
	codeSpan = regexp.MustCompile("`[^`\n]+`")
	flagSpan = regexp.MustCompile(`^--?[a-zA-Z]`)
)

// What the README calls a command or a flag of ours is one.
func TestReadmeNames(t *testing.T) {
	prose, _ := markdown(t, readmePath)
	var all []*cobra.Command
	var collect func(*cobra.Command)
	collect = func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		all = append(all, c)
		for _, sub := range c.Commands() {
			collect(sub)
		}
	}
	root := rootCommand()
	collect(root)
	for _, span := range codeSpan.FindAllString(prose, -1) {
		span = strings.Trim(span, "`")
		words := strings.Fields(span)
		of := all
		if words[0] == "zkdeck" {
			found, rest, err := root.Find(words[1:])
			if err != nil {
				t.Errorf("`%s`: %v", span, err)
				continue
			}
			if len(rest) > 0 && found.HasSubCommands() && found != root && !flagSpan.MatchString(rest[0]) {
				t.Errorf("`%s`: %q is no command of %s", span, rest[0], found.CommandPath())
			}
			of, words = []*cobra.Command{found}, rest
		} else if !flagSpan.MatchString(words[0]) {
			continue
		}
		for _, word := range words {
			if word == "--" {
				break
			}
			for name := range strings.SplitSeq(word, "/") {
				if flagSpan.MatchString(name) && !slices.ContainsFunc(of, func(c *cobra.Command) bool { return hasFlag(c, name) }) {
					t.Errorf("`%s`: there is no flag %s", span, name)
				}
			}
		}
	}
}

func hasFlag(c *cobra.Command, name string) bool {
	if long, ok := strings.CutPrefix(name, "--"); ok {
		long, _, _ = strings.Cut(long, "=")
		return c.Flags().Lookup(long) != nil || c.InheritedFlags().Lookup(long) != nil
	}
	for _, set := range []*pflag.FlagSet{c.Flags(), c.InheritedFlags()} {
		if len(name) == 2 && set.ShorthandLookup(name[1:]) != nil {
			return true
		}
	}
	return false
}

// shownSettings is the settings file that the README shows.
func shownSettings(t *testing.T) string {
	t.Helper()
	_, code := markdown(t, readmePath)
	at := slices.IndexFunc(code, func(f fence) bool { return f.language == "yaml" })
	if at < 0 {
		t.Fatal("the README shows no settings")
	}
	return code[at].text
}

// Every line of the settings is right, those that are commented out too.
func TestReadmeSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	text := regexp.MustCompile(`(?m)^(\s+)# (\w+:)`).ReplaceAllString(shownSettings(t), "$1$2")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Find(s.Profile)
	if err != nil || !p.ReadOnly || p.TLS == nil || len(p.Auth) != 1 {
		t.Errorf("the profile is %+v, %v", p, err)
	}
}

// Links lead somewhere: to files that are there, to headings that they have, and
// pictures are pictures.
func TestLinks(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../../*.md", "../../*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if !slices.Contains(pages, readmePath) {
		t.Fatalf("no README among %q", pages)
	}
	for _, page := range pages {
		prose, _ := markdown(t, page)
		for _, target := range links(prose) {
			if err := leads(t, page, target); err != nil {
				t.Errorf("%s links to %s: %v", page, target, err)
			}
		}
	}
}

var linkTarget = regexp.MustCompile(`\]\(([^)\s]+)[^)]*\)|(?:href|src|srcset)="([^"]+)"|(?m:^\[[^\]]+\]: *(\S+))`)

// links are the targets of all links and pictures.
func links(prose string) []string {
	var targets []string
	for _, m := range linkTarget.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose, ""), -1) {
		targets = append(targets, m[1]+m[2]+m[3])
	}
	return targets
}

// leads says why a link of a page leads nowhere. Other people's sites are not asked.
func leads(t *testing.T, page, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	if u.Scheme != "" {
		if u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("it is no address of the web over https")
		}
		return nil
	}
	file := page
	if u.Path != "" {
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(u.Path))
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if filepath.Ext(file) == ".svg" {
		begin := make([]byte, 4)
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.Read(begin); err != nil || string(begin) != "<svg" && string(begin) != "<?xm" {
			return fmt.Errorf("it is no picture: it begins with %q, %w", begin, err)
		}
	}
	if u.Fragment == "" {
		return nil
	}
	if info.IsDir() || !slices.Contains(anchors(t, file), u.Fragment) {
		return fmt.Errorf("it has no heading #%s", u.Fragment)
	}
	return nil
}

var heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)

// anchors are the names that headings of a page have, as GitHub makes them.
func anchors(t *testing.T, page string) []string {
	prose, _ := markdown(t, page)
	var names []string
	times := map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(prose, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, times[name]-1)
		}
		names = append(names, name)
	}
	return names
}

// A link that leads nowhere is found.
func TestLinksLeadNowhere(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	text := "# One thing: `two`\n\n## Again\n\n## Again\n\n[a](#one-thing-two) [b](#again-1) ![c](page.md#again)\n" +
		"[d](#again-2) [![e](none.svg)](https://example.com) <img src=\"page.svg\"> [f](http://example.com)\n```\n[g](none)\n```\n`[h](none)`\n"
	for path, text := range map[string]string{page: text, filepath.Join(filepath.Dir(page), "page.svg"): "PNG?"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	prose, _ := markdown(t, page)
	var bad []string
	for _, target := range links(prose) {
		if leads(t, page, target) != nil {
			bad = append(bad, target)
		}
	}
	if want := []string{"#again-2", "none.svg", "page.svg", "http://example.com"}; !slices.Equal(bad, want) {
		t.Errorf("bad are %q, want %q", bad, want)
	}
}
