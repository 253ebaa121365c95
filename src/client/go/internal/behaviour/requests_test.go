package behaviour

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"

	hotroom "hotroom/client"
)

func TestRequestsAreFramesOfTheWire(t *testing.T) {
	_, connection, client, room, _ := loggedIn(t, brisk())
	ctx := within(t)
	type call = func() (any, error)
	for _, each := range []struct {
		call     call
		expected string
	}{
		{func() (any, error) { return nil, room.Request(ctx, "say", "a <b>", nil) }, `message lobby say "a <b>"`},
		{func() (any, error) { return nil, room.Request(ctx, "count", nil, nil) }, `message lobby count `},
		{func() (any, error) { return nil, client.Request(ctx, "news", []int{1}, nil) }, `message  news [1]`},
		{func() (any, error) {
			return nil, client.Create(ctx, "m1", hotroom.CreateOptions{Type: "hall", MaxUsers: 2, Password: "x", Hidden: true, Meta: "map", Data: 1})
		}, `create m1  {"type":"hall","maxUsers":2,"password":"x","hidden":true,"meta":"map","data":1}`},
		{func() (any, error) {
			_, _, err := client.Rooms(ctx, hotroom.RoomFilter{Type: "hall", Open: true, Limit: 5})
			return nil, err
		}, `rooms   {"type":"hall","open":true,"limit":5}`},
		{func() (any, error) { return client.Subscribe(ctx, "m1", map[string]string{"password": "x"}) }, `subscribe m1  {"password":"x"}`},
		{func() (any, error) { return nil, room.Leave(ctx) }, `leave lobby  `},
		{func() (any, error) { return nil, client.Logout(ctx) }, `logout   `},
	} {
		done := failing(each.call)
		frame := <-connection.Frames()
		text := frame.Event + " " + frame.Room + " " + frame.Type + " " + string(frame.Data)
		if text != each.expected {
			t.Errorf("sent %q, not %q", text, each.expected)
		}
		connection.Say(`{"id":%d,"ok":true}`, frame.ID)
		if _, err := done(); err != nil {
			t.Errorf("%s: %v", each.expected, err)
		}
	}
}

func TestARefusalHasTheServersCode(t *testing.T) {
	_, connection, _, room, events := loggedIn(t, brisk())
	answer := ask(t, room, "drink")
	request := connection.Next("message")
	connection.Say(`{"id":%d,"ok":false,"error":{"code":"refused","message":"The bar is closed.","data":{"opensAt":"18:00"}},"seq":2}`,
		request.ID)
	_, err := answer()
	var refused *hotroom.Error
	if !errors.Is(err, hotroom.Refused) || errors.Is(err, hotroom.RoomFull) || !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	expected := hotroom.Error{Code: hotroom.Refused, Message: "The bar is closed.", Room: "lobby", Data: json.RawMessage(`{"opensAt":"18:00"}`)}
	if !reflect.DeepEqual(*refused, expected) || err.Error() != "hotroom: refused: The bar is closed." {
		t.Errorf("got %#v: %v", refused, err)
	}
	connection.Say(`{"event":"error","room":"lobby","error":{"code":"not_in_room","message":"You are not in it."},"seq":3}`)
	failed, ok := next(t, events).(hotroom.Failed)
	if !ok || !errors.Is(failed.Err, hotroom.NotInRoom) {
		t.Errorf("got %#v", failed)
	}
}

func TestWhatIsNoJSONIsNotSent(t *testing.T) {
	_, _, client, room, _ := loggedIn(t, brisk())
	ctx := within(t)
	var unsupported *json.UnsupportedValueError
	_, joining := client.Join(ctx, "hall", math.NaN())
	_, login := client.Login(ctx, math.NaN())
	for _, err := range []error{
		joining, login, room.Send(ctx, "say", math.NaN()), room.Request(ctx, "say", math.NaN(), nil),
		client.Create(ctx, "hall", hotroom.CreateOptions{Data: math.NaN()}),
	} {
		if !errors.As(err, &unsupported) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAReplyOfAnotherShapeIsAnError(t *testing.T) {
	_, connection, _, room, _ := loggedIn(t, brisk())
	answer := ask(t, room, "count")
	connection.Say(`{"id":%d,"ok":true,"data":{"users":1},"seq":2}`, connection.Next("message").ID)
	var mismatch *json.UnmarshalTypeError
	if _, err := answer(); !errors.As(err, &mismatch) {
		t.Errorf("got %v", err)
	}
}

func TestAJoinThatIsGivenUpIsUndone(t *testing.T) {
	_, connection, client, _, _ := loggedIn(t, brisk())
	ctx, cancel := context.WithCancel(context.Background())
	rooms := failing(func() (*hotroom.Room, error) { return client.Join(ctx, "hall", nil) })
	join := connection.Next("join")
	cancel()
	if _, err := rooms(); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	connection.Say(`{"id":%d,"ok":true,"data":{"room":"hall","type":"hall","users":[]},"seq":2}`, join.ID)
	if leave := connection.Next("leave"); leave.Room != "hall" {
		t.Errorf("left %q", leave.Room)
	}
	if client.Room("hall") != nil {
		t.Error("the room is there")
	}
}

func TestALoginThatIsGivenUpIsUndone(t *testing.T) {
	server := newServer(t)
	client := dial(t, server.URL(), nil)
	connection := server.Accept()
	ctx, cancel := context.WithCancel(context.Background())
	users := failing(func() (hotroom.User, error) { return client.Login(ctx, nil) })
	login := connection.Next("login")
	cancel()
	if _, err := users(); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	connection.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s1","grace":30000}}`, login.ID)
	connection.Say(`{"id":%d,"ok":true,"data":{}}`, connection.Next("logout").ID)
	enter(t, connection, client)
}

func TestRoomsEndAndTellWhy(t *testing.T) {
	_, connection, client, room, events := loggedIn(t, brisk())
	watched := run(t, func() (*hotroom.Room, error) { return client.Subscribe(within(t), "lobby", nil) })
	connection.Say(`{"id":%d,"ok":true,"data":{"room":"lobby","type":"hall","users":[{"id":"u1","name":"ann"}],"data":{"score":1}},"seq":2}`,
		connection.Next("subscribe").ID)
	watching := watched()
	if string(watching.Data()) != `{"score":1}` {
		t.Errorf("the watch handler returned %s", watching.Data())
	}
	if !watching.Watching() || room.Watching() || watching == room {
		t.Error("the rooms are not told apart")
	}
	connection.Say(`{"event":"leave","room":"lobby","user":{"id":"u1","name":"ann"},"reason":"Too loud.","seq":3}`)
	ann := hotroom.User{ID: "u1", Name: "ann", Connected: true}
	expect(t, events, hotroom.Left{Room: "lobby", User: ann, Reason: "Too loud."})
	if !room.Ended() || watching.Ended() || len(watching.Users()) != 0 {
		t.Error("who is put out still watches, and is no member")
	}
	connection.Say(`{"event":"room_add","room":"hall","type":"hall","seq":4}`)
	expect(t, events, hotroom.RoomAdded{Room: "hall", Type: "hall"})
	connection.Say(`{"event":"an_event_of_a_newer_server","room":"lobby","seq":5}`)
	connection.Say(`{"event":"room_remove","room":"lobby","reason":"It is late.","seq":6}`)
	expect(t, events, hotroom.RoomRemoved{Room: "lobby", Reason: "It is late."})
	if !watching.Ended() {
		t.Error("the room has not ended")
	}
	// No frame is sent for a room that has ended.
	if err := room.Leave(within(t)); err != nil {
		t.Error(err)
	}
	connection.Say(`{"event":"message","type":"news","data":1,"seq":7}`)
	expect(t, events, hotroom.Message{Type: "news", Data: json.RawMessage("1")})
}

func TestAListOfRooms(t *testing.T) {
	_, connection, client, _, _ := loggedIn(t, brisk())
	listed := run(t, func() ([]hotroom.RoomInfo, error) {
		rooms, more, err := client.Rooms(within(t), hotroom.RoomFilter{})
		if !more {
			t.Error("there are no more")
		}
		return rooms, err
	})
	connection.Say(`{"id":%d,"ok":true,"data":{"rooms":[{"room":"a","type":"hall","users":1,"locked":false,"password":true,"meta":[1]},`+
		`{"room":"b","type":"hall","users":2,"maxUsers":2,"locked":true,"password":false}],"more":true},"seq":2}`, connection.Next("rooms").ID)
	expected := []hotroom.RoomInfo{
		{Name: "a", Type: "hall", Users: 1, Password: true, Meta: json.RawMessage("[1]")},
		{Name: "b", Type: "hall", Users: 2, MaxUsers: 2, Locked: true},
	}
	if rooms := listed(); !reflect.DeepEqual(rooms, expected) {
		t.Errorf("got %+v", rooms)
	}
}

func TestScriptsPutUsersIntoRoomsAndWatchersOut(t *testing.T) {
	_, connection, client, room, events := loggedIn(t, brisk())
	connection.Say(`{"event":"leave","room":"lobby","user":{"id":"u1","name":"ann"},"to":"cellar","seq":2}`)
	connection.Say(`{"event":"joined","room":"cellar","type":"hall","users":[{"id":"u1","name":"ann"}],"seq":3}`)
	ann := hotroom.User{ID: "u1", Name: "ann", Connected: true}
	expect(t, events, hotroom.Left{Room: "lobby", User: ann, To: "cellar"})
	expect(t, events, hotroom.Entered{Room: "cellar"})
	cellar := client.Room("cellar")
	if !room.Ended() || cellar == nil || cellar.Type() != "hall" || !reflect.DeepEqual(cellar.Users(), []hotroom.User{ann}) {
		t.Fatalf("moved to %+v", cellar)
	}
	watched := run(t, func() (*hotroom.Room, error) { return client.Subscribe(within(t), "cellar", nil) })
	connection.Say(`{"id":%d,"ok":true,"data":{"room":"cellar","type":"hall","users":[]},"seq":4}`, connection.Next("subscribe").ID)
	watching := watched()
	connection.Say(`{"event":"unsubscribed","room":"cellar","reason":"Too loud.","seq":5}`)
	expect(t, events, hotroom.Unsubscribed{Room: "cellar", Reason: "Too loud."})
	if !watching.Ended() || cellar.Ended() {
		t.Error("the watcher goes, and the member stays")
	}
}

func TestPing(t *testing.T) {
	server, connection, client, _, events := loggedIn(t, brisk())
	pinged := run(t, func() (any, error) { return client.Ping(within(t)) })
	connection.Next("ping")
	connection.Reset()
	expectAway(t, events)
	connection = server.Accept()
	connection.Resume(connection.Reconnect(), "s2", 1, 0)
	connection.Say(`{"id":%d,"ok":true}`, connection.Next("ping").ID)
	pinged()
}

func TestWhoWatchesItsOwnRoomIsAmongItsUsers(t *testing.T) {
	_, connection, client, room, _ := loggedIn(t, brisk())
	const both = `{"room":"lobby","type":"hall","users":[{"id":"u1","name":"ann"},{"id":"u2","name":"bob"}]}`
	subscribed := run(t, func() (*hotroom.Room, error) { return client.Subscribe(within(t), "lobby", nil) })
	connection.Say(`{"id":%d,"ok":true,"data":%s,"seq":2}`, connection.Next("subscribe").ID, both)
	watching := subscribed()
	left := run(t, func() (any, error) { return nil, room.Leave(within(t)) })
	connection.Say(`{"id":%d,"ok":true,"seq":3}`, connection.Next("leave").ID)
	left()
	if users := watching.Users(); len(users) != 1 || users[0].Name != "bob" {
		t.Errorf("after its leave there are %v", users)
	}
	joined := run(t, func() (*hotroom.Room, error) { return client.Join(within(t), "lobby", nil) })
	connection.Say(`{"id":%d,"ok":true,"data":%s,"seq":4}`, connection.Next("join").ID, both)
	joined()
	if users := watching.Users(); len(users) != 2 || users[1].Name != "ann" {
		t.Errorf("after its join there are %v", users)
	}
}
