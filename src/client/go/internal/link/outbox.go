package link

import "hotroom/client/internal/wire"

// Outbox holds the counted frames of a session, in order, from when they are sent until the server is known to have them.
type Outbox struct {
	entries []*entry
	// written is how many of the entries went over the connection that there is.
	written int
	// taken is how many frames before the entries the server has.
	taken  int64
	bytes  int
	frames int
	// keeps: the server says up to which frame it would have them after a new start; until then they may be needed again.
	keeps bool
}

// largestOutbox is what frames may have together, in bytes of their data.
const largestOutbox = 4 << 20

// entry is one frame of the client, and who waits for its reply, if anybody.
type entry struct {
	frame wire.Request
	call  *call
	// answered: its reply has come, so it is not sent again.
	answered bool
}

// NewOutbox returns an outbox that is full with so many frames.
func NewOutbox(frames int) *Outbox {
	return &Outbox{frames: frames}
}

// Begin forgets all frames: another session begins, of which the server has so many.
func (o *Outbox) Begin(taken int64) {
	o.entries, o.written, o.taken, o.bytes, o.keeps = nil, 0, taken, 0, false
}

// Keep notes the number up to which the server needs no frames any more, also after a new start.
func (o *Outbox) Keep(number int64) {
	o.keeps = true
	if written := o.Written(); number > written {
		number = written
	}
	o.Took(number)
}

// Fits returns true if there is room for one more frame; a large one fits where there is no other.
func (o *Outbox) Fits(frame wire.Request) bool {
	return len(o.entries) == 0 || len(o.entries) < o.frames && o.bytes+len(frame.Data) <= largestOutbox
}

// Add appends a frame.
func (o *Outbox) Add(added *entry) {
	o.entries = append(o.entries, added)
	o.bytes += len(added.frame.Data)
}

// Next returns the oldest frame that the connection has not got, as written.
func (o *Outbox) Next() *entry {
	if o.written == len(o.entries) {
		return nil
	}
	o.written++
	return o.entries[o.written-1]
}

// Written returns the number of the newest frame that the connection has got.
func (o *Outbox) Written() int64 { return o.taken + int64(o.written) }

// Unwritten returns how many frames no connection has got since the last one was lost.
func (o *Outbox) Unwritten() int { return len(o.entries) - o.written }

// Took drops the frames up to a number that the server is known to have.
func (o *Outbox) Took(number int64) {
	count := int(number - o.taken)
	if count <= 0 {
		return
	}
	if count > len(o.entries) {
		count = len(o.entries)
	}
	for _, each := range o.entries[:count] {
		o.bytes -= len(each.frame.Data)
	}
	o.entries = append(o.entries[:0:0], o.entries[count:]...)
	o.taken += int64(count)
	o.written -= count
	if o.written < 0 {
		o.written = 0
	}
}

// TookCall drops the frames up to that of a call, which has its reply: the server takes frames in order. Where it may lose some of
// them at its end they stay.
func (o *Outbox) TookCall(answered *call) {
	for index, each := range o.entries[:o.written] {
		if each.call == answered {
			if o.keeps {
				each.answered = true
				return
			}
			o.Took(o.taken + int64(index) + 1)
			return
		}
	}
}

// Rewind makes a new connection get what the server has not: it has so many frames of the session, and those numbered
// beyond. What nobody waits for any more and has not arrived is left out.
func (o *Outbox) Rewind(received int64, beyond []int64) {
	had := map[*entry]bool{}
	for _, number := range beyond {
		if index := number - o.taken - 1; index >= 0 && index < int64(len(o.entries)) {
			had[o.entries[index]] = true
		}
	}
	o.Took(received)
	// A server that was started again may know of fewer than have been answered.
	if received < o.taken {
		o.taken = received
	}
	o.written = 0
	kept := o.entries[:0:0]
	for _, each := range o.entries {
		if had[each] || each.answered || each.call != nil && each.call.abandoned {
			o.bytes -= len(each.frame.Data)
			continue
		}
		kept = append(kept, each)
	}
	o.entries = kept
}

// Cancel takes a call's frame out where no connection has got it; it returns true if it did.
func (o *Outbox) Cancel(given *call) bool {
	for index := o.written; index < len(o.entries); index++ {
		if o.entries[index].call == given {
			o.bytes -= len(o.entries[index].frame.Data)
			o.entries = append(o.entries[:index:index], o.entries[index+1:]...)
			return true
		}
	}
	return false
}

// Holds returns true if the server is not known to have a call's frame.
func (o *Outbox) Holds(sought *call) bool {
	for _, each := range o.entries {
		if each.call == sought {
			return true
		}
	}
	return false
}
