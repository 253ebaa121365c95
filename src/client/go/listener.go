package hotroom

import (
	"fmt"

	"hotroom/client/internal/wire"
)

// listener is the client as its link sees it: it keeps the places, and makes events of frames.
type listener struct{ places *places }

// Event makes an event of a frame, and nil of one that is of a newer server.
func (l listener) Event(frame wire.Frame) any {
	user := User{}
	if frame.User != nil {
		user = userOf(*frame.User)
	}
	switch frame.Event {
	case "message":
		if wire.IsBytes(frame.Data) {
			return Message{Room: frame.Room, Type: frame.Type, From: frame.From, Bytes: wire.Bytes(frame.Data)}
		}
		return Message{Room: frame.Room, Type: frame.Type, Data: frame.Data}
	case "join":
		l.places.joined(frame.Room, user)
		return Joined{frame.Room, user}
	case "leave":
		l.places.left(frame.Room, user)
		return Left{frame.Room, user, frame.Reason, frame.To}
	case "joined":
		l.places.enter(place{frame.Room, false}, wire.Members{Type: frame.Type, Users: frame.Users})
		return Entered{frame.Room}
	case "unsubscribed":
		l.places.endWatching(frame.Room)
		return Unsubscribed{frame.Room, frame.Reason}
	case "disconnect":
		user.Connected = false
		l.places.connected(frame.Room, user)
		return Disconnected{frame.Room, user}
	case "reconnect":
		l.places.connected(frame.Room, user)
		return Reconnected{frame.Room, user}
	case "room_add":
		return RoomAdded{frame.Room, frame.Type}
	case "room_remove":
		l.places.at(frame.Room, l.places.close)
		return RoomRemoved{frame.Room, frame.Reason}
	case "error":
		if frame.Error != nil {
			return Failed{refused(frame.Room, *frame.Error)}
		}
	}
	return nil
}

// Unreadable tells of a frame that is not of this protocol.
func (l listener) Unreadable(err error) any {
	return Failed{fmt.Errorf("hotroom: cannot read a frame of the server: %w", err)}
}

// Away tells that the connection was lost.
func (l listener) Away(end wire.End) any { return Away{closeError("", end)} }

// Welcome takes a session, and tells of the way back to it.
func (l listener) Welcome(welcome wire.Welcome) any {
	l.places.welcome(welcome)
	switch welcome.Outcome {
	case "":
		return nil
	case "resumed":
		return Back{int(welcome.Missed)}
	}
	reset := Reset{Missed: int(welcome.Missed)}
	for _, room := range welcome.Lost {
		if room == nil {
			reset.Other = true
		} else {
			reset.Rooms = append(reset.Rooms, *room)
		}
	}
	return reset
}

// Expired tells that the session has ended.
func (l listener) Expired() any {
	l.places.endAll()
	return Expired{}
}

// LoggedOut ends the rooms.
func (l listener) LoggedOut() { l.places.endAll() }

// Ended ends the rooms.
func (l listener) Ended() { l.places.endAll() }

// Refused makes the error of a request to which the server says no.
func (l listener) Refused(_, room string, failure wire.Failure) error { return refused(room, failure) }

// Closed makes the error of a request that came too late.
func (l listener) Closed(what string, end wire.End) error { return closeError(what, end) }

// LostReply makes the error of a request of which nobody knows what became.
func (l listener) LostReply(what string) error {
	return fmt.Errorf("hotroom: cannot %s: %w", what, ErrReplyLost)
}
