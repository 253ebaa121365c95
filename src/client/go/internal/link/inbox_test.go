package link

import "testing"

func TestInboxKnowsWhatWasTaken(t *testing.T) {
	inbox := NewInbox(10)
	inbox.Open()
	inbox.Note(3)
	inbox.Put("a", 5, 1)
	inbox.Note(6)
	inbox.Tell("away")
	inbox.Put("b", 8, 1)
	for _, expected := range []struct {
		taken int64
		event any
	}{{3, "a"}, {6, "away"}, {6, "b"}, {8, nil}} {
		event, _, _ := inbox.First()
		if taken := inbox.Taken(); taken != expected.taken || event != expected.event || inbox.Last() != 8 {
			t.Errorf("taken is %d before %v, expected %+v", taken, event, expected)
		}
		inbox.Pop()
	}
}

func TestInboxIsFullByEventsAndByBytes(t *testing.T) {
	inbox := NewInbox(2)
	if inbox.Full(largestInbox + 1) {
		t.Error("what nobody reads is not kept")
	}
	inbox.Open()
	if inbox.Full(largestInbox + 1) {
		t.Error("a large event finds room by itself")
	}
	inbox.Put("a", 1, 10)
	if inbox.Full(10) || !inbox.Full(largestInbox) {
		t.Error("there is room for a small event, and for no large one")
	}
	inbox.Put("b", 2, 10)
	if !inbox.Full(0) || inbox.Room() == nil {
		t.Error("two are as many as may be")
	}
	changed := inbox.Room()
	inbox.Pop()
	<-changed
	if inbox.Full(0) || inbox.Room() != nil {
		t.Error("half of it is free")
	}
}

func TestInboxEnds(t *testing.T) {
	for _, discard := range []bool{false, true} {
		inbox := NewInbox(2)
		if !inbox.Open() || inbox.Open() {
			t.Error("it is opened once")
		}
		_, _, changed := inbox.First()
		inbox.Put("a", 1, 1)
		<-changed
		inbox.End(discard)
		inbox.Put("b", 2, 1)
		if _, ok, _ := inbox.First(); ok == discard {
			t.Errorf("ended with discard %t, the first is there: %t", discard, ok)
		}
		inbox.Pop()
		if _, ok, changed := inbox.First(); ok || changed != nil {
			t.Error("it goes on after its end")
		}
	}
}
