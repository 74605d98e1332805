package lockctl

// Timeline is what was seen of one lock over time.
type Timeline struct{}
