package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// subprotocol is the name of the wire in the WebSocket handshake.
	subprotocol = "hotroom.v1"
	// largestFrame is what a frame of the server may have, in bytes: more than a server holds for a client that is slow.
	largestFrame = 16 << 20
	// controlPatience bounds the write of a close or a pong.
	controlPatience = time.Second
)

// Opening says how sockets are opened.
type Opening struct {
	URL         string
	Header      http.Header
	TLS         *tls.Config
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// End is how a connection ended: the close code, or 1006 with what failed.
type End struct {
	Code   int
	Reason string
	Err    error
}

// Socket is one WebSocket. One goroutine reads and one writes; the rest may be called by any.
type Socket struct {
	conn *websocket.Conn
	// heard is when the server was heard last, in nanoseconds since opened.
	heard  atomic.Int64
	opened time.Time
	once   sync.Once
	why    atomic.Pointer[End]
}

// Address returns the ws: or wss: address of an application; http: and https: are taken too.
func Address(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	parsed.Scheme = strings.Replace(strings.ToLower(parsed.Scheme), "http", "ws", 1)
	if parsed.Scheme != "ws" && parsed.Scheme != "wss" || parsed.Host == "" {
		return "", fmt.Errorf("%q is no address of a WebSocket", address)
	}
	parsed.Fragment = ""
	return parsed.String(), nil
}

// Open opens a socket; the context bounds the opening only.
func Open(ctx context.Context, opening Opening) (*Socket, error) {
	dialer := websocket.Dialer{
		Proxy:           http.ProxyFromEnvironment,
		NetDialContext:  opening.DialContext,
		TLSClientConfig: opening.TLS,
		Subprotocols:    []string{subprotocol},
	}
	conn, response, err := dialer.DialContext(ctx, opening.URL, opening.Header)
	if err != nil {
		if response != nil {
			err = fmt.Errorf("the server answers %s", response.Status)
		}
		return nil, err
	}
	socket := &Socket{conn: conn, opened: time.Now()}
	conn.SetReadLimit(largestFrame)
	conn.SetPingHandler(func(text string) error {
		socket.hear()
		// A pong that can't be written shows in the frames that can't be either.
		_ = conn.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(controlPatience))
		return nil
	})
	return socket, nil
}

func (s *Socket) hear() { s.heard.Store(int64(time.Since(s.opened))) }

// Silence returns for how long nothing has come from the server, pings included.
func (s *Socket) Silence() time.Duration {
	return time.Since(s.opened) - time.Duration(s.heard.Load())
}

// Read returns the next frame, text or binary; not nil at the end is how the connection ended.
func (s *Socket) Read() ([]byte, *End) {
	_, frame, err := s.conn.ReadMessage()
	if err != nil {
		return nil, s.end(err)
	}
	s.hear()
	return frame, nil
}

// ReadBefore bounds all reads from here on; the zero time takes the bound away.
func (s *Socket) ReadBefore(deadline time.Time) {
	_ = s.conn.SetReadDeadline(deadline) // It fails where the connection has ended, which the read tells.
}

// Write sends one frame within the patience: binary where a zero stands in it, as JSON has none.
func (s *Socket) Write(frame []byte, patience time.Duration) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	kind := websocket.TextMessage
	if bytes.IndexByte(frame, 0) >= 0 {
		kind = websocket.BinaryMessage
	}
	return s.conn.WriteMessage(kind, frame)
}

// SendClose begins the closing handshake; the end comes to who reads.
func (s *Socket) SendClose(code int, reason string) {
	message := websocket.FormatCloseMessage(code, reason)
	_ = s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(controlPatience))
}

// Drop ends the connection at once, without a word to the server; why is what Read tells then.
func (s *Socket) Drop(why End) {
	s.once.Do(func() {
		s.why.Store(&why)
		_ = s.conn.Close()
	})
}

func (s *Socket) end(err error) *End {
	if why := s.why.Load(); why != nil {
		return why
	}
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return &End{Code: closed.Code, Reason: closed.Text}
	}
	return &End{Code: websocket.CloseAbnormalClosure, Err: err}
}
