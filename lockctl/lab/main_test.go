package lab

import (
	flags "flag"
	"fmt"
	"os"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
)

func TestMain(m *testing.M) {
	// Tests wait for servers most of the time, and not for a processor.
	if err := flags.Set("test.parallel", "4"); err != nil { // -parallel wins: it is parsed later
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	zktest.StandIn(func() (zktest.Stand, error) { return sandbox.Start(sandbox.Options{}) })
	zktest.Main(m)
}
