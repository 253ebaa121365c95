package behaviour

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	hotroom "hotroom/client"
	"hotroom/client/internal/scripted"
)

var bob = hotroom.User{ID: "u2", Name: "bob", Connected: true}

func said(text string) hotroom.Event {
	return hotroom.Message{Room: "lobby", Type: "said", Data: json.RawMessage(text)}
}

func TestComesBackHoweverTheConnectionIsLost(t *testing.T) {
	losses := map[string]func(*scripted.Connection){
		"by a RST":         (*scripted.Connection).Reset,
		"by a FIN":         (*scripted.Connection).Finish,
		"with code 1001":   func(c *scripted.Connection) { c.Close(1001) },
		"with code 1011":   func(c *scripted.Connection) { c.Close(1011) },
		"with code 4000":   func(c *scripted.Connection) { c.Close(4000) },
		"with code 4001":   func(c *scripted.Connection) { c.Close(4001) },
		"with code 4499":   func(c *scripted.Connection) { c.Close(4499) },
		"into silence":     func(*scripted.Connection) {},
		"with half a word": func(c *scripted.Connection) { c.Say(`{"event":"message","room":"lo`); c.Finish() },
	}
	for how, lose := range losses {
		t.Run(how, func(t *testing.T) {
			options := brisk()
			options.Heartbeat = 50 * time.Millisecond
			if how != "into silence" {
				options.Heartbeat = patience
			}
			server, connection, client, room, events := loggedIn(t, options)
			connection.Say(`{"event":"message","room":"lobby","type":"said","data":1,"seq":7}`)
			expect(t, events, said("1"))
			lose(connection)
			if how == "with half a word" {
				if _, ok := next(t, events).(hotroom.Failed); !ok {
					t.Error("a frame that can't be read was not told")
				}
			}
			expectAway(t, events)

			connection = server.Accept()
			asked := connection.Reconnect()
			if asked.Session != "s1" || asked.Seen != 7 {
				t.Errorf("came back with %+v", asked)
			}
			connection.Resume(asked, "s2", 1, 1)
			connection.Say(`{"event":"message","room":"lobby","type":"said","data":2,"seq":9}`)
			expect(t, events, hotroom.Back{Missed: 1})
			expect(t, events, said("2"))

			answer := ask(t, room, "count")
			request := connection.Next("message")
			connection.Say(`{"id":%d,"ok":true,"data":"two","seq":10}`, request.ID)
			if reply, err := answer(); reply != "two" || err != nil {
				t.Errorf("got %q, %v", reply, err)
			}
			if client.Room("lobby") != room || room.Ended() {
				t.Error("the room is another one")
			}
		})
	}
}

func TestEndsWhereItMayNotComeBack(t *testing.T) {
	for _, code := range []int{1000, 1002, 1003, 1008, 1009, 4500, 4501, 4502, 4503, 4999} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			server, connection, client, room, events := loggedIn(t, brisk())
			answer := ask(t, room, "count")
			connection.Next("message")
			connection.Close(code)
			var closed *hotroom.CloseError
			if _, err := answer(); !errors.As(err, &closed) || closed.Code != code || !errors.Is(err, hotroom.ErrClosed) {
				t.Errorf("the request fails with %v", err)
			}
			<-client.Done()
			if !errors.As(client.Err(), &closed) || closed.Code != code || closed.Reason != "the reason" {
				t.Errorf("ended with %v", client.Err())
			}
			if event, ok := <-events; ok {
				t.Errorf("told %#v", event)
			}
			if !room.Ended() || client.User() != (hotroom.User{}) {
				t.Error("the room or the user is still there")
			}
			if err := room.Send(within(t), "say", nil); !errors.Is(err, hotroom.ErrClosed) {
				t.Errorf("sending fails with %v", err)
			}
			server.Idle()
		})
	}
}

func TestEachReturnHasTheNewestSecret(t *testing.T) {
	options := brisk()
	options.Heartbeat = time.Hour // No ping comes by itself.
	server, connection, _, _, events := loggedIn(t, options)
	for round := 1; round <= 5; round++ {
		connection.Reset()
		expectAway(t, events)
		connection = server.Accept()
		asked := connection.Reconnect()
		if expected := fmt.Sprintf("s%d", round); asked.Session != expected {
			t.Fatalf("came back with %q, not %q", asked.Session, expected)
		}
		connection.Resume(asked, fmt.Sprintf("s%d", round+1), 1, 0)
		expect(t, events, hotroom.Back{})
		connection.Next("ping") // It makes the new secret the only one.
	}
}

func TestALostReplyToReconnectLocksNobodyOut(t *testing.T) {
	server, connection, _, _, events := loggedIn(t, brisk())
	connection.Reset()
	expectAway(t, events)
	for try := 0; try < 3; try++ {
		connection = server.Accept()
		if asked := connection.Reconnect(); asked.Session != "s1" || asked.Seen != 1 {
			t.Fatalf("came back with %+v", asked)
		}
		connection.Reset()
	}
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s5", 1, 0)
	expect(t, events, hotroom.Back{})
}

func TestTriesAgainWhileTheServerCanNot(t *testing.T) {
	server, connection, _, _, events := loggedIn(t, brisk())
	server.Refusing.Store(http.StatusServiceUnavailable)
	connection.Close(4000)
	expectAway(t, events)
	for end := time.Now().Add(patience); server.Refused.Load() < 3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not try again")
		}
	}
	server.Refusing.Store(0)
	for _, code := range []string{"rate_limited", "busy", "application_unavailable", "internal", "a_new_one"} {
		connection = server.Accept()
		asked := connection.Reconnect()
		connection.Say(`{"id":%d,"ok":false,"error":{"code":%q,"message":"Later."}}`, asked.ID, code)
	}
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 1, 0)
	expect(t, events, hotroom.Back{})
}

func TestARequestIsAnsweredOnceWhateverHappensBetween(t *testing.T) {
	server, connection, _, room, events := loggedIn(t, brisk())
	arrived, unanswered, unheard := ask(t, room, "arrived"), connection.Next("message"), ask(t, room, "unheard")
	connection.Reset()
	expectAway(t, events)

	// The server has the join and the first request, whose reply was on its way; of the second it knows nothing.
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 2, 1)
	connection.Say(`{"id":%d,"ok":true,"data":"first","seq":2}`, unanswered.ID)
	again := connection.Next("message")
	if again.Type != "unheard" {
		t.Fatalf("sent %q again", again.Type)
	}
	// It is lost once more, and this time it has arrived.
	connection.Finish()
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s3", 3, 0)
	connection.Say(`{"id":%d,"ok":true,"data":"second","seq":3}`, again.ID)
	for expected, answer := range map[string]func() (string, error){"first": arrived, "second": unheard} {
		if reply, err := answer(); reply != expected || err != nil {
			t.Errorf("got %q, %v", reply, err)
		}
	}
	expect(t, events, hotroom.Back{Missed: 1})
}

func TestWhatIsSentWhileAwayArrivesInOrder(t *testing.T) {
	options := brisk()
	options.Queue = 5
	server, connection, _, room, events := loggedIn(t, options)
	server.Refusing.Store(http.StatusServiceUnavailable)
	connection.Reset()
	expectAway(t, events)
	for number := 0; number < 5; number++ {
		if err := room.Send(within(t), "say", number); err != nil {
			t.Fatal(err)
		}
	}
	// One more than may wait: it waits for its context, and is not sent.
	short, cancel := context.WithCancel(context.Background())
	full := failing(func() (any, error) { return nil, room.Send(short, "say", "too many") })
	cancel()
	if _, err := full(); !errors.Is(err, context.Canceled) {
		t.Errorf("one more fails with %v", err)
	}
	long := failing(func() (any, error) { return nil, room.Send(within(t), "say", 5) })
	server.Refusing.Store(0)
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 1, 0)
	for number := 0; number < 6; number++ {
		if frame := connection.Next("message"); string(frame.Data) != fmt.Sprint(number) {
			t.Fatalf("got %s, not %d", frame.Data, number)
		}
	}
	if _, err := long(); err != nil {
		t.Error(err)
	}
}

func TestARequestThatIsGivenUpWhileAwayIsNotSent(t *testing.T) {
	server, connection, _, room, events := loggedIn(t, brisk())
	given, cancel := context.WithCancel(context.Background())
	ask := func(kind string) func() (any, error) {
		return failing(func() (any, error) { return nil, room.Request(given, kind, nil, nil) })
	}
	unheard := ask("unheard")
	connection.Next("message")
	server.Refusing.Store(http.StatusServiceUnavailable)
	connection.Reset()
	expectAway(t, events)
	unsent := ask("unsent")
	waiting := failing(func() (any, error) { return nil, room.Request(within(t), "last", nil, nil) })
	cancel()
	for _, answer := range []func() (any, error){unheard, unsent} {
		if _, err := answer(); !errors.Is(err, context.Canceled) {
			t.Errorf("it fails with %v", err)
		}
	}
	server.Refusing.Store(0)
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 1, 0)
	frame := connection.Next("message")
	if frame.Type != "last" {
		t.Errorf("sent %q", frame.Type)
	}
	connection.Say(`{"id":%d,"ok":true,"seq":2}`, frame.ID)
	if _, err := waiting(); err != nil {
		t.Error(err)
	}
}

func TestARequestThatIsGivenUpWhileAwayMakesRoomForAnother(t *testing.T) {
	options := brisk()
	options.Queue = 1
	server, connection, _, room, events := loggedIn(t, options)
	server.Refusing.Store(http.StatusServiceUnavailable)
	connection.Reset()
	expectAway(t, events)
	given, cancel := context.WithCancel(context.Background())
	unsent := failing(func() (any, error) { return nil, room.Request(given, "unsent", nil, nil) })
	untilWaits(t)
	cancel()
	if _, err := unsent(); !errors.Is(err, context.Canceled) {
		t.Errorf("it fails with %v", err)
	}
	if err := room.Send(within(t), "last", nil); err != nil {
		t.Error(err)
	}
}

func TestEndsWhereTheWayBackIsRefusedForGood(t *testing.T) {
	server, connection, client, room, events := loggedIn(t, brisk())
	answer := ask(t, room, "count")
	connection.Next("message")
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	connection.Reconnect()
	connection.Close(4503)
	<-client.Done()
	var closed *hotroom.CloseError
	if _, err := answer(); !errors.As(err, &closed) || closed.Code != 4503 {
		t.Errorf("the request fails with %v", err)
	}
	if _, ok := <-events; ok || client.Err() == nil {
		t.Errorf("events go on: %t, ended with %v", ok, client.Err())
	}
}
