package link

import (
	"encoding/json"

	"hotroom/client/internal/wire"
)

// call is a request whose reply somebody waits for.
type call struct {
	frame wire.Request
	// what is being done, as errors say it: `join room "lobby"`.
	what string
	// take is given the data of the reply before anything that came behind it is looked at.
	take func(data json.RawMessage) error
	// late is called in place of take where nobody waits any more.
	late func(data json.RawMessage)
	done chan error
	// abandoned: who asked has given up.
	abandoned bool
	// written: the connection that there is has got it. Of uncounted ones only.
	written bool
	// doubtful: the server has it, and its reply may be among what the server could not keep.
	doubtful bool
}

func newCall(frame wire.Request, what string, take func(json.RawMessage) error, late func(json.RawMessage)) *call {
	if take == nil {
		take = func(json.RawMessage) error { return nil }
	}
	return &call{frame: frame, what: what, take: take, late: late, done: make(chan error, 1)}
}

// answer ends the wait with the reply's data.
func (c *call) answer(data json.RawMessage) {
	if !c.abandoned {
		err := c.take(data)
		if err != nil {
			err = given(c.what, err)
		}
		c.done <- err
	} else if c.late != nil {
		c.late(data)
	}
}

// fail ends the wait with an error.
func (c *call) fail(err error) {
	if !c.abandoned {
		c.done <- err
	}
}
