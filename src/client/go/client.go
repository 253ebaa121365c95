// Package hotroom is the client of hotroom servers: it logs in to an application, joins rooms, sends messages and hears events.
//
// A client outlives its connection. Where the connection is lost (no matter how), it comes back by itself to the same session:
// what happened meanwhile is told in order, what was sent meanwhile is sent, requests that wait get their one reply, and a Room
// stays the same. Events says when the client is away and back, and where the server could not keep everything.
//
//	client, err := hotroom.Dial(ctx, "ws://127.0.0.1:8080/ws/chat", nil)
//	events := client.Events()
//	user, err := client.Login(ctx, map[string]string{"name": "ann"})
//	room, err := client.Join(ctx, "lobby", nil)
//	err = room.Send(ctx, "say", map[string]string{"text": "hello"})
//	for event := range events {
//		switch event := event.(type) {
//		case hotroom.Message:
//			fmt.Println(event.Room, event.Type, string(event.Data))
//		}
//	}
//
// All methods may be called by several goroutines at once.
package hotroom

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"hotroom/client/internal/link"
	"hotroom/client/internal/wire"
)

// Options say how a client behaves; what is zero has the default.
type Options struct {
	// Timeout bounds each try to connect, and how long Close waits for the server: 10 s.
	Timeout time.Duration
	// Heartbeat is after how much silence the server is asked for a sign of life; after twice as much the connection is
	// taken for lost: 10 s.
	Heartbeat time.Duration
	// MinBackoff and MaxBackoff bound the window of which a random part is waited before the client tries to come back;
	// it doubles with each try: 500 ms, 10 s.
	MinBackoff, MaxBackoff time.Duration
	// Queue is how many messages and requests may wait for the server to have them, also while the client is away: 64, which
	// a server takes at once by default. Where there are more, or more than 4 MB, Send and Request wait.
	Queue int
	// Events is how many events may wait to be read: 1,024. Where there are more, or more than 16 MB, the client lets go of
	// the connection until half of them are read; what comes meanwhile is the server's to keep.
	Events int
	// Header is sent with each connection's request.
	Header http.Header
	// TLS is for wss: addresses.
	TLS *tls.Config
	// DialContext opens connections in the place of a net.Dialer.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client is one user's way to one application.
type Client struct {
	link   *link.Link
	places *places
	events chan Event
	// stopped is closed when the client is told to close: nobody reads events any more.
	stopped chan struct{}
	stop    sync.Once
	unsent  int

	mu sync.Mutex
	// running are the goroutines of the client.
	running sync.WaitGroup
}

// Dial connects to an application: `ws://127.0.0.1:8080/ws/chat`. The context is for that only; the client lives until Close,
// or until the server ends it.
func Dial(ctx context.Context, address string, options *Options) (*Client, error) {
	url, err := wire.Address(address)
	if err != nil {
		return nil, fmt.Errorf("hotroom: cannot connect: %w", err)
	}
	c := &Client{events: make(chan Event), stopped: make(chan struct{})}
	c.places = &places{client: c, rooms: map[place]*Room{}}
	if c.link, err = link.Open(ctx, configOf(url, options), listener{c.places}); err != nil {
		return nil, fmt.Errorf("hotroom: cannot connect to %s: %w", url, err)
	}
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		c.link.Run()
	}()
	return c, nil
}

func configOf(url string, options *Options) link.Config {
	given := Options{}
	if options != nil {
		given = *options
	}
	return link.Config{
		Opening:    wire.Opening{URL: url, Header: given.Header, TLS: given.TLS, DialContext: given.DialContext},
		Timeout:    orDefault(given.Timeout, 10*time.Second),
		Heartbeat:  orDefault(given.Heartbeat, 10*time.Second),
		MinBackoff: orDefault(given.MinBackoff, 500*time.Millisecond),
		MaxBackoff: orDefault(given.MaxBackoff, 10*time.Second),
		Queue:      orDefault(given.Queue, 64),
		Events:     orDefault(given.Events, 1024),
	}
}

func orDefault[T int | time.Duration](given, standard T) T {
	if given <= 0 {
		return standard
	}
	return given
}

// Login logs in with what the application's login handler takes; without a handler that is an object with a name.
func (c *Client) Login(ctx context.Context, data any) (User, error) {
	text, err := wire.Encode(data)
	if err != nil {
		return User{}, fmt.Errorf("hotroom: cannot log in: %w", err)
	}
	if err := c.link.Login(ctx, text); err != nil {
		return User{}, err
	}
	return c.User(), nil
}

// Session is a user's right to come back, for another process: who has it is that user.
type Session struct {
	Secret string `json:"secret"`
	// Seen is the number of the newest frame that was dealt with.
	Seen int64 `json:"seen"`
}

// Session returns the session as it is now; its Secret is empty where nobody is logged in.
func (c *Client) Session() Session {
	return Session{c.link.Secret(), c.link.Inbox().Taken()}
}

// Resume goes on with a session that another client has left by Suspend, or lost with its process. Room finds the rooms that
// the user is in; a Back or Reset event says what is missing. Whoever still has the session is closed.
func (c *Client) Resume(ctx context.Context, session Session) (User, error) {
	if err := c.link.Adopt(ctx, session.Secret, session.Seen); err != nil {
		return User{}, err
	}
	return c.User(), nil
}

// Suspend closes the client and leaves its session to come back to, for as long as the server keeps it. Events that were not
// read are told to who resumes.
func (c *Client) Suspend() (Session, error) {
	session := Session{Secret: c.link.Secret()}
	err := c.close(wire.CloseGoingAway, func() { session.Seen = c.link.Inbox().Taken() })
	return session, err
}

// Logout takes the user out of its rooms and of the application. The client may log in again, as long as the server waits.
func (c *Client) Logout(ctx context.Context) error { return c.link.Logout(ctx) }

// User returns the user that is logged in; its ID is empty where there is none.
func (c *Client) User() User {
	c.places.mu.Lock()
	defer c.places.mu.Unlock()
	return c.places.user
}

// Room returns the room of a name that the user is in, or nil.
func (c *Client) Room(name string) *Room {
	c.places.mu.Lock()
	defer c.places.mu.Unlock()
	return c.places.rooms[place{name, false}]
}

// CreateOptions say what a room is made with; what is zero is left to the application.
type CreateOptions struct {
	Type     string `json:"type,omitempty"`
	MaxUsers int    `json:"maxUsers,omitempty"`
	Password string `json:"password,omitempty"`
	// Hidden keeps the room out of lists and announcements.
	Hidden bool `json:"hidden,omitempty"`
	// Meta is shown in lists; it may have 1 KB of JSON.
	Meta any `json:"meta,omitempty"`
	// Data is for the application's create handler.
	Data any `json:"data,omitempty"`
}

// Create makes a room, where the application lets clients do that. The user is not in it yet.
func (c *Client) Create(ctx context.Context, room string, options CreateOptions) error {
	data, err := wire.Encode(options)
	what := fmt.Sprintf("create room %q", room)
	if err != nil {
		return fmt.Errorf("hotroom: cannot %s: %w", what, err)
	}
	return c.link.Request(ctx, wire.Request{Event: "create", Room: room, Data: data}, what, nil, nil)
}

// RoomFilter says which rooms are listed; what is zero does not matter.
type RoomFilter struct {
	Type string `json:"type,omitempty"`
	// Open leaves out rooms that are locked or full.
	Open bool `json:"open,omitempty"`
	// Limit is how many there may be, 100 unless given, 1,000 at most.
	Limit int `json:"limit,omitempty"`
}

// RoomInfo is a room as lists have it.
type RoomInfo struct {
	Name  string `json:"room"`
	Type  string `json:"type"`
	Users int    `json:"users"`
	// MaxUsers is 0 where there is no limit.
	MaxUsers int             `json:"maxUsers"`
	Locked   bool            `json:"locked"`
	Password bool            `json:"password"`
	Meta     json.RawMessage `json:"meta"`
}

// Rooms lists the rooms of the application that are not hidden; more is true where there are others.
func (c *Client) Rooms(ctx context.Context, filter RoomFilter) (rooms []RoomInfo, more bool, err error) {
	data, err := wire.Encode(filter)
	if err != nil {
		return nil, false, err
	}
	var list struct {
		Rooms []RoomInfo
		More  bool
	}
	take := func(reply json.RawMessage) error { return decode(reply, &list) }
	err = c.link.Request(ctx, wire.Request{Event: "rooms", Data: data}, "list rooms", take, nil)
	return list.Rooms, list.More, err
}

// Join joins a room; data is for the room's join handler, and its password is the password of a room that has one.
func (c *Client) Join(ctx context.Context, room string, data any) (*Room, error) {
	return c.enter(ctx, place{room, false}, "join", "leave", data)
}

// Subscribe watches a room without being in it: its events are told as to members. The data is as in Join.
func (c *Client) Subscribe(ctx context.Context, room string, data any) (*Room, error) {
	return c.enter(ctx, place{room, true}, "subscribe", "unsubscribe", data)
}

// Send sends a message to the application's script, as Room.Send does to a room's.
func (c *Client) Send(ctx context.Context, kind string, data any) error {
	return c.send(ctx, wire.Request{Type: kind}, data)
}

// Request sends a message to the application's script and reads the reply, as Room.Request does.
func (c *Client) Request(ctx context.Context, kind string, data, reply any) error {
	return c.request(ctx, wire.Request{Type: kind}, data, reply)
}

// Ping asks the server for an answer; it returns how long that took.
func (c *Client) Ping(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	err := c.link.Control(ctx, wire.Request{Event: "ping"}, "ping", nil, nil)
	return time.Since(began), err
}

// Events returns the channel of what happens, in order; it is the same at each call, and closed when the client has ended.
// Events are kept for it from the first call on: call it before Login, and not at all where nobody is to read it.
//
// Who reads may ask for replies, as these do not come by the channel.
func (c *Client) Events() <-chan Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link.Inbox().Open() {
		c.running.Add(1)
		go func() {
			defer c.running.Done()
			c.hand()
		}()
	}
	return c.events
}

// hand gives events to who reads the channel.
func (c *Client) hand() {
	defer close(c.events)
	inbox := c.link.Inbox()
	for {
		event, ok, changed := inbox.First()
		if !ok && changed == nil {
			return
		}
		if !ok {
			<-changed
			continue
		}
		select {
		case c.events <- event.(Event):
			inbox.Pop()
		case <-c.stopped:
			return
		}
	}
}

// Done returns a channel that is closed when the client has ended: by Close, or since it may not come back.
func (c *Client) Done() <-chan struct{} { return c.link.Done() }

// Err returns how the client ended, a *CloseError, and nil while it has not.
func (c *Client) Err() error {
	if end := c.link.End(); end != nil {
		return closeError("", *end)
	}
	return nil
}

// Close sends what waits to be sent, ends the session, and closes the connection. Requests that wait fail at once, and Events
// is closed. It returns an error where messages may not have reached the server. A client that has ended is to be closed too.
func (c *Client) Close() error { return c.close(wire.CloseNormal, func() {}) }

// close closes with a code; last is called once all that came has come.
func (c *Client) close(code int, last func()) error {
	c.stop.Do(func() {
		close(c.stopped)
		c.unsent = c.link.Close(code)
		last()
		c.link.Inbox().End(true)
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running.Wait()
	if c.unsent > 0 {
		return fmt.Errorf("hotroom: closed before the server had %d of the frames that were sent", c.unsent)
	}
	return nil
}
