package behaviour

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	hotroom "hotroom/client"
)

// gate dials like wires, unless it is shut.
type gate struct {
	wires
	shut atomic.Bool
}

var errShut = errors.New("there is no network")

func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if g.shut.Load() {
		return nil, errShut
	}
	return g.wires.dial(ctx, network, address)
}

// lose cuts the connection, and lets no other be made.
func (g *gate) lose() {
	g.shut.Store(true)
	g.newest.TCPConn.Close()
}

// behind are options of a client behind a gate.
func behind(g *gate) *hotroom.Options {
	options := brisk()
	options.DialContext = g.dial
	return options
}

// pair is ann behind a gate, and bob, in one room; both have heard that the other is there.
func pair(t *testing.T, application, room string) (
	ann, bob *hotroom.Client, way *gate, annHears, bobHears <-chan hotroom.Event, bobsRoom *hotroom.Room,
) {
	t.Helper()
	url := address(t, application)
	way = &gate{}
	ann, annHears = as(t, url, room+"-ann", behind(way))
	join(t, ann, room)
	bob, bobHears = as(t, url, room+"-bob", nil)
	bobsRoom = join(t, bob, room)
	until(t, annHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Joined); return ok })
	return ann, bob, way, annHears, bobHears, bobsRoom
}

// hears waits until a message with the data was heard.
func hears(t *testing.T, events <-chan hotroom.Event, text string) {
	t.Helper()
	until(t, events, func(event hotroom.Event) bool {
		message, ok := event.(hotroom.Message)
		return ok && strings.Contains(string(message.Data), text)
	})
}

func TestWithServerOthersHearOfTheAbsence(t *testing.T) {
	ann, _, way, annHears, bobHears, bobsRoom := pair(t, "hall", "absence")
	way.lose()
	until(t, bobHears, func(event hotroom.Event) bool {
		gone, ok := event.(hotroom.Disconnected)
		return ok && gone.User.ID == ann.User().ID && !gone.User.Connected
	})
	if users := bobsRoom.Users(); len(users) != 2 || users[0].Connected || !users[1].Connected {
		t.Errorf("there are %+v", users)
	}
	if err := bobsRoom.Send(within(t), "say", "are you there?"); err != nil {
		t.Fatal(err)
	}
	hears(t, bobHears, "are you there?")
	way.shut.Store(false)
	until(t, bobHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Reconnected); return ok })
	hears(t, annHears, "are you there?")
	if users := bobsRoom.Users(); !users[0].Connected {
		t.Errorf("there are %+v", users)
	}
}

func TestWithServerAnotherProcessTakesTheSessionOver(t *testing.T) {
	ann, _, _, annHears, bobHears, bobsRoom := pair(t, "hall", "taken")
	session := ann.Session()
	if err := bobsRoom.Request(within(t), "say", "first", nil); err != nil {
		t.Fatal(err)
	}
	hears(t, annHears, "first")
	other := dial(t, address(t, "hall"), brisk())
	otherHears := other.Events()
	user, err := other.Resume(within(t), session)
	if err != nil || user.ID == "" || user.Name != "taken-ann" {
		t.Fatalf("resumed as %+v, %v", user, err)
	}
	<-ann.Done()
	var closed *hotroom.CloseError
	if !errors.As(ann.Err(), &closed) || closed.Code != 4503 {
		t.Errorf("the one before ended with %v", ann.Err())
	}
	if back, ok := next(t, otherHears).(hotroom.Back); !ok || back.Missed == 0 {
		t.Error("what the one before had not told as seen is not missed")
	}
	hears(t, otherHears, "first")
	if err := other.Room("taken").Send(within(t), "say", "second"); err != nil {
		t.Fatal(err)
	}
	hears(t, bobHears, "second")
}

func TestWithServerSuspend(t *testing.T) {
	ann, _, _, _, bobHears, bobsRoom := pair(t, "hall", "suspended")
	session, err := ann.Suspend()
	if err != nil {
		t.Fatal(err)
	}
	until(t, bobHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Disconnected); return ok })
	if err := bobsRoom.Send(within(t), "say", "meanwhile"); err != nil {
		t.Fatal(err)
	}
	hears(t, bobHears, "meanwhile")
	other := dial(t, address(t, "hall"), brisk())
	otherHears := other.Events()
	if _, err := other.Resume(within(t), session); err != nil {
		t.Fatal(err)
	}
	hears(t, otherHears, "meanwhile")
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	// A close for good ends the session at once.
	until(t, bobHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Left); return ok })
	again := dial(t, address(t, "hall"), brisk())
	if _, err := again.Resume(within(t), session); !errors.Is(err, hotroom.SessionExpired) {
		t.Errorf("resuming again fails with %v", err)
	}
}

func TestWithServerAwayForTooLong(t *testing.T) {
	ann, _, way, annHears, bobHears, _ := pair(t, "brief", "expired")
	room := ann.Room("expired")
	way.lose()
	until(t, bobHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Left); return ok })
	way.shut.Store(false)
	until(t, annHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Expired); return ok })
	if !room.Ended() {
		t.Error("the room has not ended")
	}
	if _, err := ann.Login(within(t), map[string]string{"name": "expired-again"}); err != nil {
		t.Fatal(err)
	}
	join(t, ann, "expired")
	until(t, bobHears, func(event hotroom.Event) bool {
		joined, ok := event.(hotroom.Joined)
		return ok && joined.User.Name == "expired-again"
	})
}

func TestWithServerWhatCouldNotBeKeptIsTold(t *testing.T) {
	_, _, way, annHears, bobHears, bobsRoom := pair(t, "forgetful", "gap")
	way.lose()
	until(t, bobHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Disconnected); return ok })
	for number := 1; number <= 20; number++ {
		if err := bobsRoom.Request(within(t), "say", fmt.Sprintf("<%d>", number), nil); err != nil {
			t.Fatal(err)
		}
	}
	way.shut.Store(false)
	until(t, annHears, func(event hotroom.Event) bool { _, ok := event.(hotroom.Away); return ok })
	if reset, ok := next(t, annHears).(hotroom.Reset); !ok || len(reset.Rooms) != 1 || reset.Rooms[0] != "gap" || reset.Missed == 0 {
		t.Errorf("told %+v", reset)
	}
	// What follows is the newest, without a further gap.
	message := next(t, annHears).(hotroom.Message)
	var first int
	if _, err := fmt.Sscanf(string(message.Data), `{"from":"gap-bob","data":"<%d>"}`, &first); err != nil || first == 1 {
		t.Fatalf("got %s, %v", message.Data, err)
	}
	for number := first + 1; number <= 20; number++ {
		if message := next(t, annHears).(hotroom.Message); !strings.Contains(string(message.Data), fmt.Sprintf("<%d>", number)) {
			t.Errorf("got %s, not %d", message.Data, number)
		}
	}
}
