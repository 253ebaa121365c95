// Package behaviour tests what users of the client see, with a scripted server and with a real one.
package behaviour

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	hotroom "hotroom/client"
	"hotroom/client/internal/scripted"
)

// patience is how long anything that should happen may take on a busy machine.
const patience = 20 * time.Second

// brisk are options with which a client comes back soon.
func brisk() *hotroom.Options {
	return &hotroom.Options{MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond}
}

// within is a context for what should happen.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// dial connects; the client is closed with the test, and has left no goroutine then.
func dial(t *testing.T, url string, options *hotroom.Options) *hotroom.Client {
	t.Helper()
	client, err := hotroom.Dial(within(t), url, options)
	if err != nil {
		t.Fatal(err)
	}
	if _, isSecond := dialled.LoadOrStore(t, true); !isSecond {
		t.Cleanup(func() { noGoroutines(t) })
	}
	t.Cleanup(func() {
		_ = client.Close() // What was not sent is looked at where it matters.
	})
	return client
}

// dialled has the tests that have a client.
var dialled sync.Map

// noGoroutines fails the test where the client's goroutines stay.
func noGoroutines(t *testing.T) {
	t.Helper()
	untilStacks(t, "the client's goroutines are gone", func(stacks string) bool {
		return !strings.Contains(stacks, "hotroom/client/internal/link.")
	})
}

// untilWaits waits until a request waits for its reply.
func untilWaits(t *testing.T) {
	t.Helper()
	untilStacks(t, "a request waits", func(stacks string) bool { return strings.Contains(stacks, "link.(*Link).wait(") })
}

func untilStacks(t *testing.T, what string, expected func(stacks string) bool) {
	t.Helper()
	buffer := make([]byte, 1<<20)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if expected(string(buffer[:runtime.Stack(buffer, true)])) {
			return
		}
	}
	t.Errorf("waited until %s:\n%s", what, buffer[:runtime.Stack(buffer, true)])
}

// loggedIn is a client whose user is in the room lobby, with its server, its connection, and its events.
func loggedIn(t *testing.T, options *hotroom.Options) (
	*scripted.Server, *scripted.Connection, *hotroom.Client, *hotroom.Room, <-chan hotroom.Event,
) {
	t.Helper()
	server := scripted.NewServer(t)
	client := dial(t, server.URL(), options)
	events := client.Events()
	connection := server.Accept()
	_, room := enter(t, connection, client)
	return server, connection, client, room, events
}

// enter logs ann in and joins the lobby.
func enter(t *testing.T, connection *scripted.Connection, client *hotroom.Client) (hotroom.User, *hotroom.Room) {
	t.Helper()
	users := run(t, func() (hotroom.User, error) { return client.Login(within(t), map[string]string{"name": "ann"}) })
	connection.Login()
	user := users()
	rooms := run(t, func() (*hotroom.Room, error) { return client.Join(within(t), "lobby", nil) })
	connection.Join("lobby", 1)
	return user, rooms()
}

// run calls what waits for the server in another goroutine; the function that it returns gives the result, of a success.
func run[T any](t *testing.T, call func() (T, error)) func() T {
	t.Helper()
	result := failing(call)
	return func() T {
		t.Helper()
		value, err := result()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// failing is run for what may fail.
func failing[T any](call func() (T, error)) func() (T, error) {
	var value T
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		value, err = call()
	}()
	return func() (T, error) {
		<-done
		return value, err
	}
}

// ask sends a request to the room; the function that it returns gives the reply.
func ask(t *testing.T, room *hotroom.Room, kind string) func() (string, error) {
	t.Helper()
	ctx := within(t)
	return failing(func() (reply string, err error) {
		err = room.Request(ctx, kind, nil, &reply)
		return reply, err
	})
}

// expect waits for the next event.
func expect(t *testing.T, events <-chan hotroom.Event, expected hotroom.Event) {
	t.Helper()
	if event := next(t, events); !reflect.DeepEqual(event, expected) {
		t.Fatalf("got %#v, expected %#v", event, expected)
	}
}

func next(t *testing.T, events <-chan hotroom.Event) hotroom.Event {
	t.Helper()
	select {
	case event, ok := <-events:
		if !ok {
			t.Fatal("events have ended")
		}
		return event
	case <-time.After(patience):
		t.Fatal("no event came")
		return nil
	}
}

// expectAway waits for the event that tells of a lost connection.
func expectAway(t *testing.T, events <-chan hotroom.Event) *hotroom.CloseError {
	t.Helper()
	event := next(t, events)
	away, ok := event.(hotroom.Away)
	if !ok {
		t.Fatalf("got %#v, expected Away", event)
	}
	return away.Err.(*hotroom.CloseError)
}
