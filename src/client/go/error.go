package hotroom

import (
	"encoding/json"
	"errors"
	"fmt"

	"hotroom/client/internal/wire"
)

var (
	// ErrClosed is why requests of a client fail that has ended. The error is a *CloseError, which says how it ended.
	ErrClosed = errors.New("hotroom: the client has ended")
	// ErrReplyLost is why a request fails that the server has taken, and whose reply is among what it could not keep while
	// the client was away: it has happened or not. A Reset event tells of such a gap.
	ErrReplyLost = errors.New("its reply was lost while the client was away")
)

// Error is what the server answers where it says no. errors.Is finds its Code:
//
//	if errors.Is(err, hotroom.RoomFull) { … }
type Error struct {
	Code Code
	// Message is for people: `Cannot join room "lobby": it is full (2 of 2).`
	Message string
	// Room is the room that the error is about, where it is about one.
	Room string
	// Data is what a script has given to its refuse besides the reason, where it has.
	Data json.RawMessage
}

func (e *Error) Error() string { return fmt.Sprintf("hotroom: %s: %s", string(e.Code), e.Message) }

// Unwrap returns the Code.
func (e *Error) Unwrap() error { return e.Code }

// CloseError is how a connection ended: a WebSocket close code, of which docs/PROTOCOL.md has those from 4000 on, or 1006
// with what failed. errors.Is finds ErrClosed.
type CloseError struct {
	Code   int
	Reason string
	// Err is what failed where no close frame came.
	Err  error
	what string
}

func (e *CloseError) Error() string {
	text := "hotroom: the connection is closed"
	if e.what != "" {
		text = "hotroom: cannot " + e.what + ": the connection is closed"
	}
	switch {
	case e.Err != nil:
		return fmt.Sprintf("%s (%d): %v", text, e.Code, e.Err)
	case e.Reason != "":
		return fmt.Sprintf("%s (%d): %s", text, e.Code, e.Reason)
	default:
		return fmt.Sprintf("%s (%d)", text, e.Code)
	}
}

// Is returns true for ErrClosed.
func (e *CloseError) Is(target error) bool { return target == ErrClosed }

// Unwrap returns what failed.
func (e *CloseError) Unwrap() error { return e.Err }

func closeError(what string, end wire.End) *CloseError {
	return &CloseError{end.Code, end.Reason, end.Err, what}
}

func refused(room string, failure wire.Failure) *Error {
	return &Error{Code(failure.Code), failure.Message, room, failure.Data}
}

// Code says what is wrong with a request, for programs. It is an error, so that errors.Is finds it in an Error; one that is
// not among the constants is of a newer server, and means what Internal does.
type Code string

func (c Code) Error() string { return "hotroom: " + string(c) }

// The codes of docs/PROTOCOL.md.
const (
	// BadFrame: The frame is binary, is no JSON object of this protocol, or holds a value that can't be kept.
	BadFrame Code = "bad_frame"
	// TooLarge: The frame is larger than the server takes.
	TooLarge Code = "too_large"
	// RateLimited: The connection sent more frames, or wrong passwords, than it may; the frame was not handled.
	RateLimited Code = "rate_limited"
	// Busy: Too many events wait for the script, or for too long; the frame was not handled and may be sent again later.
	Busy Code = "busy"
	// NotLoggedIn: The request needs a user, and the connection has not logged in.
	NotLoggedIn Code = "not_logged_in"
	// AlreadyLoggedIn: The connection carries a user already; log out first.
	AlreadyLoggedIn Code = "already_logged_in"
	// LoginRefused: The application's login handler said no; the message is its reason.
	LoginRefused Code = "login_refused"
	// InvalidName: A name breaks the name rule, or a login gives none.
	InvalidName Code = "invalid_name"
	// InvalidToken: The application asks for a token: there is none, it is not valid, or that of the session has expired.
	InvalidToken Code = "invalid_token"
	// NameTaken: Another user of the application has that name.
	NameTaken Code = "name_taken"
	// TooManyUsers: The application has as many users as it may have.
	TooManyUsers Code = "too_many_users"
	// SessionExpired: The session token is unknown, was ended by a logout, or its grace period is over.
	SessionExpired Code = "session_expired"
	// RoomNotFound: The application has no room of that name.
	RoomNotFound Code = "room_not_found"
	// RoomExists: The application has a room of that name already.
	RoomExists Code = "room_exists"
	// RoomTypeNotFound: The application has no room type of that name.
	RoomTypeNotFound Code = "room_type_not_found"
	// RoomFull: The room has as many users, or watchers, as it may have.
	RoomFull Code = "room_full"
	// RoomLocked: The room is locked: no client can join it now.
	RoomLocked Code = "room_locked"
	// RoomClosed: The room closed before the request could be handled.
	RoomClosed Code = "room_closed"
	// TooManyRooms: The application has as many rooms as it may have, or the user has made, is in or watches as many as it may.
	TooManyRooms Code = "too_many_rooms"
	// WrongPassword: The room has a password, and the one given is missing or is another.
	WrongPassword Code = "wrong_password"
	// CreateRefused: The application's create handler said no; the message is its reason.
	CreateRefused Code = "create_refused"
	// JoinRefused: The room's join handler said no; the message is its reason.
	JoinRefused Code = "join_refused"
	// WatchRefused: The room's watch handler said no; the message is its reason.
	WatchRefused Code = "watch_refused"
	// NotAllowed: The application's settings don't let clients do that.
	NotAllowed Code = "not_allowed"
	// AlreadyInRoom: The user is a member of the room already.
	AlreadyInRoom Code = "already_in_room"
	// NotInRoom: The user is not a member of the room.
	NotInRoom Code = "not_in_room"
	// AlreadySubscribed: The connection watches the room already.
	AlreadySubscribed Code = "already_subscribed"
	// NotSubscribed: The connection does not watch the room.
	NotSubscribed Code = "not_subscribed"
	// NoHandler: The script has no handler for that type of message.
	NoHandler Code = "no_handler"
	// InvalidData: The data does not fit what the handler or the request takes; the message names the path.
	InvalidData Code = "invalid_data"
	// Refused: A message handler said no; the message is its reason.
	Refused Code = "refused"
	// HandlerFailed: The script's handler threw, ran into a limit, or returned what can't be sent.
	HandlerFailed Code = "handler_failed"
	// NotSaved: The event could not be saved, so it has not happened; it may be sent again later.
	NotSaved Code = "not_saved"
	// ApplicationUnavailable: The application is not loaded, is being removed, or its script can't be run.
	ApplicationUnavailable Code = "application_unavailable"
	// Internal: The server failed in a way that it has no code for; its log says more.
	Internal Code = "internal"
)
