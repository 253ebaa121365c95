package main

// hearing is what one client hears of one room, which numbers what it says: to all, and to this client alone. It outlives a leave:
// the room begins again for who joins again.
type hearing struct {
	talker *talker
	room   string
	// sent is the number of the client's last frame to the room, joined how often it has joined.
	sent, joined int
	// begun is how often the room has begun.
	begun, saidLast, toldLast int
	skipped                   map[string]int
}

// begins takes what the room has said before the client came.
func (h *hearing) begins(said int) {
	h.begun++
	h.saidLast, h.toldLast = said, 0
}

func (h *hearing) said(number int) { h.saidLast = h.next(h.saidLast, number, "said") }

func (h *hearing) told(number int) { h.toldLast = h.next(h.toldLast, number, "told") }

// close compares it with the room's book, at the end: what was skipped, and what the room has said since, was lost.
func (h *hearing) close(said, told int) {
	missing := said - h.saidLast + told - h.toldLast + h.joined - h.begun
	for _, count := range h.skipped {
		missing += count
	}
	h.talker.faults.add("lost", missing, "%s did not hear %d of %s", h.talker.name, missing, h.room)
}

// next returns the newest number of a kind, after one that was heard: what it leaves out may still come, and is out of order then.
func (h *hearing) next(last, number int, what string) int {
	if number > last {
		h.skipped[what] += number - last - 1
		return number
	}
	kind := "repeated"
	if h.skipped[what] > 0 {
		h.skipped[what]--
		kind = "reordered"
	}
	h.talker.faults.note(kind, "%s heard of %s: %s %d after %d", h.talker.name, h.room, what, number, last)
	return last
}
