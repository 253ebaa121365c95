package behaviour

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	hotroom "hotroom/client"
	"hotroom/client/internal/scripted"
)

func newServer(t *testing.T) *scripted.Server { return scripted.NewServer(t) }

func TestCloseSendsWhatWaitsAndEndsTheSession(t *testing.T) {
	_, connection, client, room, events := loggedIn(t, brisk())
	answer := ask(t, room, "count")
	connection.Next("message")
	for number := 0; number < 30; number++ {
		if err := room.Send(within(t), "say", number); err != nil {
			t.Fatal(err)
		}
	}
	closed := failing(func() (any, error) { return nil, client.Close() })
	for number := 0; number < 30; number++ {
		connection.Next("message")
	}
	if code := connection.Closed(); code != 1000 {
		t.Errorf("closed with %d", code)
	}
	if _, err := closed(); err != nil {
		t.Error(err)
	}
	if _, err := answer(); !errors.Is(err, hotroom.ErrClosed) {
		t.Errorf("a request that waits fails with %v", err)
	}
	if _, ok := <-events; ok {
		t.Error("events go on")
	}
	if err := client.Close(); err != nil {
		t.Errorf("closing again fails with %v", err)
	}
}

func TestCloseWhileAwaySaysThatFramesWereNotSent(t *testing.T) {
	server, connection, client, room, events := loggedIn(t, brisk())
	server.Refusing.Store(http.StatusServiceUnavailable)
	connection.Reset()
	expectAway(t, events)
	if err := room.Send(within(t), "say", nil); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(); err == nil || !strings.Contains(err.Error(), "1 of the frames") {
		t.Errorf("got %v", err)
	}
	noGoroutines(t)
}

func TestCloseIntoSilenceSaysThatFramesMayNotHaveArrived(t *testing.T) {
	way := &wires{}
	options := brisk()
	options.Timeout, options.DialContext = time.Second, way.dial
	_, _, client, room, _ := loggedIn(t, options)
	way.newest.fallSilent(t)
	for number := 0; number < 3; number++ {
		if err := room.Send(within(t), "say", number); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Close(); err == nil || !strings.Contains(err.Error(), "3 of the frames") {
		t.Errorf("got %v", err)
	}
}

func TestCloseByWhoReadsEvents(t *testing.T) {
	_, connection, client, _, events := loggedIn(t, brisk())
	done := make(chan error)
	go func() {
		for range events {
			done <- client.Close()
		}
		close(done)
	}()
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":2,"seq":2}`)
	connection.Closed()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, ok := <-done; ok {
		t.Error("events go on")
	}
}

func TestWithoutASessionToComeBackToTheClientEndsWithItsConnection(t *testing.T) {
	server := newServer(t)
	client := dial(t, server.URL(), brisk())
	events := client.Events()
	connection := server.Accept()
	users := run(t, func() (hotroom.User, error) { return client.Login(within(t), nil) })
	login := connection.Next("login")
	connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s1","grace":0}}`, login.ID)
	users()
	connection.Reset()
	<-client.Done()
	if _, ok := <-events; ok {
		t.Error("something was told")
	}
	var closed *hotroom.CloseError
	if !errors.As(client.Err(), &closed) || closed.Code != 1006 || closed.Err == nil {
		t.Errorf("ended with %#v", client.Err())
	}
}

func TestAnotherProcessGoesOnWithASession(t *testing.T) {
	server, connection, client, _, events := loggedIn(t, brisk())
	for seq := 2; seq <= 3; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
	}
	expect(t, events, said("2"))
	for client.Session().Seen < 2 {
	}
	suspended := run(t, client.Suspend)
	if code := connection.Closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	session := suspended()
	if session != (hotroom.Session{Secret: "s1", Seen: 2}) {
		t.Errorf("the session is %+v", session)
	}

	other := dial(t, server.URL(), brisk())
	events = other.Events()
	connection = server.Accept()
	users := run(t, func() (hotroom.User, error) { return other.Resume(within(t), session) })
	asked := connection.Reconnect()
	if asked.Session != "s1" || asked.Seen != 2 {
		t.Errorf("resumed with %+v", asked)
	}
	connection.Resume(asked, "s2", 17, 2)
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":3,"seq":3}`)
	if user := users(); user.Name != "ann" {
		t.Errorf("the user is %+v", user)
	}
	expect(t, events, hotroom.Back{Missed: 2})
	expect(t, events, said("3"))
	room := other.Room("lobby")
	answer := ask(t, room, "count")
	request := connection.Next("message")
	// What the one before had asked for is not answered to this one.
	for id := 1; id < 10; id++ {
		connection.Say(`{"id":%d,"ok":true,"data":"another's","seq":%d}`, id, id+3)
	}
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":15,"seq":15}`)
	expect(t, events, said("15"))
	connection.Reset()
	// Of the session the server has no frame more: the request has not arrived.
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s3", 17, 0)
	request = connection.Next("message")
	connection.Say(`{"id":%d,"ok":true,"data":"mine","seq":20}`, request.ID)
	if reply, err := answer(); reply != "mine" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestASessionThatHasEndedIsNotResumed(t *testing.T) {
	server := newServer(t)
	client := dial(t, server.URL(), nil)
	connection := server.Accept()
	users := failing(func() (hotroom.User, error) { return client.Resume(within(t), hotroom.Session{Secret: "s9"}) })
	asked := connection.Reconnect()
	connection.Say(`{"id":%d,"ok":false,"error":{"code":"session_expired","message":"It ended."}}`, asked.ID)
	if _, err := users(); !errors.Is(err, hotroom.SessionExpired) {
		t.Errorf("it fails with %v", err)
	}
	enter(t, connection, client)
}

func TestDialFails(t *testing.T) {
	server := newServer(t)
	server.Refusing.Store(http.StatusNotFound)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for _, each := range []struct {
		ctx           context.Context
		address, with string
	}{
		{within(t), "ftp://127.0.0.1/ws/app", "no address of a WebSocket"},
		{within(t), "/ws/app", "no address of a WebSocket"},
		{within(t), "ws://127.0.0.1:port", "invalid port"},
		{within(t), server.URL(), "404"},
		{over, server.URL(), "canceled"},
	} {
		if _, err := hotroom.Dial(each.ctx, each.address, nil); err == nil || !strings.Contains(err.Error(), each.with) {
			t.Errorf("%s: got %v", each.address, err)
		}
	}
	noGoroutines(t)
}
