package lockview

import (
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
)

func TestMain(m *testing.M) {
	zktest.StandIn(func() (zktest.Stand, error) { return sandbox.Start(sandbox.Options{}) })
	zktest.Main(m)
}
