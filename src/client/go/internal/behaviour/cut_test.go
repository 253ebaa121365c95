package behaviour

import (
	"context"
	"errors"
	"math/rand"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wires dials the connections of one client, and cuts the newest.
type wires struct {
	mu     sync.Mutex
	newest *cuttable
}

func (w *wires) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.newest = &cuttable{TCPConn: conn.(*net.TCPConn), closed: make(chan struct{})}
	return w.newest, nil
}

// cut cuts the newest connection in one of three ways, which it returns.
func (w *wires) cut(t *testing.T, random *rand.Rand) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch random.Intn(3) {
	case 0:
		_ = w.newest.SetLinger(0) // It fails where the connection has ended already.
		w.newest.TCPConn.Close()
		return "RST"
	case 1:
		w.newest.TCPConn.Close()
		return "FIN"
	default:
		w.newest.fallSilent(t)
		return "silence"
	}
}

// cuttable is a connection that may fall silent: neither side hears of the other from then on, nor of an end.
type cuttable struct {
	*net.TCPConn
	silent atomic.Bool
	once   sync.Once
	closed chan struct{}
}

var errClosed = errors.New("closed while silent")

func (c *cuttable) fallSilent(t *testing.T) {
	c.silent.Store(true)
	_ = c.TCPConn.SetReadDeadline(time.Unix(1, 0)) // It wakes who reads, where the connection has not ended.
	t.Cleanup(func() { c.TCPConn.Close() })
}

func (c *cuttable) Read(buffer []byte) (int, error) {
	count, err := c.TCPConn.Read(buffer)
	if c.silent.Load() {
		<-c.closed
		return 0, errClosed
	}
	return count, err
}

func (c *cuttable) Write(bytes []byte) (int, error) {
	if c.silent.Load() {
		return len(bytes), nil
	}
	return c.TCPConn.Write(bytes)
}

// SetReadDeadline keeps the past deadline of a silent connection.
func (c *cuttable) SetReadDeadline(deadline time.Time) error {
	if c.silent.Load() {
		return nil
	}
	return c.TCPConn.SetReadDeadline(deadline)
}

func (c *cuttable) Close() error {
	c.once.Do(func() { close(c.closed) })
	if c.silent.Load() {
		return nil
	}
	return c.TCPConn.Close()
}
