package sandbox

import (
	"testing"

	"zkdeck/internal/zktest"
)

func TestMain(m *testing.M) { zktest.Main(m) }
