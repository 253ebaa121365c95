package behaviour

import (
	"errors"
	"fmt"
	"testing"
	"time"

	hotroom "hotroom/client"
)

func TestASlowReaderOfEventsCostsTheConnectionAndLosesNothing(t *testing.T) {
	options := brisk()
	options.Events = 4
	server, connection, _, _, events := loggedIn(t, options)
	for seq := 2; seq <= 6; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
	}
	if code := connection.Closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	// Four were kept; with what tells of it, five wait, and two may when it comes back. Meanwhile others come and go.
	expect(t, events, said("2"))
	for count := 0; count < 5; count++ {
		other := newServer(t)
		client := dial(t, other.URL(), brisk())
		enter(t, other.Accept(), client)
	}
	server.Idle()
	for seq := 3; seq <= 5; seq++ {
		expect(t, events, said(fmt.Sprint(seq)))
	}
	expectAway(t, events)
	connection = server.Accept()
	asked := connection.Reconnect()
	if asked.Seen != 5 {
		t.Fatalf("came back with %+v", asked)
	}
	connection.Resume(asked, "s2", 1, 2)
	for seq := 6; seq <= 7; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
	}
	expect(t, events, hotroom.Back{Missed: 2})
	expect(t, events, said("6"))
	expect(t, events, said("7"))
}

func TestRepliesPassEventsThatNobodyReads(t *testing.T) {
	_, connection, _, room, _ := loggedIn(t, brisk())
	for seq := 2; seq <= 100; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
	}
	answer := ask(t, room, "count")
	connection.Say(`{"id":%d,"ok":true,"data":"now","seq":101}`, connection.Next("message").ID)
	if reply, err := answer(); reply != "now" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestWithoutAReaderEventsAreNotKept(t *testing.T) {
	server := newServer(t)
	options := brisk()
	options.Events = 4
	client := dial(t, server.URL(), options)
	connection := server.Accept()
	_, room := enter(t, connection, client)
	for seq := 2; seq <= 100; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
	}
	answer := ask(t, room, "count")
	connection.Say(`{"id":%d,"ok":true,"data":"now","seq":101}`, connection.Next("message").ID)
	if reply, err := answer(); reply != "now" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
	if seen := client.Session().Seen; seen != 101 {
		t.Errorf("seen is %d", seen)
	}
}

func TestTheServerIsToldWhatWasReadAndNoMore(t *testing.T) {
	_, connection, client, room, events := loggedIn(t, brisk())
	for seq := 2; seq <= 3; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
	}
	expect(t, events, said("2"))
	for client.Session().Seen < 2 {
	}
	if err := room.Send(within(t), "say", nil); err != nil {
		t.Fatal(err)
	}
	if frame := connection.Next("message"); frame.Seen != 2 {
		t.Errorf("the server is told %d", frame.Seen)
	}
}

func TestTheServerIsToldByAPingWhereNothingElseIsSent(t *testing.T) {
	options := brisk()
	options.Heartbeat = time.Hour // No ping comes by itself.
	_, connection, _, _, events := loggedIn(t, options)
	for seq := 2; seq <= 60; seq++ {
		connection.Say(`{"event":"message","room":"lobby","type":"said","data":%d,"seq":%d}`, seq, seq)
		expect(t, events, said(fmt.Sprint(seq)))
	}
	if ping := connection.Next("ping"); ping.Seen < 40 {
		t.Errorf("the server is told %d", ping.Seen)
	}
}

func TestFramesWithoutRepliesAreForgottenOnceTheServerHasThem(t *testing.T) {
	options := brisk()
	options.Queue = 4
	options.Heartbeat = time.Hour // No ping comes by itself.
	server, connection, _, room, events := loggedIn(t, options)
	done := failing(func() (any, error) {
		for number := 0; number < 100; number++ {
			if err := room.Send(within(t), "say", number); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	for number := 0; number < 100; number++ {
		if frame := connection.Next("message"); string(frame.Data) != fmt.Sprint(number) {
			t.Fatalf("got %s, not %d", frame.Data, number)
		}
	}
	if _, err := done(); err != nil {
		t.Fatal(err)
	}
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 99, 0)
	for number := 98; number < 100; number++ {
		if frame := connection.Next("message"); string(frame.Data) != fmt.Sprint(number) {
			t.Fatalf("got %s again, not %d", frame.Data, number)
		}
	}
}

func TestAReaderThatReadsNothingAnyMoreEndsTheClient(t *testing.T) {
	server := newServer(t)
	options := brisk()
	options.Events = 1
	client := dial(t, server.URL(), options)
	client.Events()
	connection := server.Accept()
	users := run(t, func() (hotroom.User, error) { return client.Login(within(t), nil) })
	// Of such a grace it waits half for its reader.
	login := connection.Next("login")
	connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s1","grace":10}}`, login.ID)
	users()
	for seq := 1; client.Err() == nil; seq++ {
		connection.Say(`{"event":"message","type":"said","data":%d,"seq":%d}`, seq, seq)
		if seq == 1 {
			connection.Reset()
		}
		select {
		case <-client.Done():
		case connection = <-server.Connections():
			asked := connection.Reconnect()
			connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s1","grace":10,"outcome":"resumed",`+
				`"received":0,"missed":1,"rooms":[]}}`, asked.ID)
		}
		if seq > 100 {
			t.Fatal("it comes back for ever")
		}
	}
	var closed *hotroom.CloseError
	if !errors.As(client.Err(), &closed) || closed.Code != 1006 {
		t.Errorf("ended with %v", client.Err())
	}
}
