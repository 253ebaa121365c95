package behaviour

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	hotroom "hotroom/client"
)

// address is that of an application of the server that HOTROOM_SERVER names; without one the test is skipped. The
// applications are those of the test that starts the server, test/client/go.test.ts.
func address(t *testing.T, application string) string {
	t.Helper()
	server := os.Getenv("HOTROOM_SERVER")
	if server == "" {
		t.Skip("HOTROOM_SERVER names no server")
	}
	return server + "/ws/" + application
}

// as is a client that has logged in by a name, with its events.
func as(t *testing.T, url, name string, options *hotroom.Options) (*hotroom.Client, <-chan hotroom.Event) {
	t.Helper()
	client := dial(t, url, options)
	events := client.Events()
	user, err := client.Login(within(t), map[string]string{"name": name})
	if err != nil {
		t.Fatal(err)
	}
	if user.Name != name || user.ID == "" || !user.Connected || client.User() != user {
		t.Errorf("the user is %+v", user)
	}
	return client, events
}

// join joins a room.
func join(t *testing.T, client *hotroom.Client, name string) *hotroom.Room {
	t.Helper()
	room, err := client.Join(within(t), name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// until waits for an event, and passes others by.
func until(t *testing.T, events <-chan hotroom.Event, expected func(event hotroom.Event) bool) {
	t.Helper()
	for !expected(next(t, events)) {
	}
}

func TestWithServerAConversation(t *testing.T) {
	url := address(t, "hall")
	ann, heard := as(t, url, "ann", nil)
	room := join(t, ann, "talk")
	if room.Type() != "hall" || len(room.Users()) != 1 {
		t.Errorf("the room is %s with %+v", room.Type(), room.Users())
	}
	bob, _ := as(t, url, "bob", nil)
	other := join(t, bob, "talk")
	until(t, heard, func(event hotroom.Event) bool {
		joined, ok := event.(hotroom.Joined)
		return ok && joined == hotroom.Joined{Room: "talk", User: bob.User()}
	})
	if len(room.Users()) != 2 || len(other.Users()) != 2 {
		t.Errorf("there are %+v and %+v", room.Users(), other.Users())
	}
	if err := other.Send(within(t), "say", "hi <all>"); err != nil {
		t.Fatal(err)
	}
	until(t, heard, func(event hotroom.Event) bool {
		message, ok := event.(hotroom.Message)
		return ok && message.Room == "talk" && message.Type == "said" && string(message.Data) == `{"from":"bob","data":"hi <all>"}`
	})
	var sum int
	if err := room.Request(within(t), "sum", []int{1, 2, 3}, &sum); err != nil || sum != 6 {
		t.Errorf("got %d, %v", sum, err)
	}
	if err := other.Leave(within(t)); err != nil {
		t.Error(err)
	}
	until(t, heard, func(event hotroom.Event) bool { _, ok := event.(hotroom.Left); return ok })
	if _, err := bob.Ping(within(t)); err != nil {
		t.Error(err)
	}
	if err := bob.Logout(within(t)); err != nil || bob.User().ID != "" {
		t.Errorf("after a logout the user is %+v: %v", bob.User(), err)
	}
	if _, err := bob.Login(within(t), map[string]string{"name": "bob"}); err != nil {
		t.Error(err)
	}
}

func TestWithServerErrors(t *testing.T) {
	url := address(t, "hall")
	client, events := as(t, url, "eve", nil)
	room := join(t, client, "errors")
	again := dial(t, url, nil)
	_, taken := again.Login(within(t), map[string]string{"name": "eve"})
	_, twice := client.Join(within(t), "errors", nil)
	_, name := client.Join(within(t), " ", nil)
	for expected, err := range map[hotroom.Code]error{
		hotroom.NameTaken:     taken,
		hotroom.AlreadyInRoom: twice,
		hotroom.InvalidName:   name,
		hotroom.NoHandler:     room.Request(within(t), "dance", nil, nil),
		hotroom.RoomExists:    client.Create(within(t), "errors", hotroom.CreateOptions{}),
		hotroom.HandlerFailed: room.Request(within(t), "fail", nil, nil),
	} {
		if !errors.Is(err, expected) {
			t.Errorf("got %v, expected %s", err, string(expected))
		}
	}
	var refused *hotroom.Error
	err := room.Request(within(t), "drink", nil, nil)
	if !errors.As(err, &refused) || refused.Code != hotroom.Refused || string(refused.Data) != `{"opensAt":"18:00"}` {
		t.Errorf("got %#v", err)
	}
	if err := room.Send(within(t), "dance", nil); err != nil {
		t.Error(err)
	}
	until(t, events, func(event hotroom.Event) bool {
		failed, ok := event.(hotroom.Failed)
		return ok && errors.Is(failed.Err, hotroom.NoHandler)
	})
}

func TestWithServerAWatcher(t *testing.T) {
	url := address(t, "hall")
	member, _ := as(t, url, "member", nil)
	room := join(t, member, "watched")
	watcher, heard := as(t, url, "watcher", nil)
	watched, err := watcher.Subscribe(within(t), "watched", nil)
	if err != nil {
		t.Fatal(err)
	}
	if users := watched.Users(); len(users) != 1 || users[0] != member.User() {
		t.Errorf("there are %+v", users)
	}
	if err := room.Request(within(t), "say", 1, nil); err != nil {
		t.Fatal(err)
	}
	until(t, heard, func(event hotroom.Event) bool { _, ok := event.(hotroom.Message); return ok })
	if err := watched.Leave(within(t)); err != nil || !watched.Ended() {
		t.Errorf("ended is %t: %v", watched.Ended(), err)
	}
}

func TestWithServerAKickEndsTheClient(t *testing.T) {
	client, _ := as(t, address(t, "hall"), "kicked", brisk())
	room := join(t, client, "kicks")
	var closed *hotroom.CloseError
	if err := room.Request(within(t), "kick", nil, nil); err != nil && !errors.As(err, &closed) {
		t.Errorf("got %v", err)
	}
	<-client.Done()
	if !errors.As(client.Err(), &closed) || closed.Code != 4501 || closed.Reason != "Too loud." {
		t.Errorf("ended with %v", client.Err())
	}
}

func TestWithServerRoomsThatScriptsDecideOn(t *testing.T) {
	url := address(t, "hall")
	client, events := as(t, url, "walker", nil)
	room := join(t, client, "here")
	for name, options := range map[string]hotroom.CreateOptions{
		"shown":  {Meta: "moon", MaxUsers: 3},
		"secret": {Hidden: true},
	} {
		if err := client.Create(within(t), name, options); err != nil {
			t.Fatal(err)
		}
	}
	listed := map[string]hotroom.RoomInfo{}
	rooms, _, err := client.Rooms(within(t), hotroom.RoomFilter{Type: "hall", Open: true, Limit: 1000})
	for _, each := range rooms {
		listed[each.Name] = each
	}
	shown := hotroom.RoomInfo{Name: "shown", Type: "hall", MaxUsers: 3, Meta: json.RawMessage(`"moon"`)}
	if _, isListed := listed["secret"]; isListed || !reflect.DeepEqual(listed["shown"], shown) || err != nil {
		t.Errorf("listed are %+v, %v", rooms, err)
	}

	if err := room.Request(within(t), "move", "there", nil); err != nil {
		t.Fatal(err)
	}
	until(t, events, func(event hotroom.Event) bool {
		left, ok := event.(hotroom.Left)
		return ok && left == hotroom.Left{Room: "here", User: client.User(), To: "there"}
	})
	until(t, events, func(event hotroom.Event) bool { _, ok := event.(hotroom.Entered); return ok })
	there := client.Room("there")
	if there == nil || !room.Ended() || len(there.Users()) != 1 {
		t.Fatalf("moved to %+v", there)
	}

	watcher, heard := as(t, url, "stander", nil)
	watched, err := watcher.Subscribe(within(t), "there", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := there.Request(within(t), "out", "stander", nil); err != nil {
		t.Fatal(err)
	}
	until(t, heard, func(event hotroom.Event) bool {
		end, ok := event.(hotroom.Unsubscribed)
		return ok && end == hotroom.Unsubscribed{Room: "there", Reason: "Enough."}
	})
	if err := there.Request(within(t), "lock", nil, nil); err != nil || !watched.Ended() {
		t.Errorf("watching has ended: %t, %v", watched.Ended(), err)
	}
	if _, err := watcher.Join(within(t), "there", nil); !errors.Is(err, hotroom.RoomLocked) {
		t.Errorf("got %v", err)
	}
}
