package distro

// javaPlaces are where a Java runtime may be, in the order in which one is taken.
func (e Env) javaPlaces() []javaPlace {
	return []javaPlace{
		{"JAVA_HOME", func() []string { return []string{e.Getenv("JAVA_HOME")} }},
		{"PATH", func() []string { return []string{e.look("java")} }},
		{"/usr/libexec/java_home", e.javaHome},
		{"installed", e.installedJavas},
	}
}

// javaPlace is a place that is looked at only when those before it had nothing.
type javaPlace struct {
	from  string
	paths func() []string
}

// Javas are all Java runtimes that can be used, each once, in the order of
// [Env.FindJava]. It may run a program for a few seconds where a runtime does not say
// its version in a file.
func (e Env) Javas() []Java {
	var out []Java
	seen := map[string]bool{}
	for _, place := range e.javaPlaces() {
		for _, path := range place.paths() {
			if path == "" || seen[resolved(path)] {
				continue
			}
			seen[resolved(path)] = true
			if java, err := e.java(path, place.from); err == nil && !seen[java.Path] {
				seen[java.Path] = true
				out = append(out, java)
			}
		}
	}
	return out
}
