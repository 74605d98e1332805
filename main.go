// Command zkdeck is a live view of ZooKeeper in the terminal.
package main

import (
	"os"

	"zkdeck/internal/cli"
)

func main() { os.Exit(cli.Main()) }
