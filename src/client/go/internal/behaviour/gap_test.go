package behaviour

import (
	"errors"
	"reflect"
	"testing"

	hotroom "hotroom/client"
	"hotroom/client/internal/scripted"
)

// reset answers that something is missing.
func reset(connection *scripted.Connection, received, missed int, lost, rooms string) {
	asked := connection.Reconnect()
	connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s2","grace":30000,"outcome":"reset",`+
		`"received":%d,"missed":%d,"lost":%s,"rooms":%s}}`, asked.ID, received, missed, lost, rooms)
}

func TestAGapIsTold(t *testing.T) {
	server, connection, client, room, events := loggedIn(t, brisk())
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	reset(connection, 1, 1, `["lobby","hall",null]`, "["+scripted.Members("hall")+"]")
	connection.Say(`{"event":"message","room":"hall","type":"said","seq":9}`)
	expect(t, events, hotroom.Reset{Missed: 1, Rooms: []string{"lobby", "hall"}, Other: true})
	expect(t, events, hotroom.Message{Room: "hall", Type: "said"})
	if !room.Ended() || client.Room("lobby") != nil {
		t.Error("the room that the server does not list has not ended")
	}
	if hall := client.Room("hall"); hall == nil || hall.Type() != "hall" || len(hall.Users()) != 2 {
		t.Errorf("the room that the server lists is %+v", hall)
	}
}

func TestARequestWhoseReplyIsLostFailsOnceTheKeptOnesHaveCome(t *testing.T) {
	server, connection, _, room, events := loggedIn(t, brisk())
	kept, first := ask(t, room, "kept"), connection.Next("message")
	lost, _ := ask(t, room, "lost"), connection.Next("message")
	unheard := ask(t, room, "unheard")
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	reset(connection, 3, 2, `[null]`, "["+scripted.Members("lobby")+"]")
	connection.Say(`{"event":"message","type":"news","seq":8}`)
	connection.Say(`{"id":%d,"ok":true,"data":"kept","seq":9}`, first.ID)
	if reply, err := kept(); reply != "kept" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
	if _, err := lost(); !errors.Is(err, hotroom.ErrReplyLost) {
		t.Errorf("the lost one fails with %v", err)
	}
	connection.Say(`{"id":%d,"ok":true,"data":"unheard","seq":10}`, connection.Next("message").ID)
	if reply, err := unheard(); reply != "unheard" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestAGapInRoomsOnlyFailsNoRequest(t *testing.T) {
	server, connection, _, room, events := loggedIn(t, brisk())
	answer, request := ask(t, room, "slow"), connection.Next("message")
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	reset(connection, 2, 0, `["lobby"]`, "["+scripted.Members("lobby")+"]")
	connection.Next("ping")
	connection.Say(`{"id":%d,"ok":true,"data":"late","seq":9}`, request.ID)
	if reply, err := answer(); reply != "late" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestAnExpiredSessionEndsItsRequestsAndRoomsAndANewOneMayBegin(t *testing.T) {
	server, connection, client, room, events := loggedIn(t, brisk())
	answer := ask(t, room, "count")
	connection.Next("message")
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	asked := connection.Reconnect()
	connection.Say(`{"id":%d,"ok":false,"error":{"code":"session_expired","message":"It ended."}}`, asked.ID)
	expect(t, events, hotroom.Expired{})
	if _, err := answer(); !errors.Is(err, hotroom.SessionExpired) {
		t.Errorf("the request fails with %v", err)
	}
	if err := room.Send(within(t), "say", nil); !errors.Is(err, hotroom.NotLoggedIn) {
		t.Errorf("sending fails with %v", err)
	}
	if !room.Ended() || client.Session().Secret != "" {
		t.Error("the room or the session is still there")
	}
	_, again := enter(t, connection, client)
	if again == room || again.Ended() {
		t.Error("the room is not a new one")
	}
	// The new session counts from its own login, and is told from its own numbers.
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":2,"seq":2}`)
	expect(t, events, said("2"))
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	if asked := connection.Reconnect(); asked.Session != "s1" || asked.Seen != 2 {
		t.Errorf("came back with %+v", asked)
	}
}

func TestALogoutThatArrivedWithoutItsReplyHasHappened(t *testing.T) {
	server, connection, client, room, events := loggedIn(t, brisk())
	done := failing(func() (any, error) { return nil, client.Logout(within(t)) })
	connection.Next("logout")
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	asked := connection.Reconnect()
	connection.Say(`{"id":%d,"ok":false,"error":{"code":"session_expired","message":"It ended."}}`, asked.ID)
	if _, err := done(); err != nil || !room.Ended() {
		t.Errorf("it fails with %v", err)
	}
}

func TestWhatTheServerKeptLongerThanItHadToIsToldOnce(t *testing.T) {
	server, connection, _, _, events := loggedIn(t, brisk())
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":5,"seq":5}`)
	expect(t, events, said("5"))
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 1, 2)
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":5,"seq":5}`)
	connection.Say(`{"event":"message","room":"lobby","type":"said","data":6,"seq":6}`)
	expect(t, events, hotroom.Back{Missed: 2})
	expect(t, events, said("6"))
}

func TestUsersAreThoseOfTheReturnAndOfWhatFollows(t *testing.T) {
	server, connection, _, room, events := loggedIn(t, brisk())
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	asked := connection.Reconnect()
	connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s2","grace":30000,"outcome":"resumed",`+
		`"received":1,"missed":3,"rooms":[{"room":"lobby","type":"hall","users":[{"id":"u1","name":"ann"},`+
		`{"id":"u3","name":"eve"},{"id":"u2","name":"bob","connected":false}]}]}}`, asked.ID)
	connection.Say(`{"event":"leave","room":"lobby","user":{"id":"u3","name":"eve"},"seq":2}`)
	connection.Say(`{"event":"join","room":"lobby","user":{"id":"u3","name":"eve"},"seq":3}`)
	connection.Say(`{"event":"disconnect","room":"lobby","user":{"id":"u2","name":"bob"},"seq":4}`)
	away := bob
	away.Connected = false
	eve := hotroom.User{ID: "u3", Name: "eve", Connected: true}
	expect(t, events, hotroom.Back{Missed: 3})
	expect(t, events, hotroom.Left{Room: "lobby", User: eve})
	expect(t, events, hotroom.Joined{Room: "lobby", User: eve})
	expect(t, events, hotroom.Disconnected{Room: "lobby", User: away})
	ann := hotroom.User{ID: "u1", Name: "ann", Connected: true}
	if users := room.Users(); !reflect.DeepEqual(users, []hotroom.User{ann, away, eve}) {
		t.Errorf("there are %+v", users)
	}
	connection.Say(`{"event":"reconnect","room":"lobby","user":{"id":"u2","name":"bob"},"seq":5}`)
	expect(t, events, hotroom.Reconnected{Room: "lobby", User: bob})
	if users := room.Users(); users[1] != bob {
		t.Errorf("there are %+v", users)
	}
}

func TestWatchingGoesOnWhereTheServerSaysSo(t *testing.T) {
	server, connection, client, room, events := loggedIn(t, brisk())
	watched := run(t, func() (*hotroom.Room, error) { return client.Subscribe(within(t), "lobby", nil) })
	connection.Say(`{"id":%d,"ok":true,"data":%s,"seq":2}`, connection.Next("subscribe").ID, scripted.Members("lobby"))
	watching := watched()
	for _, each := range []struct {
		more            string
		isIn, isWatched bool
	}{{`,"watching":true`, true, true}, {"", true, false}} {
		connection.Reset()
		expectAway(t, events)
		connection = server.Accept()
		asked := connection.Reconnect()
		connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s2","grace":30000,"outcome":"resumed",`+
			`"received":2,"missed":0,"rooms":[{"room":"lobby","type":"hall","users":[{"id":"u1","name":"ann"}]%s}]}}`, asked.ID, each.more)
		expect(t, events, hotroom.Back{})
		if room.Ended() == each.isIn || watching.Ended() == each.isWatched {
			t.Errorf("with %q it is in the room: %t, watches it: %t", each.more, !room.Ended(), !watching.Ended())
		}
	}
}
