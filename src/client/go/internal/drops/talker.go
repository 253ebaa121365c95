package main

import (
	"context"
	"fmt"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	hotroom "hotroom/client"
)

// talker is one client of the crowd. Its own goroutine sends, one frame or request after the other; another one hears.
type talker struct {
	*crowd
	name    string
	number  int
	random  *rand.Rand
	network network
	client  *hotroom.Client
	away    atomic.Bool
	over    atomic.Bool
	quiet   chan struct{}

	mu    sync.Mutex
	rooms map[string]*hotroom.Room
	heard map[string]*hearing
}

// message is the data of what a room says.
type message struct{ N, Said int }

func (t *talker) enter(ctx context.Context) error {
	client, err := hotroom.Dial(ctx, t.plan.URL, &hotroom.Options{DialContext: t.network.dial})
	if err != nil {
		return err
	}
	t.client = client
	go t.hear(client.Events())
	if _, err := client.Login(ctx, map[string]string{"name": t.name}); err != nil {
		return err
	}
	return t.join(ctx, t.plan.home(t.number))
}

// hear reads events until the client has ended.
func (t *talker) hear(events <-chan hotroom.Event) {
	for event := range events {
		switch event := event.(type) {
		case hotroom.Message:
			t.take(event)
		case hotroom.Away:
			t.away.Store(true)
		case hotroom.Back:
			t.away.Store(false)
			t.resumed(t.network.since())
		case hotroom.Reset:
			t.away.Store(false)
			t.faults.note("resets", "%s: %v", t.name, event)
		case hotroom.Expired:
			t.faults.note("expired", "%s", t.name)
		case hotroom.Failed:
			t.faults.note("failed", "%s: %v", t.name, event.Err)
		case hotroom.Left:
			if event.User.ID == t.client.User().ID {
				t.faults.note("broken", "%s was put out of %s", t.name, event.Room)
			}
		}
	}
	if !t.over.Load() {
		t.faults.note("broken", "%s has ended: %v", t.name, t.client.Err())
	}
}

func (t *talker) take(event hotroom.Message) {
	var data message
	if err := event.Decode(&data); err != nil {
		t.faults.note("broken", "%s: %v", t.name, err)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	heard := t.hearing(event.Room)
	switch event.Type {
	case "begins":
		heard.begins(data.Said)
	case "said":
		heard.said(data.N)
	case "told":
		heard.told(data.N)
	}
}

// hearing returns what is heard of a room; the lock is held.
func (t *talker) hearing(room string) *hearing {
	if t.heard[room] == nil {
		t.heard[room] = &hearing{talker: t, room: room, skipped: map[string]int{}}
	}
	return t.heard[room]
}

// play talks, and loses the connection now and then, until the crowd falls quiet.
func (t *talker) play() {
	defer close(t.quiet)
	drop := time.Now().Add(time.Duration(t.random.Float64() * float64(t.plan.stay())))
	for wait := time.Duration(t.random.Float64() * float64(t.plan.pace())); t.sleep(wait); wait = t.about(t.plan.pace()) {
		if time.Now().After(drop) && !t.away.Load() {
			chance := t.random.Float64()
			t.drops.Add(1)
			t.network.lose(time.Duration(chance * chance * chance * chance * float64(t.plan.longest())))
			drop = time.Now().Add(t.about(t.plan.stay()))
		}
		t.act()
	}
}

// act does one thing; while it is away what needs no reply goes on.
func (t *talker) act() {
	home, side := t.plan.home(t.number), t.plan.side(t.number)
	t.mu.Lock()
	room, visits := home, t.rooms[side] != nil
	t.mu.Unlock()
	if visits && t.random.Intn(2) == 0 {
		room = side
	}
	t.acts.Add(1)
	var err error
	switch chance := t.random.Intn(100); {
	case chance < 45:
		err = t.send(room)
	case chance < 75:
		err = t.ask(room, "say", "")
	case chance < 85:
		err = t.ask(room, "others", "")
	case chance < 95:
		err = t.ask(room, "tell", t.plan.neighbour(t.number, t.random))
	case visits:
		err = t.leave(side)
	default:
		err = t.join(context.Background(), side)
	}
	if err != nil {
		t.faults.note("failed", "%s: %v", t.name, err)
	}
}

// next returns a room, and the data of the client's next frame to it.
func (t *talker) next(room, to string) (*hotroom.Room, map[string]any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	heard := t.hearing(room)
	heard.sent++
	return t.rooms[room], map[string]any{"seq": heard.sent, "isHeld": false, "to": to}
}

func (t *talker) send(name string) error {
	room, data := t.next(name, "")
	return room.Send(context.Background(), "say", data)
}

func (t *talker) ask(name, kind, to string) error {
	room, data := t.next(name, to)
	var reply struct{ Seq int }
	if err := room.Request(context.Background(), kind, data, &reply); err != nil {
		return err
	}
	if reply.Seq != data["seq"] {
		return fmt.Errorf("%v in %s was answered with %d", data["seq"], name, reply.Seq)
	}
	return nil
}

func (t *talker) join(ctx context.Context, name string) error {
	room, err := t.client.Join(ctx, name, nil)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rooms[name] = room
	heard := t.hearing(name)
	heard.sent = 0
	heard.joined++
	return nil
}

func (t *talker) leave(name string) error {
	t.mu.Lock()
	room := t.rooms[name]
	delete(t.rooms, name)
	t.mu.Unlock()
	return room.Leave(context.Background())
}

// end leaves for good; or just goes, so that the server finds out.
func (t *talker) end(inOrder bool) {
	t.over.Store(true)
	if !inOrder {
		t.network.lose(time.Hour)
		return
	}
	if err := t.client.Close(); err != nil {
		t.faults.note("failed", "%s: %v", t.name, err)
	}
}

// sleep returns false once the crowd falls quiet.
func (t *talker) sleep(wait time.Duration) bool {
	select {
	case <-time.After(wait):
		return true
	case <-t.hushed:
		return false
	}
}

// about returns half of a time at least, and once and a half at most.
func (t *talker) about(wait time.Duration) time.Duration {
	return time.Duration((0.5 + t.random.Float64()) * float64(wait))
}

// book asks the home room for its book; where there is no answer in time, the crowd fails.
func (t *talker) book() (kept book, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t.mu.Lock()
	room := t.rooms[t.plan.home(t.number)]
	t.mu.Unlock()
	err = room.Request(ctx, "book", nil, &kept)
	return kept, err
}

// compare compares what was heard of the home room, and sent to it, with its book. Events come by their own way, a moment later.
func (t *talker) compare(kept book) {
	room := t.plan.home(t.number)
	for _, user := range kept.Users {
		if user.Name != t.name {
			continue
		}
		for end := time.Now().Add(judging); time.Now().Before(end) && !t.isUpTo(room, kept.Said, user.Told); {
			time.Sleep(10 * time.Millisecond)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		heard := t.hearing(room)
		lost := heard.sent - user.Last
		t.faults.add("lost", lost, "%d of %s", lost, t.name)
		heard.close(kept.Said, user.Told)
		return
	}
	t.faults.note("lost", "%s in %s", t.name, room)
}

// isUpTo returns true if all that a room has said was heard.
func (t *talker) isUpTo(room string, said, told int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	heard := t.hearing(room)
	return heard.saidLast >= said && heard.toldLast >= told
}
