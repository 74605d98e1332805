package ensemble

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

// testCache is one for all tests: what is kept there makes Java start quicker.
var testCache = filepath.Join(os.TempDir(), "zkdeck-ensemble-test")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
