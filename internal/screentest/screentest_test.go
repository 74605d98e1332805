package screentest_test

import (
	"errors"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"go.uber.org/goleak"

	"zkdeck/internal/screentest"
)

// asProgram makes the test binary run the little program itself, for the tests
// that need it in a pseudo-terminal.
const asProgram = "SCREENTEST_RUN_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		if _, err := tea.NewProgram(&little{}).Run(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, screentest.IgnoreInputReader())
}

// little is a program that shows what it was told.
type little struct {
	keys       []string
	w, h       int
	background color.Color
}

func (m *little) Init() tea.Cmd { return tea.RequestBackgroundColor }

func (m *little) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.background = msg.Color
	case tea.MouseClickMsg:
		m.keys = append(m.keys, fmt.Sprintf("click%d,%d", msg.X, msg.Y))
	case tea.MouseWheelMsg:
		m.keys = append(m.keys, msg.Button.String())
	case tea.PasteMsg:
		m.keys = append(m.keys, "paste:"+msg.Content)
	case tea.KeyPressMsg:
		m.keys = append(m.keys, msg.String())
		switch msg.String() {
		case "ctrl+c":
			return m, tea.Quit
		case "ctrl+p":
			panic("asked for")
		case "ctrl+y":
			return m, tea.SetClipboard("copied text")
		}
	}
	return m, nil
}

func (m *little) View() tea.View {
	bold := lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Color("#79B8FF"))
	v := tea.NewView(fmt.Sprintf("size %dx%d\n%s\nwide 世界 end\nkeys %s\nbackground %v",
		m.w, m.h, bold.Render("important"), strings.Join(m.keys, " "), m.background != nil))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	return v
}

func TestKeysAsBubbleTeaNamesThem(t *testing.T) {
	term := screentest.New(t, 200, 10)
	term.Start(&little{})
	keys := []string{
		"enter", "tab", "shift+tab", "space", "backspace", "esc", "j", "up", "down", "left", "right",
		"home", "end", "pgup", "pgdown", "insert", "delete", "f1", "f5", "f12", "ctrl+o", "ctrl+space",
		"ctrl+]", "alt+x", "ä", "世",
	}
	term.Type(keys...)
	term.WaitForText("keys " + strings.Join(keys, " "))
}

func TestTextIsTypedLetterByLetter(t *testing.T) {
	term := screentest.New(t, 80, 6)
	term.Start(&little{})
	term.Type("ab", "c")
	term.WaitForText("keys a b c")
}

func TestScreenCellsAndResize(t *testing.T) {
	term := screentest.New(t, 60, 8)
	term.Start(&little{})
	term.WaitForText("size 60x8", "wide 世界 end", "background true")

	rows := strings.Split(term.Screen(), "\n")
	if len(rows) != 8 || rows[0] != "size 60x8" || rows[7] != "" {
		t.Errorf("rows are %q", rows)
	}
	x, y := term.Find("important")
	if c := term.Cell(x, y); c.Text != "i" || !c.Bold || c.Fg == nil || c.Reverse {
		t.Errorf("the bold cell is %+v", c)
	}
	x, y = term.Find("end")
	if x != 10 || y != 2 {
		t.Errorf("end is at %d,%d; wide characters take two columns", x, y)
	}
	if c := term.Cell(99, 99); c != (screentest.Cell{}) {
		t.Errorf("outside is %+v", c)
	}
	term.Resize(30, 5)
	term.WaitForText("size 30x5")
	if n := strings.Count(term.Screen(), "\n"); n != 4 {
		t.Errorf("%d newlines on a screen of 5 rows", n)
	}
}

// A size is seen between the keys between which it came, however many there are.
func TestResizeKeepsItsPlaceBetweenKeys(t *testing.T) {
	term := screentest.New(t, 200, 10)
	term.Start(&sized{little: &little{}})
	for range 10 {
		term.Type("a")
		term.Resize(150, 9)
		term.Type("b")
		term.Resize(200, 10)
	}
	term.WaitForText("keys" + strings.Repeat(" a 150 b 200", 10))
}

// sized notes sizes among the keys.
type sized struct {
	*little
	started bool
}

func (m *sized) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		if m.started { // the first is the size that it starts with
			m.keys = append(m.keys, fmt.Sprint(size.Width))
		}
		m.started = true
	}
	_, cmd := m.little.Update(msg)
	return m, cmd
}

func TestMousePasteAndClipboard(t *testing.T) {
	term := screentest.New(t, 80, 6)
	term.Start(&little{})
	term.WaitForText("size 80x6")
	term.Click(4, 2)
	term.Wheel(4, 2, false)
	term.Paste("a b")
	term.WaitForText("click4,2", "wheeldown", "paste:a b")
	term.Type("ctrl+y")
	term.WaitFor(func(string) bool { return term.Clipboard() == "copied text" }, "the clipboard")
}

func TestQuitRestores(t *testing.T) {
	term := screentest.New(t, 80, 6)
	term.Start(&little{})
	term.WaitForText("size 80x6")
	if left := term.LeftOn(); len(left) == 0 {
		t.Error("a running program has changed nothing of the terminal?")
	}
	term.Type("ctrl+c")
	if err := term.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if left := term.LeftOn(); len(left) != 0 {
		t.Errorf("left on: %v", left)
	}
	if err := term.Quit(); err != nil {
		t.Errorf("Quit after the end: %v", err)
	}
}

func TestPanicRestores(t *testing.T) {
	term := screentest.New(t, 100, 30)
	term.StartCommand(self())
	term.WaitForText("size 100x30")
	term.Type("ctrl+p")
	var exit *exec.ExitError
	if err := term.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ended with %v", err)
	}
	if left := term.LeftOn(); len(left) != 0 {
		t.Errorf("left on: %v", left)
	}
}

// A program that has not heard of the new size yet scrolls rows that are gone.
func TestScrollBeyondScreen(t *testing.T) {
	term := screentest.New(t, 20, 4)
	cmd := exec.Command("printf", `one\r\ntwo\r\nthree\r\nfour\033[2;9r\033[2;1H\033[3M\033[2L\033[r\033[4;1Hend`)
	term.StartCommand(cmd)
	if err := term.Wait(); err != nil {
		t.Fatal(err)
	}
	if got, want := term.Screen(), "one\n\n\nend"; got != want {
		t.Errorf("the screen is\n%s\nand should be\n%s", got, want)
	}
}

func TestCommandInPseudoTerminal(t *testing.T) {
	term := screentest.New(t, 60, 8)
	term.StartCommand(self())
	at := term.WaitForText("size 60x8", "wide 世界 end", "background true")
	if d := at.Sub(term.Started()); d <= 0 || d > screentest.Deadline {
		t.Errorf("the first frame came after %s", d)
	}
	term.Resize(90, 10)
	term.WaitForText("size 90x10")
	f := term.Bench(20, 20*time.Millisecond, "a", "b")
	if f.N != 20 || f.P50 <= 0 || f.P50 > f.P99 || f.P99 > f.Max || f.Bytes == 0 || f.Bytes > 500 {
		t.Errorf("figures %s", f)
	}
	t.Log(f)
	term.Type("ctrl+c")
	if err := term.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if left := term.LeftOn(); len(left) != 0 {
		t.Errorf("left on: %v", left)
	}
}

func TestMeasureInProcess(t *testing.T) {
	term := screentest.New(t, 60, 8)
	term.Start(&little{}, tea.WithFPS(120))
	term.WaitForText("size 60x8", "background true")
	before := term.Written()
	r := term.Measure("x", 20*time.Millisecond)
	if r.Frame <= 0 || r.Last < r.Frame || r.Bytes != term.Written()-before || r.Writes == 0 {
		t.Errorf("reply %+v", r)
	}
}

// self runs this test binary as the little program.
func self() *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), screentest.Env()...), asProgram+"=1", "GORACE=atexit_sleep_ms=0")
	return cmd
}
