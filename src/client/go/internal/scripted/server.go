// Package scripted is a server for tests that says what a test tells it to say, and whose connections can be cut.
package scripted

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long anything that should happen may take on a busy machine.
const patience = 20 * time.Second

// Server takes connections, each of which a test answers by hand.
type Server struct {
	t           testing.TB
	http        *httptest.Server
	connections chan *Connection
	// Refusing is the HTTP status that upgrades get; 0 takes them.
	Refusing atomic.Int64
	// Refused counts the upgrades that were not taken.
	Refused atomic.Int64
}

// NewServer starts a server, which ends with the test.
func NewServer(t testing.TB) *Server {
	s := &Server{t: t, connections: make(chan *Connection, 16)}
	upgrader := websocket.Upgrader{Subprotocols: []string{"hotroom.v1"}}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := s.Refusing.Load(); status != 0 {
			s.Refused.Add(1)
			http.Error(w, "no", int(status))
			return
		}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Errorf("upgrade: %v", err)
			return
		}
		connection := &Connection{t: t, conn: conn, frames: make(chan Frame, 1024)}
		t.Cleanup(func() { connection.conn.Close() })
		go connection.read()
		s.connections <- connection
	}))
	t.Cleanup(s.http.Close)
	return s
}

// URL is the address of an application.
func (s *Server) URL() string { return "ws" + strings.TrimPrefix(s.http.URL, "http") + "/ws/app" }

// Accept waits for the next connection.
func (s *Server) Accept() *Connection {
	s.t.Helper()
	select {
	case connection := <-s.connections:
		return connection
	case <-time.After(patience):
		s.t.Fatal("no connection came")
		return nil
	}
}

// Connections are those that were not accepted yet.
func (s *Server) Connections() <-chan *Connection { return s.connections }

// Idle fails the test where a connection has come that was not accepted.
func (s *Server) Idle() {
	s.t.Helper()
	select {
	case <-s.connections:
		s.t.Fatal("a connection came")
	default:
	}
}

// Frame is one frame of the client.
type Frame struct {
	Event string          `json:"event"`
	ID    int64           `json:"id"`
	Room  string          `json:"room"`
	Type  string          `json:"type"`
	Data  json.RawMessage `json:"data"`
	Seen  int64           `json:"seen"`
	// Bytes is what a binary frame has behind its header.
	Bytes []byte `json:"-"`
}

// Connection is one connection of a client.
type Connection struct {
	t      testing.TB
	conn   *websocket.Conn
	frames chan Frame
	// err is how the connection ended, once frames is closed.
	err error
}

// read takes what the client sends as long as it is connected; a close frame is answered.
func (c *Connection) read() {
	defer close(c.frames)
	for {
		var text []byte
		if _, text, c.err = c.conn.ReadMessage(); c.err != nil {
			return
		}
		header, data, isBinary := bytes.Cut(text, []byte{0})
		var frame Frame
		if c.err = json.Unmarshal(header, &frame); c.err != nil {
			return
		}
		if isBinary {
			frame.Bytes = data
		}
		c.frames <- frame
	}
}

// Frames are the frames of the client that were not waited for yet.
func (c *Connection) Frames() <-chan Frame { return c.frames }

// Next waits for the next frame that is not a ping, which it answers.
func (c *Connection) Next(event string) Frame {
	c.t.Helper()
	for {
		select {
		case frame, ok := <-c.frames:
			switch {
			case !ok:
				c.t.Fatalf("waited for %s: %v", event, c.err)
			case frame.Event == event:
				return frame
			case frame.Event == "ping":
				// Where the client is about to close, nobody waits for the answer.
				_ = c.conn.WriteJSON(map[string]any{"id": frame.ID, "ok": true})
			default:
				c.t.Fatalf("waited for %s, got %+v with %s", event, frame, frame.Data)
			}
		case <-time.After(patience):
			c.t.Fatalf("waited for %s, nothing came", event)
		}
	}
}

// Say sends a frame.
func (c *Connection) Say(format string, arguments ...any) {
	c.t.Helper()
	text := fmt.Sprintf(format, arguments...)
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatalf("say %s: %v", text, err)
	}
}

// SayBytes sends a binary frame: a header, a zero, and bytes.
func (c *Connection) SayBytes(header string, data []byte) {
	c.t.Helper()
	frame := append(append([]byte(header), 0), data...)
	if err := c.conn.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		c.t.Fatalf("say %s with bytes: %v", header, err)
	}
}

// Login answers a login: the user is ann, u1, and the session's secret is s1.
func (c *Connection) Login() {
	c.t.Helper()
	login := c.Next("login")
	c.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":"s1","grace":30000}}`, login.ID)
}

// Join answers a join of a room in which ann and bob are, with the number of the reply.
func (c *Connection) Join(room string, seq int) {
	c.t.Helper()
	join := c.Next("join")
	if join.Room != room {
		c.t.Fatalf("joined %q, not %q", join.Room, room)
	}
	c.Say(`{"id":%d,"ok":true,"data":%s,"seq":%d}`, join.ID, Members(room), seq)
}

// Members is a room with ann and bob, as replies have it.
func Members(room string) string {
	return fmt.Sprintf(
		`{"room":%q,"type":"hall","users":[{"id":"u1","name":"ann"},{"id":"u2","name":"bob"}]}`, room)
}

// Reconnect is what a client says to come back.
type Reconnect struct {
	ID      int64
	Session string
	Seen    int64
}

// Reconnect waits for a client that comes back.
func (c *Connection) Reconnect() Reconnect {
	c.t.Helper()
	frame := c.Next("reconnect")
	reconnect := Reconnect{ID: frame.ID}
	if err := json.Unmarshal(frame.Data, &reconnect); err != nil {
		c.t.Fatalf("reconnect with %s: %v", frame.Data, err)
	}
	return reconnect
}

// Resume answers that nothing is missing: the client is in the room lobby, and the secret is another one.
func (c *Connection) Resume(asked Reconnect, secret string, received, missed int) {
	c.t.Helper()
	c.Say(`{"id":%d,"ok":true,"data":{"user":{"id":"u1","name":"ann"},"session":%q,"grace":30000,"outcome":"resumed",`+
		`"received":%d,"missed":%d,"rooms":[%s]}}`, asked.ID, secret, received, missed, Members("lobby"))
}

// Close closes with a code; it does not wait.
func (c *Connection) Close(code int) {
	message := websocket.FormatCloseMessage(code, "the reason")
	_ = c.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(patience))
}

// Closed waits for the close code of the client.
func (c *Connection) Closed() int {
	c.t.Helper()
	for {
		select {
		case _, ok := <-c.frames:
			if ok {
				continue
			}
			closed, isClose := c.err.(*websocket.CloseError)
			if !isClose {
				c.t.Fatalf("waited for a close: %v", c.err)
			}
			return closed.Code
		case <-time.After(patience):
			c.t.Fatal("waited for a close, nothing came")
		}
	}
}

// Reset cuts the connection with a RST.
func (c *Connection) Reset() {
	c.t.Helper()
	if err := c.conn.UnderlyingConn().(*net.TCPConn).SetLinger(0); err != nil {
		c.t.Fatal(err)
	}
	c.conn.UnderlyingConn().Close()
}

// Finish cuts the connection with a FIN, and no close frame.
func (c *Connection) Finish() { c.conn.UnderlyingConn().Close() }
