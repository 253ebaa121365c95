// Package link keeps a client's way to the server: one connection after another, so that nothing of a session is lost,
// done twice or reordered between them.
package link

import (
	"context"
	"errors"
	"sync"
	"time"

	"hotroom/client/internal/wire"
)

// Config says how a link behaves.
type Config struct {
	Opening wire.Opening
	// Timeout bounds each try to connect, and the closing handshake.
	Timeout time.Duration
	// Heartbeat is after how much silence the server is asked for a sign of life; after twice as much it is taken for dead.
	Heartbeat              time.Duration
	MinBackoff, MaxBackoff time.Duration
	// Queue is how many frames wait to be taken by the server, Events how many events wait to be read.
	Queue, Events int
}

// Client is whose link it is. Its methods are called one after another, each before the next frame is looked at.
type Client interface {
	// Event hears an event of the server. What it returns is told to who reads events, unless it is nil.
	Event(frame wire.Frame) any
	// Unreadable hears of a frame that is not of this protocol.
	Unreadable(err error) any
	// Away hears that the connection was lost, and that the link tries to come back.
	Away(end wire.End) any
	// Welcome hears that a session has begun or goes on. What is about the way back is told to who reads events.
	Welcome(welcome wire.Welcome) any
	// Expired hears that the session could not be resumed.
	Expired() any
	// LoggedOut hears that the user has.
	LoggedOut()
	// Ended hears that the link has ended.
	Ended()

	// Refused, Closed and LostReply make the errors of requests; what was to be done reads like `join room "lobby"`.
	Refused(what, room string, failure wire.Failure) error
	Closed(what string, end wire.End) error
	LostReply(what string) error
}

var (
	errSilent = errors.New("nothing was heard of the server")
	errSlow   = errors.New("events are not read as fast as they come")
)

// Link is one client's way to the server.
type Link struct {
	config  Config
	client  Client
	backoff *Backoff
	inbox   *Inbox
	// context ends where the link is closed while it is away.
	context context.Context
	cancel  context.CancelFunc
	wake    chan struct{}
	ended   chan struct{}

	mu      sync.Mutex
	socket  *wire.Socket
	secret  string
	grace   time.Duration
	isOpen  bool // a user is logged in
	outbox  *Outbox
	control []*call // uncounted requests: login, reconnect, ping
	calls   map[int64]*call
	// space is closed when the outbox may have room.
	space chan struct{}
	ids   int64
	probe *probe
	// asked: a probe is due.
	asked bool
	told  int64
	// untold counts frames that came since the server was told what was seen.
	untold int
	// missed is how many frames of a return are still to come.
	missed  int64
	closing *wire.End
	end     *wire.End
	// isHeard: the server has answered the close, so it has all that was written before.
	isHeard bool
}

// Open connects; the context bounds that only.
func Open(ctx context.Context, config Config, client Client) (*Link, error) {
	ctx, cancel := context.WithTimeout(ctx, config.Timeout)
	defer cancel()
	socket, err := wire.Open(ctx, config.Opening)
	if err != nil {
		return nil, err
	}
	l := &Link{
		config:  config,
		client:  client,
		backoff: NewBackoff(config.MinBackoff, config.MaxBackoff),
		inbox:   NewInbox(config.Events),
		wake:    make(chan struct{}, 1),
		ended:   make(chan struct{}),
		outbox:  NewOutbox(config.Queue),
		calls:   map[int64]*call{},
		space:   make(chan struct{}),
		socket:  socket,
	}
	l.context, l.cancel = context.WithCancel(context.Background())
	return l, nil
}

// Run carries frames until the link has ended.
func (l *Link) Run() {
	l.mu.Lock()
	socket := l.socket
	l.mu.Unlock()
	try := 0
	for socket != nil {
		began := time.Now()
		end := l.serve(socket)
		if time.Since(began) >= l.config.MaxBackoff {
			try = 0
		}
		if !l.leave(end) {
			break
		}
		socket = l.comeBack(end, try)
		try++
	}
	l.finish()
}

// Inbox returns the events that wait; whoever closes the link ends it.
func (l *Link) Inbox() *Inbox { return l.inbox }

// Done returns a channel that is closed when the link has ended.
func (l *Link) Done() <-chan struct{} { return l.ended }

// End returns how the link ended; nil while it has not.
func (l *Link) End() *wire.End {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Secret returns the session's secret, empty without a session.
func (l *Link) Secret() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.secret
}

// Close ends the link: what was sent goes out first, what waits for a reply fails at once. It returns how many frames the
// server may not have got.
func (l *Link) Close(code int) int {
	l.mu.Lock()
	if l.end == nil && l.closing == nil {
		l.closing = &wire.End{Code: code}
		for _, each := range l.forget() {
			each.fail(l.client.Closed(each.what, *l.closing))
		}
		if l.socket == nil {
			l.cancel()
		}
	}
	l.mu.Unlock()
	l.signal()
	timer := time.NewTimer(l.config.Timeout)
	defer timer.Stop()
	select {
	case <-l.ended:
	case <-timer.C:
		l.cancel()
		l.mu.Lock()
		socket := l.socket
		l.mu.Unlock()
		if socket != nil {
			socket.Drop(wire.End{Code: wire.CloseAbnormal, Reason: "no answer to the close"})
		}
		<-l.ended
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isHeard {
		return l.outbox.Unwritten()
	}
	return len(l.outbox.entries)
}

// leave notes that the connection has ended; it returns true if the link is to come back.
func (l *Link) leave(end wire.End) bool {
	l.mu.Lock()
	l.socket = nil
	l.probe = nil
	for _, each := range l.control {
		each.written = false
	}
	returns := l.isOpen && l.grace > 0 && l.closing == nil && wire.MayReturn(end.Code)
	if !returns {
		l.end = &end
		if l.closing != nil {
			l.isHeard = end.Code == l.closing.Code || end.Code == wire.CloseNoCode
			l.end = l.closing
		}
	}
	l.mu.Unlock()
	if returns {
		l.tell(l.client.Away(end))
	}
	return returns
}

// finish fails all that waits: the link has ended.
func (l *Link) finish() {
	l.mu.Lock()
	if l.end == nil {
		l.end = l.closing
	}
	end, waiting := *l.end, l.forget()
	l.mu.Unlock()
	l.cancel()
	for _, each := range waiting {
		each.fail(l.client.Closed(each.what, end))
	}
	l.client.Ended()
	l.inbox.End(false)
	close(l.ended)
}

// forget returns the calls that wait and drops them; the lock is held.
func (l *Link) forget() []*call {
	waiting := append(l.control, l.forgetCounted()...)
	l.control = nil
	return waiting
}

// forgetCounted returns the calls of the session that wait and drops them; the lock is held.
func (l *Link) forgetCounted() []*call {
	var waiting []*call
	for _, each := range l.calls {
		waiting = append(waiting, each)
	}
	l.calls = map[int64]*call{}
	l.spread()
	return waiting
}

// tell adds an event of the client's own, unless it is nil.
func (l *Link) tell(event any) {
	if event != nil {
		l.inbox.Tell(event)
	}
}

// spread tells those who wait for room to look again; the lock is held.
func (l *Link) spread() {
	close(l.space)
	l.space = make(chan struct{})
}

// signal tells the writer to look again.
func (l *Link) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
