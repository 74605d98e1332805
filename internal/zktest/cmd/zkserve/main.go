// Command zkserve starts real ZooKeeper servers on free loopback ports, prints
// their connect string, and ends them when it is interrupted.
//
//	go run ./internal/zktest/cmd/zkserve -n 3
//
// Their data goes with them.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"zkdeck/internal/zktest"
)

func main() {
	n := flag.Int("n", 1, "how many servers: 1, 3 or 5")
	jvm := flag.String("jvm", "", "more Java arguments, separated by blanks")
	var cfg []string
	flag.Func("config", "one more `line` of zoo.cfg; may be given again", func(line string) error {
		cfg = append(cfg, line)
		return nil
	})
	flag.Parse()
	os.Exit(run(*n, zktest.JVM(strings.Fields(*jvm)...), zktest.Config(cfg...)))
}

func run(n int, opts ...zktest.Option) (code int) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	p := &program{}
	defer p.end()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(fatal); !ok {
				panic(r)
			}
			code = 1
		}
	}()
	e := zktest.Start(p, n, opts...)
	for _, s := range e.Servers() {
		fmt.Fprintf(os.Stderr, "server %d: %s, pid %d, %s\n", s.ID(), s.Mode(), s.Pid(), s.DataDir())
	}
	fmt.Println(e.Addr())
	<-stop
	return 0
}

// fatal unwinds the stack as a test's Fatalf does.
type fatal struct{}

// program is to zktest what a test is.
type program struct{ cleanups []func() }

var _ zktest.TB = (*program)(nil)

func (p *program) Helper()                         {}
func (p *program) Name() string                    { return "zkserve" }
func (p *program) Failed() bool                    { return false }
func (p *program) Cleanup(f func())                { p.cleanups = append(p.cleanups, f) }
func (p *program) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (p *program) Fatalf(format string, args ...any) {
	p.Logf(format, args...)
	panic(fatal{})
}

func (p *program) end() {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}
