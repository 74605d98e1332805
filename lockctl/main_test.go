package lockctl

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"zkdeck/internal/zktest"
)

func TestMain(m *testing.M) {
	// Tests wait for servers most of the time, and not for a processor.
	if err := flag.Set("test.parallel", "8"); err != nil { // -parallel wins: it is parsed later
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	zktest.Main(m)
}
