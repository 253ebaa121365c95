package hotroom

import (
	"context"
	"encoding/json"
	"fmt"

	"hotroom/client/internal/wire"
)

// User is a user of the application.
type User struct {
	ID, Name string
	// Connected is false while the user has lost its connection and may come back.
	Connected bool
}

// Room is a room that the client's user is in, or that it watches. It is the same when the client was away.
type Room struct {
	client   *Client
	name     string
	kind     string
	watching bool
	data     json.RawMessage

	// Of the client's lock.
	users []User
	ended bool
}

// Name returns the room's name.
func (r *Room) Name() string { return r.name }

// Type returns the room's type.
func (r *Room) Type() string { return r.kind }

// Watching returns true if the room is watched, by Subscribe.
func (r *Room) Watching() bool { return r.watching }

// Data returns what the room's script has returned to who entered, where it has: its watch handler to Subscribe.
func (r *Room) Data() json.RawMessage {
	r.client.places.mu.Lock()
	defer r.client.places.mu.Unlock()
	return r.data
}

// Users returns the members in the order in which they joined, as of the newest frame: Events may still be about to tell.
// There are none where the room has ended.
func (r *Room) Users() []User {
	r.client.places.mu.Lock()
	defer r.client.places.mu.Unlock()
	return append([]User(nil), r.users...)
}

// Ended returns true if the client is no longer in the room, or watches it no longer.
func (r *Room) Ended() bool {
	r.client.places.mu.Lock()
	defer r.client.places.mu.Unlock()
	return r.ended
}

// Send sends a message to the room's script without asking for a reply: a []byte as it is, all else as JSON; where it is refused, a Failed event tells. It returns
// as soon as the message is in the client's queue, and waits while that is full. Only members may.
func (r *Room) Send(ctx context.Context, kind string, data any) error {
	return r.client.send(ctx, wire.Request{Room: r.name, Type: kind}, data)
}

// Request sends a message to the room's script, as Send does, and reads what its handler returned into what reply points to, as
// json.Unmarshal does; bytes into a *[]byte. Reply may be nil. Only members may.
func (r *Room) Request(ctx context.Context, kind string, data, reply any) error {
	return r.client.request(ctx, wire.Request{Room: r.name, Type: kind}, data, reply)
}

// Leave leaves the room, or stops watching it. It does nothing where it has ended.
func (r *Room) Leave(ctx context.Context) error {
	if r.Ended() {
		return nil
	}
	frame := wire.Request{Event: "leave", Room: r.name}
	if r.watching {
		frame.Event = "unsubscribe"
	}
	err := r.client.link.Request(ctx, frame, fmt.Sprintf("leave room %q", r.name), func(json.RawMessage) error {
		r.client.places.end(r)
		return nil
	}, nil)
	if _, isRefused := err.(*Error); isRefused && r.Ended() {
		return nil // It ended by itself meanwhile.
	}
	return err
}

func (c *Client) enter(ctx context.Context, at place, verb, undo string, data any) (*Room, error) {
	what := fmt.Sprintf("%s room %q", verb, at.room)
	text, err := wire.Encode(data)
	if err != nil {
		return nil, fmt.Errorf("hotroom: cannot %s: %w", what, err)
	}
	var room *Room
	take := func(reply json.RawMessage) error {
		var entered wire.Members
		err := decode(reply, &entered)
		room = c.places.enter(at, entered)
		return err
	}
	// Nobody would know of a room that is entered after the wait was given up.
	late := func(json.RawMessage) { c.link.Undo(wire.Request{Event: undo, Room: at.room}, nil) }
	if err := c.link.Request(ctx, wire.Request{Event: verb, Room: at.room, Data: text}, what, take, late); err != nil {
		return nil, err
	}
	return room, nil
}

func (c *Client) send(ctx context.Context, frame wire.Request, data any) error {
	frame, what, err := message(frame, data)
	if err != nil {
		return err
	}
	return c.link.Send(ctx, frame, what)
}

func (c *Client) request(ctx context.Context, frame wire.Request, data, reply any) error {
	frame, what, err := message(frame, data)
	if err != nil {
		return err
	}
	return c.link.Request(ctx, frame, what, func(data json.RawMessage) error { return decode(data, reply) }, nil)
}

func message(frame wire.Request, data any) (wire.Request, string, error) {
	what := fmt.Sprintf("send %q", frame.Type)
	if frame.Room != "" {
		what += fmt.Sprintf(" to room %q", frame.Room)
	}
	text, err := wire.EncodeData(data)
	if err != nil {
		return frame, what, fmt.Errorf("hotroom: cannot %s: %w", what, err)
	}
	frame.Event, frame.Data = "message", text
	return frame, what, nil
}
