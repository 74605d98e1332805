package distro

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// BuiltIn is Version.From of a list that no server told.
const BuiltIn = "built in, as of July 2026"

// builtinStable is the stable release of the built-in list.
const builtinStable = "3.8.6"

// Version is a release of ZooKeeper that can be downloaded.
type Version struct {
	// Version is as in "3.8.6", or "3.5.4-beta".
	Version string `json:"version"`
	// Stable and Current are what Apache calls so.
	Stable  bool `json:"stable,omitempty"`
	Current bool `json:"current,omitempty"`
	// Archived tells that it is only in the archive, since a newer one replaces it.
	Archived bool `json:"archived,omitempty"`
	// Here tells that it was downloaded already.
	Here bool `json:"here,omitempty"`
	// From is the host that lists it, or [BuiltIn].
	From string `json:"from"`
}

// Stable is the version of a list that Apache calls stable, or else the newest that is
// no alpha and no beta; "" of an empty list.
func Stable(versions []Version) string {
	for _, v := range versions {
		if v.Stable {
			return v.Version
		}
	}
	for _, v := range versions {
		if !strings.Contains(v.Version, "-") {
			return v.Version
		}
	}
	return ""
}

func builtin() []Version {
	return []Version{
		{Version: "3.9.5", Current: true},
		{Version: builtinStable, Stable: true},
		{Version: "3.7.2", Archived: true},
		{Version: "3.6.4", Archived: true},
		{Version: "3.5.10", Archived: true},
		{Version: "3.4.14", Archived: true},
	}
}

// maxListing bounds the page of a mirror.
const maxListing = 4 << 20

// Versions lists what can be downloaded, newest first, from the pages of the mirror and
// the archive. It never returns an empty list but when ctx has ended: where no page
// can be read it is the built-in one, and the error says why.
func (d *Downloader) Versions(ctx context.Context) ([]Version, error) {
	if err := d.check(); err != nil {
		return d.mark(builtin(), BuiltIn), err
	}
	w := d.newWeb()
	defer w.close()
	type page struct {
		address  string
		versions []string
		err      error
	}
	bases := d.bases(d.Mirror, DefaultMirror)
	pages := make([]page, 0, 3*len(bases))
	for _, b := range bases {
		for _, sub := range []string{"/", "/stable/", "/current/"} {
			pages = append(pages, page{address: b + sub})
		}
	}
	var all sync.WaitGroup
	for i := range pages {
		all.Go(func() {
			p := &pages[i]
			text, err := w.text(ctx, p.address, maxListing)
			if p.versions = listed(text); err == nil && len(p.versions) == 0 {
				err = fmt.Errorf("%s lists no version of ZooKeeper", p.address)
			}
			p.err = err
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var found []Version
	var failed []error
	for i := 0; i < len(pages); i += 3 {
		list, stable, current := pages[i], pages[i+1], pages[i+2]
		if list.err != nil {
			failed = append(failed, list.err)
			continue
		}
		archived := d.isArchive(bases[i/3])
		for _, v := range list.versions {
			if slices.ContainsFunc(found, func(f Version) bool { return f.Version == v }) {
				continue
			}
			found = append(found, Version{
				Version: v, From: host(list.address), Archived: archived,
				Stable:  !archived && slices.Contains(stable.versions, v),
				Current: !archived && slices.Contains(current.versions, v),
			})
		}
	}
	if len(found) == 0 {
		err := fmt.Errorf("no list of versions could be read, so this one is %s: %w", BuiltIn, several(failed))
		return d.mark(builtin(), BuiltIn), err
	}
	for _, err := range failed {
		d.log().Info("no list of versions", "error", err)
	}
	slices.SortFunc(found, func(a, b Version) int { return compareVersions(b.Version, a.Version) })
	return d.mark(found, ""), nil
}

// isArchive reports whether a base is where everything old is kept.
func (d *Downloader) isArchive(base string) bool {
	return base == DefaultArchive || d.Archive != "" && base == strings.TrimRight(d.Archive, "/")
}

// mark notes what is here already and, unless it is "", where the list is from.
func (d *Downloader) mark(versions []Version, from string) []Version {
	for i := range versions {
		_, versions[i].Here = d.have(versions[i].Version)
		if from != "" {
			versions[i].From = from
		}
	}
	return versions
}

var href = regexp.MustCompile(`(?i)<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))`)

// listed are the versions that the links of a page lead to: to their folders, or, of
// the page of one version, to its archive. It is written for the listings of Apache's
// httpd, nginx and the like, and takes nothing else from the page.
func listed(page string) []string {
	var found []string
	for _, m := range href.FindAllStringSubmatch(page, -1) {
		link, err := url.Parse(html.UnescapeString(m[1] + m[2] + m[3]))
		if err != nil {
			continue
		}
		name := path.Base(strings.TrimSuffix(link.Path, "/"))
		name = strings.TrimPrefix(name, "apache-")
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".tar.gz"), "-bin")
		version, ok := strings.CutPrefix(name, "zookeeper-")
		if !ok || version == "" || versionIn(version) != version || slices.Contains(found, version) {
			continue
		}
		found = append(found, version)
	}
	return found
}
