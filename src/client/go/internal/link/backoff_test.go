package link

import (
	"testing"
	"time"
)

// widest returns the widest of many waits before a try.
func widest(backoff *Backoff, try int, isCrowd bool) time.Duration {
	var most time.Duration
	for count := 0; count < 10_000; count++ {
		delay := backoff.Delay(try, isCrowd)
		if delay > most {
			most = delay
		}
	}
	return most
}

func TestBackoffIsARandomPartOfAWindowThatDoubles(t *testing.T) {
	backoff := NewBackoff(100*time.Millisecond, time.Second)
	for try, window := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
		window *= time.Millisecond
		if most := widest(backoff, try, false); most > window || most < window*9/10 {
			t.Errorf("of try %d the window is %v wide, expected %v", try, most, window)
		}
	}
	if most := widest(backoff, 1_000_000, false); most > time.Second {
		t.Errorf("the window is %v wide", most)
	}
}

func TestBackoffIsWiderWhereManyComeBackAtOnce(t *testing.T) {
	backoff := NewBackoff(100*time.Millisecond, time.Minute)
	if most := widest(backoff, 0, true); most > time.Second || most < 900*time.Millisecond {
		t.Errorf("the window is %v wide", most)
	}
	if most := widest(NewBackoff(time.Second, 3*time.Second), 0, true); most > 3*time.Second {
		t.Errorf("the window is %v wide", most)
	}
}

func TestBackoffDiffersBetweenClients(t *testing.T) {
	one, other := NewBackoff(time.Hour, time.Hour), NewBackoff(time.Hour, time.Hour)
	if one.Delay(0, false) == other.Delay(0, false) {
		t.Error("two clients wait alike")
	}
}
