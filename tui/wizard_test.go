package tui

import "testing"

func TestWizardLook(t *testing.T) {
	m := newMakerFake()
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		s, _ := showWizard(t, m, size[0], size[1])
		s.WaitForText("How many servers?")
		t.Log("\n" + s.Screen())
		for range 14 {
			was := s.Screen()
			s.Type("enter")
			s.WaitFor(func(now string) bool { return now != was }, "another page")
			t.Log("\n" + s.Screen())
		}
	}
}
