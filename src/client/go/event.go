package hotroom

import (
	"encoding/json"
	"errors"

	"hotroom/client/internal/wire"
)

// Event is something that Client.Events tells: one of the types of this file.
type Event interface{ isEvent() }

type (
	// Message is what a script has sent, or another user by a relay.
	Message struct {
		// Room is empty where it comes from the application.
		Room string
		Type string
		Data json.RawMessage
		// Bytes is the data where that is bytes, and not nil then; Data is.
		Bytes []byte
		// From is the id of the user whose bytes these are, where the server has passed them on; with other data it stands in these.
		From string
	}

	// Joined tells that somebody is a member of a room from now on.
	Joined struct {
		Room string
		User User
	}

	// Left tells that somebody is no longer a member of a room. Where User is the client's own, a script has put it out, or has
	// moved it to another room.
	Left struct {
		Room   string
		User   User
		Reason string
		// To is the room that the client's user is moved to: Entered follows.
		To string
	}

	// Entered tells that a script has put the client's user into a room, which Client.Room finds.
	Entered struct{ Room string }

	// Unsubscribed tells that a script has put an end to watching a room.
	Unsubscribed struct{ Room, Reason string }

	// Disconnected tells that a member of a room has lost its connection, and may come back.
	Disconnected struct {
		Room string
		User User
	}

	// Reconnected tells that a member of a room has come back.
	Reconnected struct {
		Room string
		User User
	}

	// RoomAdded tells that a room of the application is open.
	RoomAdded struct{ Room, Type string }

	// RoomRemoved tells that a room of the application is gone, and with it the client's place in it.
	RoomRemoved struct{ Room, Reason string }

	// Failed tells that something went wrong for which nobody waits, as a message that was sent without asking for a reply.
	Failed struct{ Err error }

	// Away tells that the connection was lost, and that the client tries to come back. What is sent meanwhile waits.
	Away struct{ Err error }

	// Back tells that the client has come back and nothing is missing: what happened meanwhile follows.
	Back struct {
		// Missed is how many frames follow that would have come meanwhile.
		Missed int
	}

	// Reset tells that the client has come back, and that something is missing that the server could not keep. What it
	// has kept follows; who is in which room is known in any case.
	Reset struct {
		// Missed is how many frames follow that would have come meanwhile.
		Missed int
		// Rooms are those with a gap.
		Rooms []string
		// Other says that something is missing that is about no room: a message of the application, a reply.
		Other bool
	}

	// Expired tells that the client was away for too long: its session has ended, and its rooms with it. It may log in again.
	Expired struct{}
)

func (Message) isEvent()      {}
func (Joined) isEvent()       {}
func (Left) isEvent()         {}
func (Entered) isEvent()      {}
func (Unsubscribed) isEvent() {}
func (Disconnected) isEvent() {}
func (Reconnected) isEvent()  {}
func (RoomAdded) isEvent()    {}
func (RoomRemoved) isEvent()  {}
func (Failed) isEvent()       {}
func (Away) isEvent()         {}
func (Back) isEvent()         {}
func (Reset) isEvent()        {}
func (Expired) isEvent()      {}

// Decode reads the data of a message into what value points to, as json.Unmarshal does; bytes into a *[]byte.
func (m Message) Decode(value any) error {
	if m.Bytes != nil {
		return decodeBytes(m.Bytes, value)
	}
	return decode(m.Data, value)
}

var errBytes = errors.New("the data is bytes, which can be read into a *[]byte only")

func decodeBytes(data []byte, value any) error {
	into, isBytes := value.(*[]byte)
	if !isBytes {
		return errBytes
	}
	*into = data
	return nil
}

// decode reads data that may be absent.
func decode(data json.RawMessage, value any) error {
	if value == nil {
		return nil
	}
	if wire.IsBytes(data) {
		return decodeBytes(wire.Bytes(data), value)
	}
	if len(data) == 0 {
		data = json.RawMessage("null")
	}
	return json.Unmarshal(data, value)
}
