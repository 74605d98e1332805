package safetext

import "testing"

func TestSteadiesPassTheLongWay(t *testing.T) {
	c := cleaner{name: true}
	for _, rg := range steadies.R16 {
		for r := rune(rg.Lo); r <= rune(rg.Hi); r++ {
			if s := string(r); !c.keeps(s, r, len(s)) || joins(r) {
				t.Errorf("%U is not steady", r)
			}
		}
	}
}
