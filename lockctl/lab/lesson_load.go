package lab

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"zkdeck/internal/safetext"
	"zkdeck/internal/yamlerr"
)

// own are the lessons that come with zkdeck.
//
//go:embed lessons/*.yaml
var own embed.FS

const (
	lessonExt = ".yaml"
	// maxLesson bounds what is read of a lesson, in bytes, and maxLessons how many
	// files are looked at.
	maxLesson  = 256 << 10
	maxLessons = 200
)

// Lessons loads the lessons that come with zkdeck and those of a folder, "" for none,
// in the order of their names. A file of the folder takes the place of the lesson of
// the same name. Each error is of one file, names the line and says what to do; such a
// file is left out, and where it would have taken the place of another, that one stays.
// A folder that is not there is empty.
func Lessons(dir string) ([]Lesson, []error) {
	var all []Lesson
	var errs []error
	names, _ := fs.Glob(own, "lessons/*"+lessonExt) // the pattern is right
	for _, name := range names {
		l, err := readLesson(own, name, "")
		if err != nil {
			errs = append(errs, fmt.Errorf("the lesson %s of zkdeck itself%w", filepath.Base(name), err))
			continue
		}
		all = append(all, l)
	}
	files, err := lessonFiles(dir)
	if err != nil {
		errs = append(errs, err)
	}
	for _, name := range files {
		path := filepath.Join(dir, name)
		l, err := readLesson(os.DirFS(dir), name, path)
		same := func(o Lesson) bool { return o.Name == lessonName(name) }
		switch i := slices.IndexFunc(all, same); {
		case err != nil && i >= 0:
			errs = append(errs, fmt.Errorf("%s%w; the lesson that comes with zkdeck is shown instead", safetext.Clean(path), err))
		case err != nil:
			errs = append(errs, fmt.Errorf("%s%w; this lesson is left out", safetext.Clean(path), err))
		case i >= 0:
			all[i] = l
		default:
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b Lesson) int { return cmp.Compare(a.Name, b.Name) })
	return all, errs
}

// lessonFiles names the lessons in a folder.
func lessonFiles(dir string) ([]string, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking for lessons: %w", err)
	}
	var names []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == lessonExt && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if len(names) > maxLessons {
		return names[:maxLessons], fmt.Errorf("%s holds %d lessons; the first %d are shown", safetext.Clean(dir), len(names), maxLessons)
	}
	return names, nil
}

// lessonName is the name of the lesson in a file.
func lessonName(file string) string {
	return safetext.Clean(strings.TrimSuffix(filepath.Base(file), lessonExt))
}

// readLesson reads a lesson. Its errors begin with ":LINE: " or ": ", to be put after the
// name of the file.
func readLesson(in fs.FS, name, path string) (Lesson, error) {
	info, err := fs.Stat(in, name)
	switch {
	case err != nil:
		return Lesson{}, fmt.Errorf(": %w", whyOf(err))
	case !info.Mode().IsRegular():
		return Lesson{}, errors.New(": it is no file")
	case info.Size() > maxLesson:
		return Lesson{}, fmt.Errorf(": it is over %d bytes; that is no lesson", maxLesson)
	}
	f, err := in.Open(name)
	if err != nil {
		return Lesson{}, fmt.Errorf(": %w", whyOf(err))
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxLesson))
	if err != nil {
		return Lesson{}, fmt.Errorf(": %w", whyOf(err))
	}
	l, err := parseLesson(text)
	l.Name, l.File = lessonName(name), path
	return l, err
}

// whyOf is an error of a file without the file's name.
func whyOf(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// parseLesson reads the text of a lesson, with errors as those of readLesson.
func parseLesson(text []byte) (l Lesson, err error) {
	defer yamlerr.Caught(&err)
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Lesson{}, atLine(err)
	}
	err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&l)
	switch {
	case errors.Is(err, io.EOF):
		return l, errors.New(": it is empty; zkdeck lab lessons --write DIR writes lessons to begin with")
	case err != nil:
		return l, atLine(err)
	case len(file.Docs) > 1:
		return l, errors.New(": it holds several YAML documents; each lesson is a file of its own")
	}
	if path, err := l.check(); err != nil {
		return l, fmt.Errorf("%s%w", lineOf(file, path), err)
	}
	l.clean()
	return l, nil
}

// atLine words an error of the YAML library, as of a lesson.
func atLine(err error) error {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return fmt.Errorf("%w; a lesson has title, about, steps, question, answer and try, a step has title, text, look, lanes, do and until, "+
			"and a lane has recipe, workers, slots, hold, think, pace, paused, persistent, unfenced and believes", yamlerr.AtLine(err))
	}
	return yamlerr.AtLine(err)
}

// lineOf is ":LINE: " of what stands at a YAML path such as "$.steps[2].until", or of
// what it is in.
func lineOf(file *ast.File, path string) string {
	for path != "" && path != "$" {
		if p, err := yaml.PathString(path); err == nil {
			if n, err := p.FilterFile(file); err == nil && n != nil {
				return yamlerr.Line(first(n))
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return ": "
}

// first is the token with which a node begins.
func first(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}
