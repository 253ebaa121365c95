package link

import "hotroom/client/internal/wire"

// serve carries the frames of one connection; it returns how it ended.
func (l *Link) serve(socket *wire.Socket) wire.End {
	done, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		l.write(socket, done)
	}()
	end := l.read(socket)
	close(done)
	socket.Drop(end)
	<-finished
	return end
}

func (l *Link) read(socket *wire.Socket) wire.End {
	for {
		text, end := socket.Read()
		if end != nil {
			return *end
		}
		if !l.hear(text) {
			// The rest comes once there is room: the session has what was not taken.
			socket.SendClose(wire.CloseGoingAway, "slow reader of events")
			return wire.End{Code: wire.CloseAbnormal, Err: errSlow}
		}
	}
}

// hear handles one frame; it returns false, and has not taken it, where it finds no room.
func (l *Link) hear(text []byte) bool {
	frame, err := wire.Parse(text)
	switch {
	case frame.Seq != 0 && frame.Seq <= l.inbox.Last():
		// What the server kept longer than it had to.
	case err == nil && frame.Event == "":
		l.inbox.Note(frame.Seq)
		l.reply(frame)
	case l.inbox.Full(len(text)):
		return false
	default:
		var event any
		if err != nil {
			event = l.client.Unreadable(err)
		} else {
			event = l.client.Event(frame)
		}
		if event == nil {
			l.inbox.Note(frame.Seq)
		} else {
			l.inbox.Put(event, frame.Seq, len(text))
		}
	}
	if frame.Seq != 0 {
		l.count()
	}
	return true
}

// count notes that a numbered frame came.
func (l *Link) count() {
	l.mu.Lock()
	l.untold++
	isDue := l.untold == seenEvery
	l.missed--
	isBack := l.missed == 0
	l.mu.Unlock()
	if isDue {
		l.signal()
	}
	if isBack {
		l.giveUpDoubtful()
	}
}
