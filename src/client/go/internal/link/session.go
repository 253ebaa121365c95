package link

import (
	"context"
	"encoding/json"
	"time"

	"hotroom/client/internal/wire"
)

// Login begins a session with the data, which the application's login handler takes.
func (l *Link) Login(ctx context.Context, data json.RawMessage) error {
	frame := wire.Request{Event: "login", Data: data}
	take := func(data json.RawMessage) error { return l.begin(data, 0) }
	// A login that nobody waits for any more makes no user.
	late := func(data json.RawMessage) {
		if take(data) == nil {
			l.Undo(wire.Request{Event: "logout"}, l.loggedOut)
		}
	}
	return l.Control(ctx, frame, "log in", take, late)
}

// Adopt goes on with a session that another link has left, of which so much was seen.
func (l *Link) Adopt(ctx context.Context, secret string, seen int64) error {
	data, err := wire.Encode(reconnect{secret, seen})
	if err != nil {
		return err
	}
	take := func(data json.RawMessage) error { return l.begin(data, seen) }
	late := func(data json.RawMessage) { _ = take(data) } // Its errors are for who waits.
	return l.Control(ctx, wire.Request{Event: "reconnect", Data: data}, "resume the session", take, late)
}

// Logout ends the session.
func (l *Link) Logout(ctx context.Context) error {
	return l.Request(ctx, wire.Request{Event: "logout"}, "log out", l.loggedOut, nil)
}

// reconnect is the data of a request to resume.
type reconnect struct {
	Session string `json:"session"`
	Seen    int64  `json:"seen"`
}

// begin takes the reply that makes a session this link's, of which so much was seen.
func (l *Link) begin(data json.RawMessage, seen int64) error {
	var welcome wire.Welcome
	if err := json.Unmarshal(data, &welcome); err != nil {
		return err
	}
	l.mu.Lock()
	l.isOpen = true
	l.outbox.Begin(welcome.Received)
	l.keep(welcome)
	l.inbox.Begin(seen)
	l.welcome(welcome, seen)
	l.mu.Unlock()
	l.tell(l.client.Welcome(welcome))
	return nil
}

// welcome takes what a reply to login or reconnect says of the session; the lock is held.
func (l *Link) welcome(welcome wire.Welcome, seen int64) {
	l.secret = welcome.Session
	l.grace = time.Duration(welcome.Grace) * time.Millisecond
	l.told, l.untold, l.missed = seen, 0, welcome.Missed
	// The old secret works until a frame follows the one that changed it.
	l.asked = welcome.Outcome != ""
}

// resumed takes the reply that brings the session to a new connection.
func (l *Link) resumed(data json.RawMessage, seen int64) error {
	var welcome wire.Welcome
	if err := json.Unmarshal(data, &welcome); err != nil {
		return err
	}
	l.mu.Lock()
	l.outbox.Rewind(welcome.Received, welcome.Beyond)
	l.keep(welcome)
	l.welcome(welcome, seen)
	if isReplyLost(welcome) {
		for _, each := range l.calls {
			each.doubtful = !l.outbox.Holds(each)
		}
	}
	l.spread()
	l.mu.Unlock()
	l.tell(l.client.Welcome(welcome))
	if welcome.Missed == 0 {
		l.giveUpDoubtful()
	}
	return nil
}

// keep takes what a reply says of frames that are needed no more; the lock is held.
func (l *Link) keep(welcome wire.Welcome) {
	if welcome.Kept != nil {
		l.outbox.Keep(*welcome.Kept)
	}
}

// isReplyLost returns true if replies may be among what the server could not keep.
func isReplyLost(welcome wire.Welcome) bool {
	for _, room := range welcome.Lost {
		if room == nil {
			return true
		}
	}
	return false
}

// giveUpDoubtful fails the requests whose reply the server has not kept: all that it has kept has come.
func (l *Link) giveUpDoubtful() {
	l.mu.Lock()
	var lost []*call
	for id, each := range l.calls {
		if each.doubtful {
			delete(l.calls, id)
			lost = append(lost, each)
		}
	}
	l.mu.Unlock()
	for _, each := range lost {
		each.fail(l.client.LostReply(each.what))
	}
}

// loggedOut takes the reply to a logout.
func (l *Link) loggedOut(json.RawMessage) error {
	for _, each := range l.close() {
		failure := wire.Failure{Code: "not_logged_in", Message: "Cannot " + each.what + ": the user has logged out."}
		each.fail(l.client.Refused(each.what, each.frame.Room, failure))
	}
	l.client.LoggedOut()
	return nil
}

// expired ends a session that the server has no more; the connection stays, for a login.
func (l *Link) expired() {
	for _, each := range l.close() {
		if each.frame.Event == "logout" {
			each.answer(nil)
		} else {
			failure := wire.Failure{Code: "session_expired", Message: "Cannot " + each.what + ": the session has ended."}
			each.fail(l.client.Refused(each.what, each.frame.Room, failure))
		}
	}
	l.tell(l.client.Expired())
}

// close forgets the session; it returns the requests that wait.
func (l *Link) close() []*call {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isOpen, l.secret, l.grace = false, "", 0
	l.outbox.Begin(0)
	return l.forgetCounted()
}
