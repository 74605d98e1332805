package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/internal/edits"
)

// otherWords are what other programs call our commands.
var otherWords = map[string]string{
	"cat": "get", "show": "get", "list": "ls", "dir": "ls", "tree": "ls", "info": "stat",
	"search": "find", "grep": "find", "tail": "watch", "follow": "watch",
	"queue": "locks", "queues": "locks", "semaphores": "locks", "elections": "locks", "leases": "locks", "deadlocks": "locks",
	"acquire": "lock", "mutex": "lock", "semaphore": "lock",
	"copy": "cp", "move": "mv", "rename": "mv", "delete": "rm", "remove": "rm", "rmr": "rm", "deleteall": "rm",
	"dump": "export", "backup": "export", "load": "import", "restore": "import", "compare": "diff",
	"cluster": "ensemble", "launch": "ensemble", "up": "ensemble", "down": "ensemble", "start": "ensemble", "stop": "ensemble",
	"demo": "sandbox", "playground": "sandbox", "serve": "sandbox", "tour": "sandbox",
}

// noCommand is nil, or an error about a word that was meant as a command rather than
// as the name of a host: one letter beside a command, two where it is long.
func noCommand(root *cobra.Command, word string) error {
	if strings.ContainsAny(word, ".:/,[]-_0123456789") {
		return nil
	}
	meant := otherWords[word]
	for _, c := range root.Commands() {
		if meant == "" && !c.Hidden && isNear(strings.ToLower(word), c.Name()) {
			meant = c.Name()
		}
	}
	if meant == "" {
		return nil
	}
	return usage(fmt.Errorf("there is no command %q; did you mean %s? A host of that name is %s:2181", word, meant, word))
}

// isNear tells whether a word is a slip of a command's name.
func isNear(word, name string) bool {
	switch {
	case len(name) > 4:
		return edits.Distance(word, name) <= 2
	case len(name) == 2 && len(word) == 2: // a host may well be called db
		return word[0] == name[1] && word[1] == name[0]
	default:
		return edits.Distance(word, name) <= 1
	}
}
