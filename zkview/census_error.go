package zkview

import (
	"context"
	"errors"
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/zkview/wire"
)

// The reasons for which a word is not answered, beside those of the network.
var (
	// ErrNotWhitelisted: 4lw.commands.whitelist of the server does not name the word,
	// and its AdminServer did not help.
	ErrNotWhitelisted = wire.ErrNotWhitelisted
	// ErrNotServing: the server has no quorum.
	ErrNotServing = wire.ErrNotServing
	// ErrAnswerCut: the answer is longer than 16 MiB; its beginning was used where a
	// part is of use.
	ErrAnswerCut = wire.ErrTooLong
	// ErrNotAnAnswer: what came is not what ZooKeeper answers to the word.
	ErrNotAnAnswer = errors.New("its answer is not understood")
)

// CensusError is a word that a server did not answer.
type CensusError struct {
	Word    string // "cons"
	Address string // of the server, safe to print
	Err     error
	// Admin is why the AdminServer could not say it either; nil if it was not asked.
	Admin error
}

// Error is "`wchp` is not in 4lw.commands.whitelist of 127.0.0.1:2182", or
// "127.0.0.1:2183 did not answer cons: connection refused". It is safe to print.
func (e *CensusError) Error() string { return refusalOf([]string{e.Word}, e) }

// Unwrap returns the reason.
func (e *CensusError) Unwrap() error { return e.Err }

// refusalOf says what a server did not answer, all words for the same reason.
func refusalOf(words []string, e *CensusError) string {
	switch {
	case errors.Is(e.Err, ErrNotWhitelisted) && len(words) == 1:
		return "`" + words[0] + "` is not in 4lw.commands.whitelist of " + e.Address
	case errors.Is(e.Err, ErrNotWhitelisted):
		last := len(words) - 1
		return "`" + strings.Join(words[:last], "`, `") + "` and `" + words[last] + "` are not in 4lw.commands.whitelist of " + e.Address
	case errors.Is(e.Err, ErrAnswerCut):
		return "the answer of " + e.Address + " to " + words[0] + " is longer than 16 MiB and was cut"
	default:
		return e.Address + " did not answer " + words[0] + ": " + censusWords(e.Err)
	}
}

// censusWords says in a few words why there was no answer.
func censusWords(err error) string {
	var other *wire.NotZooKeeperError
	switch {
	case errors.Is(err, ErrNotServing):
		return "it is not serving requests (no quorum)"
	case errors.Is(err, wire.ErrNoAnswer):
		return "it closed the connection"
	case errors.As(err, &other):
		return "it speaks " + other.Speaks
	case errors.Is(err, ErrNotAnAnswer):
		return ErrNotAnAnswer.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	default:
		return safetext.CleanLine(netWords(err))
	}
}

// Refusals are sentences on all that was not answered, one for all words of a server
// that have the same reason; safe to print.
func (c *Census) Refusals() []string {
	lines := append([]string(nil), c.Unasked...)
	for i := range c.Servers {
		lines = append(lines, c.Servers[i].refusals()...)
	}
	return lines
}

func (a *ServerAnswer) refusals() []string {
	var reasons []string
	words := map[string][]string{}
	first := map[string]*CensusError{}
	for _, e := range a.Errs {
		why := refusalOf([]string{"…"}, e)
		if first[why] == nil {
			reasons, first[why] = append(reasons, why), e
		}
		words[why] = append(words[why], e.Word)
	}
	lines := make([]string, len(reasons))
	for i, why := range reasons {
		lines[i] = refusalOf(words[why], first[why])
	}
	return lines
}
