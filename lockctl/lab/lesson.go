package lab

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Lesson is a guided walk through the lab: text for a projector, and what the lab does
// meanwhile. Lessons are files that a trainer can edit; [Lessons] loads them.
type Lesson struct {
	// Name is the name of its file without ".yaml"; lessons are in the order of names.
	Name string `yaml:"-"`
	// File is the path that it was loaded from, "" for one that comes with zkdeck.
	File  string `yaml:"-"`
	Title string `yaml:"title"`
	// About says in a line what it is about.
	About string       `yaml:"about"`
	Steps []LessonStep `yaml:"steps"`
	// Question is asked at the end, Answer shown when it is wanted, and Try is something
	// to do on one's own. Each may name keys, see [WithKeys].
	Question string `yaml:"question"`
	Answer   string `yaml:"answer"`
	Try      string `yaml:"try"`
}

// LessonStep is one page of a lesson.
type LessonStep struct {
	Title string `yaml:"title"`
	// Text is a few short lines. It may name keys, see [WithKeys].
	Text string `yaml:"text"`
	// Look is one line about where to look.
	Look string `yaml:"look"`
	// Lanes, if there are any, are started anew when the step begins: one, or two side by
	// side. Without them the lanes of the step before go on.
	Lanes []Setup `yaml:"lanes"`
	// Do is done when the step begins, after its lanes have started.
	Do []Action `yaml:"do"`
	// Until tells when there was to be seen what the step is about. Nothing goes on by
	// itself then: whoever reads aloud decides.
	Until Condition `yaml:"until"`
}

// Setup is a lane of a lesson. What is left out is as in [Options].
type Setup struct {
	Recipe     Recipe        `yaml:"recipe"`
	Workers    int           `yaml:"workers"`
	Slots      int           `yaml:"slots"`
	Hold       time.Duration `yaml:"hold"`
	Think      time.Duration `yaml:"think"`
	Pace       time.Duration `yaml:"pace"`
	Paused     bool          `yaml:"paused"`
	Persistent bool          `yaml:"persistent"`
	Unfenced   bool          `yaml:"unfenced"`
	Believes   bool          `yaml:"believes"`
}

// Options are those of a run that is such a lane, without Base and Open.
func (s Setup) Options() Options {
	return Options{
		Recipe: s.Recipe, Workers: s.Workers, Slots: s.Slots, Hold: s.Hold, Think: s.Think, Pace: s.Pace,
		Paused: s.Paused, Persistent: s.Persistent, Unfenced: s.Unfenced, Believes: s.Believes,
	}
}

// FindLesson finds a lesson by its name, or by either half of it: "2-herd", "2", "herd".
func FindLesson(all []Lesson, name string) (Lesson, bool) {
	for _, is := range []func(Lesson) bool{
		func(l Lesson) bool { return l.Name == name },
		func(l Lesson) bool {
			number, rest, cut := strings.Cut(l.Name, "-")
			return cut && (number == name || rest == name)
		},
	} {
		if i := slices.IndexFunc(all, is); i >= 0 {
			return all[i], true
		}
	}
	return Lesson{}, false
}

// LessonKeys are the names of keys that texts of lessons may give in braces: what the
// key does in the lab. "run" starts and pauses, "freeze" thaws too; "ensembles" and
// "lab" show those screens.
var LessonKeys = []string{
	"next", "previous", "run", "step", "slower", "faster", "add", "kill", "crash", "freeze", "try",
	"select", "edit", "where", "reset", "ensembles", "lab",
}

// keyName finds the names of keys in a text.
var keyName = regexp.MustCompile(`\{[^{}\n]*\}`)

// WithKeys puts keys in the place of their names: "{crash}" becomes what key says of
// "crash". Names that are not of [LessonKeys] stay as they are.
func WithKeys(text string, key func(name string) string) string {
	return keyName.ReplaceAllStringFunc(text, func(s string) string {
		name := strings.Trim(s, "{}")
		if !slices.Contains(LessonKeys, name) {
			return s
		}
		return key(name)
	})
}
