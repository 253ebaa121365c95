package link

import "sync"

// Inbox holds events until the reader of the client's events takes them, and knows what of the session that has got so far.
type Inbox struct {
	mu    sync.Mutex
	items []item
	bytes int
	// last is the number of the newest frame that came.
	last int64
	// open is false while nobody has asked for events: then they are not kept.
	open    bool
	ended   bool
	limit   int
	changed chan struct{}
}

// mostOwn is how many events of the client's own may wait where there is no room for others.
const mostOwn = 16

// largestInbox is what events may have together, in bytes of their frames.
const largestInbox = 16 << 20

// item is one event that waits.
type item struct {
	event any
	bytes int
	// before is the number of the newest frame that came before the event's own.
	before int64
}

// NewInbox returns an inbox that is full with so many events.
func NewInbox(limit int) *Inbox {
	return &Inbox{limit: limit, changed: make(chan struct{})}
}

// Open keeps events from now on; it returns true the first time.
func (b *Inbox) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := !b.open
	b.open = true
	return first
}

// Last returns the number of the newest frame that came.
func (b *Inbox) Last() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// Taken returns the number of the newest frame before which nothing waits.
func (b *Inbox) Taken() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) > 0 {
		return b.items[0].before
	}
	return b.last
}

// Begin sets the numbers to those of a session: none of a new one.
func (b *Inbox) Begin(last int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = last
	for index := range b.items {
		b.items[index].before = last
	}
}

// Note says that a frame has come that makes no event.
func (b *Inbox) Note(seq int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note(seq)
}

func (b *Inbox) note(seq int64) {
	if seq > b.last {
		b.last = seq
	}
}

// Full returns true if what a frame of so many bytes makes finds no room.
func (b *Inbox) Full(bytes int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open && (len(b.items) >= b.limit || b.bytes+bytes > largestInbox && len(b.items) > 0)
}

// Put adds what a frame of so many bytes has made.
func (b *Inbox) Put(event any, seq int64, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(event, bytes)
	b.note(seq)
}

// Tell adds an event of the client's own, which finds room always: there are two for each time that it is away.
func (b *Inbox) Tell(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(event, 0)
}

func (b *Inbox) add(event any, bytes int) {
	if !b.open || b.ended {
		return
	}
	b.items = append(b.items, item{event, bytes, b.last})
	b.bytes += bytes
	b.change()
}

// End takes no more events; with discard those that wait are dropped.
func (b *Inbox) End(discard bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if discard {
		b.items, b.bytes = nil, 0
	}
	b.ended = true
	b.change()
}

// Abandoned returns true if the inbox is full, and the client has been away some times since anything was read.
func (b *Inbox) Abandoned() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) >= b.limit+mostOwn
}

// First returns the oldest event; where there is none, a channel that is closed at a change, or nil at the end.
func (b *Inbox) First() (event any, ok bool, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) > 0 {
		return b.items[0].event, true, nil
	}
	if b.ended {
		return nil, false, nil
	}
	return nil, false, b.changed
}

// Pop drops the oldest event: it has been taken.
func (b *Inbox) Pop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) == 0 {
		return
	}
	b.bytes -= b.items[0].bytes
	b.items[0] = item{}
	b.items = b.items[1:]
	b.change()
}

// Room returns nil where half of the inbox is free, and else a channel that is closed at the next change.
func (b *Inbox) Room() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) <= b.limit/2 && b.bytes <= largestInbox/2 {
		return nil
	}
	return b.changed
}

func (b *Inbox) change() {
	close(b.changed)
	b.changed = make(chan struct{})
}
