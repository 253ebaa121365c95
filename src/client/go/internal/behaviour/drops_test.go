package behaviour

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"sync"
	"testing"
	"time"

	hotroom "hotroom/client"
)

const (
	talkers = 4
	// steps of each talker: one message and one request each.
	steps = 100
	// cutEvery is after how many steps a talker's connection is cut; a server lets one session resume 20 times at once.
	cutEvery = 12
)

// talker is one client that talks in a room while its connection is cut again and again.
type talker struct {
	t      *testing.T
	name   string
	client *hotroom.Client
	room   *hotroom.Room
	wires  *wires
	random *rand.Rand
}

// talk takes all its steps: each request is answered once, with how many there were.
func (k *talker) talk() {
	for step := 1; step <= steps; step++ {
		if step%cutEvery == 0 {
			// Somewhere in the midst of what follows.
			delay := time.Duration(k.random.Int63n(int64(3 * time.Millisecond)))
			time.AfterFunc(delay, func() { k.wires.cut(k.t, k.random) })
		}
		if err := k.room.Send(within(k.t), "say", step); err != nil {
			k.t.Errorf("%s: %v", k.name, err)
			return
		}
		var count int
		if err := k.room.Request(within(k.t), "count", nil, &count); err != nil || count != step {
			k.t.Errorf("%s: request %d is answered with %d, %v", k.name, step, count, err)
			return
		}
	}
}

// hear reads events until all talkers were heard to the end, each message once and in order; it returns how often it was back.
func (k *talker) hear(events <-chan hotroom.Event) (back int) {
	heard := map[string]int{}
	for finished := 0; finished < talkers; {
		select {
		case event, ok := <-events:
			if !ok {
				k.t.Errorf("%s has ended: %v", k.name, k.client.Err())
				return back
			}
			switch event := event.(type) {
			case hotroom.Message:
				from, number := numbered(event)
				if heard[from]++; heard[from] != number {
					k.t.Errorf("%s heard %d of %s in the place of %d", k.name, number, from, heard[from])
					return back
				}
				if number == steps {
					finished++
				}
			case hotroom.Back:
				back++
			case hotroom.Reset, hotroom.Expired, hotroom.Failed:
				k.t.Errorf("%s was told %#v", k.name, event)
			}
		case <-time.After(patience):
			k.t.Errorf("%s has heard only %v", k.name, heard)
			return back
		}
	}
	return back
}

// numbered is the data of a message with a number.
func numbered(message hotroom.Message) (from string, number int) {
	var data struct {
		From string
		Data int
	}
	if json.Unmarshal(message.Data, &data) != nil {
		return "", -1
	}
	return data.From, data.Data
}

func TestWithServerNothingIsLostRepeatedOrReorderedByDrops(t *testing.T) {
	url := address(t, "hall")
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	room := fmt.Sprint("drops", seed) // A server may know of an earlier run.
	var all []*talker
	var running sync.WaitGroup
	back := make([]int, talkers)
	for index := 0; index < talkers; index++ {
		k := &talker{t: t, name: fmt.Sprint("talker", index), wires: &wires{}, random: rand.New(rand.NewSource(seed + int64(index)))}
		options := &hotroom.Options{
			MinBackoff: 5 * time.Millisecond, MaxBackoff: 100 * time.Millisecond, Heartbeat: 400 * time.Millisecond, DialContext: k.wires.dial,
		}
		var events <-chan hotroom.Event
		k.client, events = as(t, url, k.name, options)
		k.room = join(t, k.client, room)
		running.Add(1)
		go func(index int) {
			defer running.Done()
			back[index] = k.hear(events)
		}(index)
		all = append(all, k)
	}
	for _, k := range all {
		running.Add(1)
		go func(k *talker) {
			defer running.Done()
			k.talk()
		}(k)
	}
	running.Wait()
	running.Wait()
	for index, k := range all {
		t.Logf("%s came back %d times", k.name, back[index])
		if back[index] < steps/cutEvery/2 || k.client.Room(room) != k.room {
			t.Errorf("%s came back %d times, to the same room: %t", k.name, back[index], k.client.Room(room) == k.room)
		}
	}
}
