package link

import (
	"encoding/json"
	"reflect"
	"testing"

	"hotroom/client/internal/wire"
)

// filled is an outbox with messages of these types, so many of which the connection has got.
func filled(limit, written int, types ...string) *Outbox {
	outbox := NewOutbox(limit)
	for _, each := range types {
		outbox.Add(&entry{frame: wire.Request{Type: each}})
	}
	for ; written > 0; written-- {
		outbox.Next()
	}
	return outbox
}

// rest takes what the connection has not got.
func rest(outbox *Outbox) []string {
	var types []string
	for next := outbox.Next(); next != nil; next = outbox.Next() {
		types = append(types, next.frame.Type)
	}
	return types
}

func expectRest(t *testing.T, outbox *Outbox, expected ...string) {
	t.Helper()
	if got := rest(outbox); !reflect.DeepEqual(got, expected) {
		t.Errorf("left are %q, expected %q", got, expected)
	}
}

func TestOutboxHandsOutInOrder(t *testing.T) {
	outbox := filled(10, 1, "a", "b", "c")
	if outbox.Written() != 1 || outbox.Unwritten() != 2 {
		t.Errorf("%d written, %d not", outbox.Written(), outbox.Unwritten())
	}
	expectRest(t, outbox, "b", "c")
}

func TestOutboxHandsOutAgainWhatTheServerHasNot(t *testing.T) {
	for received, expected := range [][]string{{"a", "b", "c"}, {"b", "c"}, {"c"}, nil} {
		outbox := filled(10, 2, "a", "b", "c")
		outbox.Rewind(int64(received), nil)
		expectRest(t, outbox, expected...)
	}
}

func TestOutboxLeavesOutWhatARestartedServerHasOfTheFramesBehind(t *testing.T) {
	outbox := filled(10, 4, "a", "b", "c", "d", "e")
	outbox.Took(1)
	outbox.Rewind(2, []int64{4})
	expectRest(t, outbox, "c", "e")
	if outbox.Written() != 4 {
		t.Errorf("%d written, not the 2 that the server has and 2 more", outbox.Written())
	}
}

func TestOutboxCountsAsARestartedServerThatKnowsOfFewerThanItHasAnswered(t *testing.T) {
	outbox := filled(10, 3, "a", "b", "c", "d")
	outbox.Took(3)
	outbox.Rewind(1, nil)
	expectRest(t, outbox, "d")
	if outbox.Written() != 2 {
		t.Errorf("%d written, not the 1 that the server has and one more", outbox.Written())
	}
}

func TestOutboxCountsOverTheWholeSession(t *testing.T) {
	outbox := filled(10, 3, "a", "b", "c", "d")
	outbox.Took(2)
	outbox.Rewind(3, nil)
	expectRest(t, outbox, "d")
	if outbox.Written() != 4 {
		t.Errorf("%d written", outbox.Written())
	}
	outbox.Took(1) // Older news.
	outbox.Begin(17)
	outbox.Add(&entry{frame: wire.Request{Type: "e"}})
	outbox.Rewind(17, nil)
	expectRest(t, outbox, "e")
	outbox.Rewind(99, nil) // A server that counts wrong takes no more than there is.
	expectRest(t, outbox)
}

func TestOutboxBoundsFramesAndBytes(t *testing.T) {
	small, large := wire.Request{}, wire.Request{Data: make(json.RawMessage, largestOutbox+1)}
	if outbox := filled(2, 0, "a"); !outbox.Fits(small) || outbox.Fits(large) {
		t.Error("one more small frame fits, a large one does not")
	}
	if outbox := filled(2, 2, "a", "b"); outbox.Fits(small) {
		t.Error("frames that were written and may be lost count")
	}
	outbox := NewOutbox(2)
	if !outbox.Fits(large) {
		t.Error("a large frame fits by itself")
	}
	outbox.Add(&entry{frame: large})
	if outbox.Fits(wire.Request{Data: json.RawMessage("1")}) {
		t.Error("nothing fits beside a large frame")
	}
	outbox.Next()
	outbox.Took(1)
	if !outbox.Fits(large) {
		t.Error("a frame that was taken counts")
	}
}

func TestOutboxTakesOutCallsThatWereGivenUp(t *testing.T) {
	first, second, third := newCall(wire.Request{}, "", nil, nil), newCall(wire.Request{}, "", nil, nil), newCall(wire.Request{}, "", nil, nil)
	outbox := NewOutbox(10)
	for index, each := range []*call{first, second, third} {
		outbox.Add(&entry{frame: wire.Request{Type: string(rune(97 + index))}, call: each})
	}
	outbox.Next()
	outbox.Next()
	if outbox.Cancel(first) || !outbox.Cancel(third) || outbox.Holds(third) {
		t.Error("what was not written is taken out, and nothing else")
	}
	// The first is only left out where it has not arrived.
	first.abandoned = true
	outbox.Rewind(0, nil)
	expectRest(t, outbox, "b")
	outbox.TookCall(second)
	if outbox.Holds(second) || outbox.Written() != 1 {
		t.Error("a call with a reply stays")
	}
}
