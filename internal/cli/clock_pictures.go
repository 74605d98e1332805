//go:build pictures

package cli

import "time"

// The pictures' time of day stands still, while the monotonic clock goes on for what has
// to end in time. The screen goes by the former alone.
func init() { screenNow = func() time.Time { return time.Now().Round(0) } }
