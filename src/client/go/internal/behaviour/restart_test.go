package behaviour

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	hotroom "hotroom/client"
)

// restart has the server killed and started again: HOTROOM_RESTART names what does that (test/client/go_restarts.test.ts).
func restart(t *testing.T) {
	t.Helper()
	reply, err := http.Get(os.Getenv("HOTROOM_RESTART"))
	if err != nil {
		t.Error(err)
		return
	}
	defer reply.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if reply.StatusCode != http.StatusOK {
		t.Errorf("the server is not there again: %s", reply.Status)
	}
}

func TestWithRestartsAClientComesBack(t *testing.T) {
	if os.Getenv("HOTROOM_RESTART") == "" {
		t.Skip("HOTROOM_RESTART names nobody who starts the server again")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	options := &hotroom.Options{MinBackoff: 20 * time.Millisecond, MaxBackoff: 200 * time.Millisecond}
	client, events := as(t, address(t, "kept"), "ann", options)
	hall, den := join(t, client, "hall"), join(t, client, "den")
	const each = 100
	done := make(chan error)
	go func() {
		for n := 1; n <= each; n++ {
			var count int
			if err := hall.Request(ctx, "count", nil, &count); err != nil {
				done <- err
				return
			}
			if count != n {
				t.Errorf("request %d was number %d", n, count)
			}
			if err := den.Send(ctx, "count", nil); err != nil {
				done <- err
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		done <- nil
	}()
	backs := 0
	go restart(t)
	for isDone := false; !isDone || backs == 0; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			isDone = true
		case event := <-events:
			switch event.(type) {
			// Reset where the client had got a frame that the server could not keep any more (P148).
			case hotroom.Back, hotroom.Reset:
				backs++
			case hotroom.Expired:
				t.Fatal("the session has expired")
			}
		case <-ctx.Done():
			t.Fatal("it is not back")
		}
	}
	// Those that ask for no answer have been handled once, too.
	var sum int
	if err := den.Request(ctx, "count", nil, &sum); err != nil || sum != each+1 {
		t.Errorf("the other room has counted %d: %v", sum, err)
	}
}
