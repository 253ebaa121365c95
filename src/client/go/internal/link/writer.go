package link

import (
	"encoding/json"
	"time"

	"hotroom/client/internal/wire"
)

const (
	// seenEvery is after how many frames the server is told that they came, so that it need not keep them.
	seenEvery = 50
	// writePatience is how many heartbeats a frame may take to be written: then the connection is dead.
	writePatience = 2
)

// probe is a ping of the link's own: its answer says that the server lives, and has what was written before it.
type probe struct {
	id      int64
	covered int64
}

// write carries the frames of one connection until done is closed.
func (l *Link) write(socket *wire.Socket, done <-chan struct{}) {
	ticker := time.NewTicker(l.config.Heartbeat/2 + 1)
	defer ticker.Stop()
	isClosing := false
	for {
		frame, closing := l.next()
		if frame != nil {
			text, err := frame.Write()
			if err == nil {
				err = socket.Write(text, writePatience*l.config.Heartbeat)
			}
			if err != nil {
				socket.Drop(wire.End{Code: wire.CloseAbnormal, Err: err})
				return
			}
			continue
		}
		if closing != nil && !isClosing {
			isClosing = true
			socket.SendClose(closing.Code, "")
		}
		select {
		case <-done:
			return
		case <-l.wake:
		case <-ticker.C:
			l.beat(socket)
		}
	}
}

// next returns the frame that is to be written, or nil and whether the connection is to be closed then.
func (l *Link) next() (*wire.Request, *wire.End) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, each := range l.control {
		if !each.written {
			each.written = true
			return &each.frame, nil
		}
	}
	if frame := l.dueProbe(); frame != nil {
		return l.withSeen(*frame), nil
	}
	if next := l.outbox.Next(); next != nil {
		return l.withSeen(next.frame), nil
	}
	return nil, l.closing
}

// dueProbe returns a ping where the server is to be heard, is to be told what was seen, or is to say what it has.
func (l *Link) dueProbe() *wire.Request {
	isDue := l.asked || l.untold >= seenEvery || l.outbox.written > l.outbox.frames/4
	if !isDue || l.probe != nil || len(l.control) > 0 || l.closing != nil {
		return nil
	}
	l.asked, l.untold = false, 0
	l.ids++
	l.probe = &probe{l.ids, l.outbox.Written()}
	return &wire.Request{Event: "ping", ID: l.ids}
}

// withSeen adds the number of the newest frame that was taken, where the server does not know.
func (l *Link) withSeen(frame wire.Request) *wire.Request {
	if taken := l.inbox.Taken(); l.isOpen && taken > l.told {
		frame.Seen, l.told, l.untold = taken, taken, 0
	}
	return &frame
}

// beat looks whether the server lives.
func (l *Link) beat(socket *wire.Socket) {
	silence := socket.Silence()
	if silence >= 2*l.config.Heartbeat {
		socket.Drop(wire.End{Code: wire.CloseAbnormal, Err: errSilent})
		return
	}
	l.mu.Lock()
	if silence >= l.config.Heartbeat || l.isOpen && l.inbox.Taken() > l.told {
		l.asked = true
	}
	l.mu.Unlock()
}

// answered handles the reply to a ping of the link's own; it returns false where it is none.
func (l *Link) answered(id int64, data json.RawMessage) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe == nil || l.probe.id != id {
		return false
	}
	var pong wire.Pong
	if json.Unmarshal(data, &pong) == nil && pong.Kept != nil {
		l.outbox.Keep(*pong.Kept)
	} else {
		l.outbox.Took(l.probe.covered)
	}
	l.probe = nil
	l.spread()
	return true
}

// reply handles the reply to a request.
func (l *Link) reply(frame wire.Frame) {
	if l.answered(frame.ID, frame.Data) {
		l.signal()
		return
	}
	l.mu.Lock()
	asked := l.calls[frame.ID]
	if asked != nil {
		delete(l.calls, frame.ID)
		l.outbox.TookCall(asked)
		l.spread()
	} else {
		for index, each := range l.control {
			if each.frame.ID == frame.ID {
				asked = each
				l.control = append(l.control[:index:index], l.control[index+1:]...)
				break
			}
		}
	}
	l.mu.Unlock()
	switch {
	case asked == nil: // Whoever had the session before has asked.
	case frame.OK:
		asked.answer(frame.Data)
	default:
		asked.fail(l.client.Refused(asked.what, asked.frame.Room, *frame.Error))
	}
	l.signal()
}
