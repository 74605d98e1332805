package tui

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"zkdeck/config/ensemble"
)

// reviewRow is a line of the preview: the same one in the files of several servers.
type reviewRow struct {
	// cells are the lines, one a server; has tells which of them have it.
	cells []string
	has   []bool
	// same tells that all files have it, and alike.
	same bool
}

// comment tells that the row explains others.
func (r *reviewRow) comment() bool {
	for i, c := range r.cells {
		if r.has[i] {
			return strings.HasPrefix(c, "#")
		}
	}
	return false
}

// reviewFile is a file that is written, of one server after the other or once.
type reviewFile struct {
	name    string // within the folder of a server, or of the ensemble
	servers []int  // whose it is, in the order of the cells; none for the ensemble's own
	rows    []reviewRow
}

// reviewFiles lays the files of the servers side by side.
func reviewFiles(p *ensemble.Plan, files []ensemble.File) []reviewFile {
	var out []reviewFile
	texts := map[string][]string{}
	for _, f := range files {
		name, server := reviewName(p, f.Path)
		i := slices.IndexFunc(out, func(o reviewFile) bool { return o.name == name && (len(o.servers) > 0) == (server > 0) })
		if i < 0 {
			out = append(out, reviewFile{name: name})
			i = len(out) - 1
		}
		if server > 0 {
			out[i].servers = append(out[i].servers, server)
		}
		texts[name] = append(texts[name], f.Text)
	}
	for i := range out {
		out[i].rows = mergeRows(texts[out[i].name])
	}
	return out
}

// reviewName is the name of a file within the folder of the server that it belongs
// to, or, for server 0, within that of the ensemble.
func reviewName(p *ensemble.Plan, path string) (name string, server int) {
	for _, m := range p.Members {
		if rel, ok := strings.CutPrefix(path, p.ServerDir(m.ID)+string(filepath.Separator)); ok {
			return rel, m.ID
		}
	}
	if rel, err := filepath.Rel(p.Dir, path); err == nil {
		return rel, 0
	}
	return path, 0
}

// mergeRows puts lines that are about the same into one row: equal ones, and those of
// the same key.
func mergeRows(texts []string) []reviewRow {
	var rows []reviewRow
	var keys []string
	for col, text := range texts {
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		pairs := align(keys, lines)
		if len(lines) == 1 && len(keys) <= 1 { // a file of one line, as myid
			pairs = [][2]int{{len(keys) - 1, 0}}
		}
		merged := make([]reviewRow, 0, len(pairs))
		keys = keys[:0:0]
		for _, at := range pairs {
			r := reviewRow{cells: make([]string, len(texts)), has: make([]bool, len(texts))}
			key := ""
			if at[0] >= 0 {
				r = rows[at[0]]
				key = lineKey(firstCell(r))
			}
			if at[1] >= 0 {
				r.cells[col], r.has[col] = lines[at[1]], true
				key = lineKey(lines[at[1]])
			}
			merged, keys = append(merged, r), append(keys, key)
		}
		rows = merged
	}
	for i := range rows {
		r := &rows[i]
		r.same = !slices.Contains(r.has, false) && len(slices.Compact(slices.Clone(r.cells))) == 1
	}
	return rows
}

func firstCell(r reviewRow) string {
	if i := slices.Index(r.has, true); i >= 0 {
		return r.cells[i]
	}
	return ""
}

// lineKey is what makes two lines the same row: the key of a setting, else all but the
// numbers, which are those of servers.
func lineKey(line string) string {
	key, _, setting := strings.Cut(line, "=")
	if setting && !strings.HasPrefix(line, "#") && !strings.ContainsAny(key, " \t") {
		return key + "="
	}
	return numbers.ReplaceAllString(line, "0")
}

var numbers = regexp.MustCompile("[0-9]+")

// align pairs as many rows with lines of the same key as there are, in their order,
// by the longest common subsequence; what has no partner stands alone, with -1.
func align(keys, lines []string) [][2]int {
	n, m := len(keys), len(lines)
	long := make([][]int, n+1)
	for i := range long {
		long[i] = make([]int, m+1)
	}
	other := make([]string, m)
	for j, l := range lines {
		other[j] = lineKey(l)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if keys[i] == other[j] {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	var out [][2]int
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && keys[i] == other[j]:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case j >= m || i < n && long[i+1][j] >= long[i][j+1]:
			out = append(out, [2]int{i, -1})
			i++
		default:
			out = append(out, [2]int{-1, j})
			j++
		}
	}
	return out
}
