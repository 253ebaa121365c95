package main

import (
	"fmt"
	"sync"
)

// mostNotes is how many faults are told in words.
const mostNotes = 20

// faults are what went wrong, counted by kind: lost, repeated, reordered, failed, resets, expired, misjudged, broken.
type faults struct {
	mu     sync.Mutex
	counts map[string]int
	notes  []string
}

// note counts a fault, and keeps it in words if it is one of the first.
func (f *faults) note(kind string, format string, args ...any) { f.add(kind, 1, format, args...) }

// add counts several faults of a kind at once; none, where there are none.
func (f *faults) add(kind string, count int, format string, args ...any) {
	if count == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[kind] += count
	if len(f.notes) < mostNotes {
		f.notes = append(f.notes, kind+": "+fmt.Sprintf(format, args...))
	}
}

// table returns the counts with their sum, and the notes, as the bench reads them.
func (f *faults) table() map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	table, total := map[string]any{"notes": append([]string{}, f.notes...)}, 0
	for _, kind := range []string{"lost", "repeated", "reordered", "failed", "resets", "expired", "misjudged", "broken"} {
		table[kind] = f.counts[kind]
		total += f.counts[kind]
	}
	table["total"] = total
	return table
}
