//go:build !unix

package ensemble

func look(int) (sight, bool) { return sight{}, false }

func (s sight) runs(string) bool { return false }

func (s sight) arguments() []string { return nil }

func pids() ([]int, error) { return nil, ErrUnsupported }

func signalName(int) string { return "" }
