package main

import (
	"context"
	"errors"
	"math/rand"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A connection in so many is lost soon after it has begun, so that the reply to a resume may be lost, too.
const (
	lostSoonOf = 8
	lostSoonIn = 20 * time.Millisecond
	// deadFor is how long the server's end of a connection stays that has fallen silent.
	deadFor = time.Minute
)

// ends are the ways in which a connection is lost; silence is half as likely as the others.
var ends = []string{"fin", "fin", "rst", "rst", "silence"}

var errAway = errors.New("there is no network")

// network is what one client connects by: it loses its connections, and has no other for a while.
type network struct {
	mu     sync.Mutex
	random *rand.Rand
	newest *lossy
	until  time.Time
	// began is when the newest connection began.
	began time.Time
}

func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	n.mu.Lock()
	isAway, isFirst := time.Now().Before(n.until), n.newest == nil
	n.began = time.Now()
	n.mu.Unlock()
	if isAway {
		return nil, errAway
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	made := &lossy{TCPConn: conn.(*net.TCPConn)}
	n.newest = made
	if !isFirst && n.random.Intn(lostSoonOf) == 0 {
		end := ends[n.random.Intn(len(ends))]
		time.AfterFunc(time.Duration(n.random.Int63n(int64(lostSoonIn))), func() { made.lose(end) })
	}
	return made, nil
}

// lose loses the connection, and lets there be no other for a while.
func (n *network) lose(away time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.until = time.Now().Add(away)
	n.newest.lose(ends[n.random.Intn(len(ends))])
}

// since returns how long ago the newest connection began.
func (n *network) since() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Since(n.began)
}

// lossy is a connection that may be lost: cut off, closed, or so that neither side hears of the other any more.
type lossy struct {
	*net.TCPConn
	silent atomic.Bool
}

func (l *lossy) lose(end string) {
	switch end {
	case "rst":
		_ = l.SetLinger(0) // It fails where the connection has ended already.
		l.TCPConn.Close()
	case "fin":
		l.TCPConn.Close()
	default:
		l.silent.Store(true)
		time.AfterFunc(deadFor, func() { l.TCPConn.Close() })
	}
}

// Read waits on a silent connection until its deadline, or Close.
func (l *lossy) Read(buffer []byte) (int, error) {
	for {
		count, err := l.TCPConn.Read(buffer)
		if err != nil || !l.silent.Load() {
			return count, err
		}
	}
}

func (l *lossy) Write(bytes []byte) (int, error) {
	if l.silent.Load() {
		return len(bytes), nil
	}
	return l.TCPConn.Write(bytes)
}

// Close leaves the server's end of a silent connection alone: nothing reaches it.
func (l *lossy) Close() error {
	if l.silent.Load() {
		return l.SetReadDeadline(time.Unix(1, 0))
	}
	return l.TCPConn.Close()
}
