//go:build !unix

package zktest

import (
	"errors"
	"os"
	"os/exec"
)

var (
	signalTerm  = os.Kill
	signalStop  = os.Kill
	signalCont  = os.Kill
	unsupported = errors.New("zktest: starting real servers needs a Unix system (signals, file locks, sh)")
)

func ownSession(*exec.Cmd) {}

func lockFile(*os.File, bool) error { return unsupported }

func procState(int) string { return "" }
