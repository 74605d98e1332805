package demo

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"zkdeck/zkview/wire"
)

// controller is what the leading broker does: it keeps the states of the partitions
// in step with the brokers that are there, one at a time, so that a restart does not
// look like a storm.
type controller struct {
	v     *visit
	all   []partition
	epoch int
	quiet int // steps until a follower falls behind
}

// begin counts the epoch on, the fencing record of this election.
func (c *controller) begin() error {
	const path = "/kafka/controller_epoch"
	data, st, err := c.v.Get(path, nil)
	if errors.Is(err, wire.NoNode) {
		c.epoch = 1
		_, err = c.v.Create(path, []byte("1"), 0)
		return passing(err)
	}
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(string(data)) // what a person wrote there counts as 0
	c.epoch = n + 1
	err = c.v.Set(path, []byte(strconv.Itoa(c.epoch)), st.Version)
	return passing(err)
}

// passing drops errors that tell of a person's change in between: what was to be
// changed has gone, or is another now, or is closed to us.
func passing(err error) error {
	for _, code := range []wire.Code{wire.NoNode, wire.NodeExists, wire.BadVersion, wire.NoAuth} {
		if errors.Is(err, code) {
			return nil
		}
	}
	return err
}

// step changes at most one state: one that does not fit the brokers there are, or
// now and then one whose follower falls behind.
func (c *controller) step() error {
	names, err := c.v.Children(kafkaBrokers, nil)
	if err != nil {
		return passing(err)
	}
	for _, p := range c.all {
		if done, err := c.settle(p, names); done || err != nil {
			return err
		}
	}
	if c.quiet--; c.quiet > 0 {
		return nil
	}
	c.quiet = 12 + c.v.rng.IntN(25)
	p := c.all[c.v.rng.IntN(len(c.all))]
	_, err = c.change(p, func(s *partitionState) bool {
		if len(s.ISR) < 2 {
			return false
		}
		s.ISR = []int{s.Leader}
		return true
	})
	return err
}

// settle makes the state of p what it should be with these brokers, and tells
// whether it was not.
func (c *controller) settle(p partition, brokers []string) (bool, error) {
	var alive []int
	for _, id := range p.replicas {
		if slices.Contains(brokers, strconv.Itoa(id)) {
			alive = append(alive, id)
		}
	}
	return c.change(p, func(s *partitionState) bool {
		if len(alive) == 0 { // Kafka keeps the last in sync in the list
			changed := s.Leader != -1
			s.Leader = -1
			return changed
		}
		if s.Leader == alive[0] && slices.Equal(s.ISR, alive) {
			return false
		}
		if s.Leader != alive[0] {
			s.LeaderEpoch++
		}
		s.Leader, s.ISR = alive[0], alive
		return true
	})
}

// change reads, changes and writes the state of p. One that a person has deleted or
// written over stays as it is.
func (c *controller) change(p partition, by func(*partitionState) bool) (bool, error) {
	data, st, err := c.v.Get(p.path(), nil)
	if err != nil {
		return false, passing(err)
	}
	var s partitionState
	if legible := json.Unmarshal(data, &s) == nil; !legible || !by(&s) {
		return false, nil
	}
	s.ControllerEpoch = c.epoch
	err = c.v.Set(p.path(), encoded(s), st.Version)
	return true, passing(err)
}
