package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestAPingOfTheServerIsASignOfLife(t *testing.T) {
	connections := make(chan *websocket.Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{Subprotocols: []string{subprotocol}}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
		}
		connections <- conn
	}))
	defer server.Close()
	url, err := Address(server.URL)
	if err != nil || !strings.HasPrefix(url, "ws:") {
		t.Fatal(url, err)
	}
	socket, err := Open(context.Background(), Opening{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	conn := <-connections
	if conn.Subprotocol() != subprotocol {
		t.Errorf("the protocol is %q", conn.Subprotocol())
	}
	ended := make(chan *End)
	go func() {
		_, end := socket.Read()
		ended <- end
	}()
	const quiet = 50 * time.Millisecond
	for socket.Silence() < quiet {
		time.Sleep(time.Millisecond)
	}
	ponged := make(chan string, 1)
	conn.SetPongHandler(func(text string) error {
		ponged <- text
		return nil
	})
	before := time.Now()
	if err := conn.WriteControl(websocket.PingMessage, []byte("are you there?"), before.Add(20*time.Second)); err != nil {
		t.Fatal(err)
	}
	go conn.ReadMessage()
	if text := <-ponged; text != "are you there?" {
		t.Errorf("answered %q", text)
	}
	if socket.Silence() > time.Since(before) {
		t.Errorf("silent for %v", socket.Silence())
	}
	socket.Drop(End{Code: CloseAbnormal, Reason: "dropped"})
	if end := <-ended; end == nil || end.Reason != "dropped" {
		t.Errorf("ended with %+v", end)
	}
}

func TestAFrameThatIsTooLargeEndsTheConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		// It fails where the client has hung up already.
		_ = conn.WriteMessage(websocket.TextMessage, make([]byte, largestFrame+1))
		_, _, _ = conn.ReadMessage()
	}))
	defer server.Close()
	url, _ := Address(server.URL)
	socket, err := Open(context.Background(), Opening{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if _, end := socket.Read(); end == nil || end.Err == nil {
		t.Errorf("ended with %+v", end)
	}
	socket.Drop(End{})
}
