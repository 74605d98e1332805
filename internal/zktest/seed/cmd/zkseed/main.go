// Command zkseed fills a ZooKeeper with something to look at.
//
//	go run ./internal/zktest/seed/cmd/zkseed -servers 127.0.0.1:2181 -life -wide /tasks=312763
//
// What it creates as ephemeral lives as long as its session: with -hold it stays
// until it is interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest/seed"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "zkseed:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("zkseed", flag.ExitOnError)
	servers := flags.String("servers", "127.0.0.1:2181", "host:port of each server, separated by commas")
	root := flags.String("root", "/", "where the tree of -life goes")
	life := flags.Bool("life", false, "create a tree that looks like life")
	wide := flags.String("wide", "", "create N children under PATH, given as `PATH=N`")
	hold := flags.Bool("hold", false, "keep the session, and with it what is ephemeral, until interrupted")
	if err := flags.Parse(args); err != nil {
		return err
	}
	path, count, err := parseWide(*wide)
	if err != nil {
		return err
	}
	if !*life && *wide == "" {
		return errors.New("nothing to do: give -life or -wide PATH=N")
	}
	conn, _, err := zk.Connect(strings.Split(*servers, ","), 30*time.Second, zk.WithLogInfo(false))
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", *servers, err)
	}
	defer conn.Close()
	began := time.Now()
	if *life {
		if err := seed.Life(ctx, conn, *root); err != nil {
			return err
		}
	}
	if count > 0 {
		if err := seed.Wide(ctx, conn, path, count); err != nil {
			return err
		}
	}
	fmt.Printf("done in %v\n", time.Since(began).Round(time.Millisecond))
	if *hold {
		fmt.Println("holding the session; interrupt to end it")
		<-ctx.Done()
	}
	return nil
}

func parseWide(arg string) (path string, count int, err error) {
	if arg == "" {
		return "", 0, nil
	}
	path, number, _ := strings.Cut(arg, "=")
	count, err = strconv.Atoi(number)
	if err != nil || count < 1 || !strings.HasPrefix(path, "/") {
		return "", 0, fmt.Errorf("-wide %s: want PATH=N, such as /tasks=1000", arg)
	}
	return path, count, nil
}
