package link

import (
	"context"
	"time"

	"hotroom/client/internal/wire"
)

// comeBack opens connections until one has the session, or the server has no such session any more. It returns nil where
// the link ends instead.
func (l *Link) comeBack(end wire.End, try int) *wire.Socket {
	isCrowd := end.Code == wire.CloseShutdown
	for ; ; try++ {
		if !l.pause(l.backoff.Delay(try, isCrowd)) || !l.untilReadable() {
			return nil
		}
		isCrowd = false
		socket := l.open()
		if socket == nil {
			continue
		}
		if l.resume(socket) {
			l.mu.Lock()
			l.socket = socket
			l.mu.Unlock()
			return socket
		}
		socket.Drop(wire.End{Code: wire.CloseAbnormal})
		if l.End() != nil {
			return nil
		}
	}
}

func (l *Link) open() *wire.Socket {
	ctx, cancel := context.WithTimeout(l.context, l.config.Timeout)
	defer cancel()
	socket, err := wire.Open(ctx, l.config.Opening)
	if err != nil {
		return nil // Another try follows; how the connection was lost has been told.
	}
	return socket
}

// resume asks for the session; it returns true if frames can go on over the socket, with the session or without it.
func (l *Link) resume(socket *wire.Socket) bool {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-l.context.Done():
			socket.Drop(wire.End{Code: wire.CloseNormal})
		case <-done:
		}
	}()

	seen := l.inbox.Last()
	l.mu.Lock()
	l.ids++
	id, secret := l.ids, l.secret
	l.mu.Unlock()
	data, err := wire.Encode(reconnect{secret, seen})
	if err != nil {
		return false
	}
	text, err := wire.Encode(wire.Request{Event: "reconnect", ID: id, Data: data})
	if err != nil || socket.Write(text, l.config.Timeout) != nil {
		return false
	}
	reply := l.replyTo(socket, id)
	switch {
	case reply == nil:
		return false
	case reply.OK:
		return l.resumed(reply.Data, seen) == nil
	case isPassing(reply.Error.Code):
		return false
	default:
		l.expired()
		return true
	}
}

// replyTo reads until the reply to a request; it returns nil where there is none.
func (l *Link) replyTo(socket *wire.Socket, id int64) *wire.Frame {
	socket.ReadBefore(time.Now().Add(l.config.Timeout))
	defer socket.ReadBefore(time.Time{})
	for {
		text, end := socket.Read()
		if end != nil {
			if !wire.MayReturn(end.Code) && l.context.Err() == nil {
				l.mu.Lock()
				l.end = end
				l.mu.Unlock()
			}
			return nil
		}
		if frame, err := wire.Parse(text); err == nil && frame.Event == "" && frame.ID == id {
			return &frame
		}
	}
}

// isPassing returns true if a server that answers so may have the session a moment later.
func isPassing(code string) bool {
	switch code {
	case "session_expired", "invalid_token", "invalid_data", "bad_frame":
		return false
	}
	return true
}

// pause waits; it returns false where the link is closed meanwhile.
func (l *Link) pause(duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.context.Done():
		return false
	}
}

// untilReadable waits until events have room again, or the session is halfway to its end: who reads them may wait for a
// reply. It returns false where the link is closed meanwhile, or ends it, since nobody reads at all.
func (l *Link) untilReadable() bool {
	timer := time.NewTimer(l.grace / 2)
	defer timer.Stop()
	for {
		changed := l.inbox.Room()
		if changed == nil {
			return l.context.Err() == nil
		}
		select {
		case <-changed:
		case <-timer.C:
			if !l.inbox.Abandoned() {
				return true
			}
			l.mu.Lock()
			l.end = &wire.End{Code: wire.CloseAbnormal, Err: errSlow}
			l.mu.Unlock()
			return false
		case <-l.context.Done():
			return false
		}
	}
}
