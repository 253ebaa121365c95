package main

import (
	"context"
	"fmt"
	"math/rand"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	hotroom "hotroom/client"
)

const (
	// entering is how many clients come in at a time.
	entering = 16
	// patience is how long what must come may take at the end: a silent connection is found after 20 s, an absence and a wait follow.
	patience = 100 * time.Second
	// judging is how long it may take until all are told who is there.
	judging = 10 * time.Second
)

// crowd is all clients, and what went wrong.
type crowd struct {
	plan        plan
	faults      faults
	talkers     []*talker
	hushed      chan struct{}
	drops, acts atomic.Int64

	mu sync.Mutex
	// times are how long it took from the begin of a connection until the client said that it is back, ms.
	times []float64
}

// book is what a room says of itself.
type book struct {
	Said  int
	Wrong []any
	Users []struct {
		Name            string
		Connected, Here bool
		Told, Last      int
	}
}

func newCrowd(given plan) *crowd {
	c := &crowd{plan: given, faults: faults{counts: map[string]int{}}, hushed: make(chan struct{})}
	for number := 0; number < given.Clients; number++ {
		seed := int64(given.Seed)*1_000_000 + int64(number)
		t := &talker{crowd: c, name: nameOf(number), number: number, quiet: make(chan struct{})}
		t.random, t.network.random = rand.New(rand.NewSource(seed)), rand.New(rand.NewSource(-seed-1))
		t.rooms, t.heard = map[string]*hotroom.Room{}, map[string]*hearing{}
		c.talkers = append(c.talkers, t)
	}
	return c
}

func (c *crowd) resumed(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times = append(c.times, float64(after)/float64(time.Millisecond))
}

// each runs something for all clients, so many at a time, and returns the first error.
func (c *crowd) each(width int, run func(t *talker) error) error {
	errors := make(chan error, len(c.talkers))
	slots := make(chan struct{}, width)
	for _, t := range c.talkers {
		slots <- struct{}{}
		go func(t *talker) {
			errors <- run(t)
			<-slots
		}(t)
	}
	var first error
	for range c.talkers {
		if err := <-errors; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (c *crowd) enter() error {
	return c.each(entering, func(t *talker) error { return t.enter(context.Background()) })
}

func (c *crowd) talk() error {
	for _, t := range c.talkers {
		go t.play()
	}
	return nil
}

// hush ends the talk: all have come back then and have what they wait for, or patience is at an end.
func (c *crowd) hush() error {
	close(c.hushed)
	end := time.After(patience)
	for _, t := range c.talkers {
		select {
		case <-t.quiet:
		case <-end:
			end = closedNow
			c.faults.note("lost", "an answer for %s", t.name)
		}
	}
	return nil
}

// closedNow is a time that has come, for all who wait.
var closedNow = func() <-chan time.Time {
	ended := make(chan time.Time)
	close(ended)
	return ended
}()

// settle has each client ask its room for the book: the second time everybody has heard all.
func (c *crowd) settle() error {
	return c.each(len(c.talkers), func(t *talker) error {
		if _, err := t.book(); err != nil {
			t.faults.note("lost", "%s: %v", t.name, err)
		}
		return nil
	})
}

// audit compares what was heard with the rooms' books.
func (c *crowd) audit() error {
	return c.each(len(c.talkers), func(t *talker) error {
		if t.number < c.plan.Rooms {
			if err := c.auditRoom(t); err != nil {
				c.faults.note("lost", "%s: %v", c.plan.home(t.number), err)
			}
		}
		return nil
	})
}

// auditRoom compares with the book of the room at whose head a client is.
func (c *crowd) auditRoom(head *talker) error {
	room := c.plan.home(head.number)
	kept, err := head.book()
	if err != nil {
		return err
	}
	for _, wrong := range kept.Wrong {
		c.faults.note("broken", "%s: %v", room, wrong)
	}
	for number := head.number; number < len(c.talkers); number += c.plan.Rooms {
		// Its own book comes behind all that it has to hear.
		if _, err := c.talkers[number].book(); err != nil {
			return err
		}
		c.talkers[number].compare(kept)
	}
	end := time.Now().Add(judging)
	for {
		wrong := c.misjudged(room, head)
		if len(wrong) == 0 {
			return nil
		}
		if time.Now().After(end) {
			for _, text := range wrong {
				c.faults.note("misjudged", "%s", text)
			}
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// misjudged tells who takes whom for something else than here, the room included.
func (c *crowd) misjudged(room string, head *talker) (wrong []string) {
	var all []string
	for number := head.number; number < len(c.talkers); number += c.plan.Rooms {
		all = append(all, nameOf(number)+" true")
	}
	sort.Strings(all)
	compare := func(who string, seen []string) {
		sort.Strings(seen)
		if fmt.Sprint(seen) != fmt.Sprint(all) {
			wrong = append(wrong, fmt.Sprintf("%s takes for %v: %v", who, all, seen))
		}
	}
	for number := head.number; number < len(c.talkers); number += c.plan.Rooms {
		var seen []string
		t := c.talkers[number]
		for _, user := range t.rooms[room].Users() {
			seen = append(seen, fmt.Sprint(user.Name, " ", user.Connected))
		}
		compare(t.name, seen)
	}
	kept, err := head.book()
	if err != nil {
		return append(wrong, err.Error())
	}
	var seen []string
	for _, user := range kept.Users {
		seen = append(seen, fmt.Sprint(user.Name, " ", user.Connected && user.Here))
	}
	compare(room, seen)
	return wrong
}

func (c *crowd) leave() error {
	return c.each(len(c.talkers), func(t *talker) error {
		t.end(t.number%3 != 0)
		return nil
	})
}

// tally returns what has become of the crowd so far, as the bench reads it.
func (c *crowd) tally() map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return map[string]any{
		"clients": len(c.talkers), "drops": c.drops.Load(), "acts": c.acts.Load(),
		"resumed": append([]float64{}, c.times...), "faults": c.faults.table(),
	}
}
