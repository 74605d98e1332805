package lockview

import (
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Stat is what lockctl needs of a Stat. Containers and TTL znodes have no owner.
func Stat(s zkview.Stat) lockctl.Stat { return statOf(s) }
