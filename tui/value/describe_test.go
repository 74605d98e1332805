package value_test

import (
	"testing"
	"time"

	"zkdeck/tui/value"
)

func TestAgeAndClock(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		d          time.Duration
		age, clock string
	}{
		{-time.Hour, "0 s", "0:00"},
		{900 * time.Millisecond, "0 s", "0:00"},
		{3 * time.Second, "3 s", "0:03"},
		{5*time.Minute + 40*time.Second, "5 m", "5:40"},
		{2*time.Hour + 11*time.Minute + 9*time.Second, "2:11:09", "2:11:09"},
		{5*day + 3*time.Hour, "5 d", "5 d 3:00:00"},
		{1100 * day, "3 y", "1100 d 0:00:00"},
	} {
		if got := value.Age(c.d); got != c.age {
			t.Errorf("Age(%v) = %q, want %q", c.d, got, c.age)
		}
		if got := value.Clock(c.d); got != c.clock {
			t.Errorf("Clock(%v) = %q, want %q", c.d, got, c.clock)
		}
	}
}
