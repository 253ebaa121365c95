package link

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"math/rand"
	"time"
)

// shutdownSpread is how many times the first window is wider after a server has stopped, since all come back then.
const shutdownSpread = 10

// Backoff says how long to wait before each try: a random part of a window that doubles ("full jitter").
type Backoff struct {
	min, max time.Duration
	random   *rand.Rand
}

// NewBackoff returns a backoff whose first window is min wide, and none is wider than max.
func NewBackoff(min, max time.Duration) *Backoff {
	return &Backoff{min, max, rand.New(rand.NewSource(seed()))}
}

// Delay returns the wait before a try, 0 being the first; spread says that very many clients begin at this moment.
func (b *Backoff) Delay(try int, spread bool) time.Duration {
	window := b.min
	if spread {
		window *= shutdownSpread
	}
	for ; try > 0 && window < b.max; try-- {
		window *= 2
	}
	if window > b.max {
		window = b.max
	}
	return time.Duration(b.random.Int63n(int64(window) + 1))
}

// seed is of the system, since Go's own generator begins alike in every process.
func seed() int64 {
	var bytes [8]byte
	if _, err := cryptorand.Read(bytes[:]); err != nil {
		return time.Now().UnixNano()
	}
	return int64(binary.LittleEndian.Uint64(bytes[:]))
}
