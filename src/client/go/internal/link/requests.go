package link

import (
	"context"
	"encoding/json"
	"fmt"

	"hotroom/client/internal/wire"
)

// Send puts a frame without a reply on its way; it waits while as many are as may be.
func (l *Link) Send(ctx context.Context, frame wire.Request, what string) error {
	return l.enqueue(ctx, &entry{frame: frame}, what)
}

// Request sends a frame and waits for its reply, over as many connections as it takes.
func (l *Link) Request(
	ctx context.Context, frame wire.Request, what string, take func(json.RawMessage) error, late func(json.RawMessage),
) error {
	asked := newCall(frame, what, take, late)
	if err := l.enqueue(ctx, &entry{frame: frame, call: asked}, what); err != nil {
		return err
	}
	return l.wait(ctx, asked)
}

// Control sends a frame that no session counts (login, reconnect, ping) and waits for its reply.
func (l *Link) Control(
	ctx context.Context, frame wire.Request, what string, take func(json.RawMessage) error, late func(json.RawMessage),
) error {
	if err := ctx.Err(); err != nil {
		return given(what, err)
	}
	asked := newCall(frame, what, take, late)
	l.mu.Lock()
	if end := l.over(); end != nil {
		l.mu.Unlock()
		return l.client.Closed(what, *end)
	}
	if frame.Event == "reconnect" {
		// The replies of whoever had the session before have the numbers of its own requests.
		l.ids += 1 << 32
	}
	l.ids++
	asked.frame.ID = l.ids
	l.control = append(l.control, asked)
	l.mu.Unlock()
	l.signal()
	return l.wait(ctx, asked)
}

// Undo sends what undoes a request that nobody waits for any more; it finds room always. Take may be nil.
func (l *Link) Undo(frame wire.Request, take func(json.RawMessage) error) {
	l.mu.Lock()
	if l.isOpen && l.over() == nil {
		l.ids++
		undoing := newCall(frame, "undo", take, nil)
		frame.ID, undoing.frame.ID = l.ids, l.ids
		l.calls[l.ids] = undoing
		l.outbox.Add(&entry{frame: frame, call: undoing})
	}
	l.mu.Unlock()
	l.signal()
}

func (l *Link) enqueue(ctx context.Context, added *entry, what string) error {
	for {
		if err := ctx.Err(); err != nil {
			return given(what, err)
		}
		l.mu.Lock()
		if end := l.over(); end != nil {
			l.mu.Unlock()
			return l.client.Closed(what, *end)
		}
		if !l.isOpen {
			l.mu.Unlock()
			return l.client.Refused(what, added.frame.Room, notLoggedIn(what))
		}
		if l.outbox.Fits(added.frame) {
			if added.call != nil {
				l.ids++
				added.frame.ID, added.call.frame.ID = l.ids, l.ids
				l.calls[l.ids] = added.call
			}
			l.outbox.Add(added)
			l.mu.Unlock()
			l.signal()
			return nil
		}
		space := l.space
		l.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
		}
	}
}

// wait returns what becomes of a call, or the context's error.
func (l *Link) wait(ctx context.Context, asked *call) error {
	select {
	case err := <-asked.done:
		return err
	case <-ctx.Done():
	}
	l.mu.Lock()
	select {
	case err := <-asked.done:
		l.mu.Unlock()
		return err
	default:
	}
	if !l.waits(asked) {
		// The reply is being handled at this moment.
		l.mu.Unlock()
		return <-asked.done
	}
	asked.abandoned = true
	isUnsent := l.outbox.Cancel(asked)
	if isUnsent {
		l.spread()
	}
	if isUnsent || asked.late == nil {
		delete(l.calls, asked.frame.ID) // Its reply, if there is one, is nobody's.
	}
	if index := indexOf(l.control, asked); index >= 0 && !asked.written {
		l.control = append(l.control[:index:index], l.control[index+1:]...)
	}
	l.mu.Unlock()
	return given(asked.what, ctx.Err())
}

// waits returns true if the reply to a call is still to come; the lock is held.
func (l *Link) waits(asked *call) bool {
	return l.calls[asked.frame.ID] == asked || indexOf(l.control, asked) >= 0
}

// over returns how the link ended or is about to; the lock is held.
func (l *Link) over() *wire.End {
	if l.end != nil {
		return l.end
	}
	return l.closing
}

func indexOf(calls []*call, sought *call) int {
	for index, each := range calls {
		if each == sought {
			return index
		}
	}
	return -1
}

func given(what string, err error) error {
	return fmt.Errorf("hotroom: cannot %s: %w", what, err)
}

func notLoggedIn(what string) wire.Failure {
	return wire.Failure{Code: "not_logged_in", Message: fmt.Sprintf("Cannot %s: log in first.", what)}
}
