// Package wire speaks hotroom.v1: frames as JSON, those that carry bytes, and the WebSocket that carries them.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Data that is bytes begins with a zero, as no JSON does, and the bytes follow: so a binary frame has them behind its header.

// IsBytes returns true if data is bytes.
func IsBytes(data []byte) bool { return len(data) > 0 && data[0] == 0 }

// Bytes returns data that is bytes without its zero.
func Bytes(data []byte) []byte { return data[1:] }

// Request is one frame of the client. What the server reads of a frame that is too large stands first.
type Request struct {
	Event string          `json:"event"`
	ID    int64           `json:"id,omitempty"`
	Room  string          `json:"room,omitempty"`
	Type  string          `json:"type,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
	Seen  int64           `json:"seen,omitempty"`
}

// User is a user as frames have it.
type User struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Connected is absent while the user is.
	Connected *bool `json:"connected,omitempty"`
}

// Failure is what went wrong, as frames say it.
type Failure struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// Frame is one frame of the server: an event, or the reply to the request with its ID.
type Frame struct {
	Event  string          `json:"event"`
	ID     int64           `json:"id"`
	OK     bool            `json:"ok"`
	Seq    int64           `json:"seq"`
	Room   string          `json:"room"`
	Type   string          `json:"type"`
	Data   json.RawMessage `json:"data"`
	User   *User           `json:"user"`
	Users  []User          `json:"users"`
	To     string          `json:"to"`
	From   string          `json:"from"`
	Reason string          `json:"reason"`
	Error  *Failure        `json:"error"`
}

// Members is a room with those who are in it, as replies list it.
type Members struct {
	Room  string `json:"room"`
	Type  string `json:"type"`
	Users []User `json:"users"`
	// Watching says that the client watches the room; whether it is a member too, Users say.
	Watching bool `json:"watching"`
	// Data is what the script has returned to who entered.
	Data json.RawMessage `json:"data"`
}

// Welcome is the data of the reply to login and reconnect.
type Welcome struct {
	User    User   `json:"user"`
	Session string `json:"session"`
	// Grace is how long the session outlives its connection, ms; 0 where it does not.
	Grace int64 `json:"grace"`
	// Outcome is "resumed" or "reset"; empty after a plain login.
	Outcome  string `json:"outcome"`
	Received int64  `json:"received"`
	// Beyond has the numbers of frames after those received that a server has which was started again since.
	Beyond []int64 `json:"beyond"`
	// Kept is as in Pong.
	Kept   *int64 `json:"kept"`
	Missed int64  `json:"missed"`
	// Lost has the rooms with a gap, and nil for what is about no room.
	Lost  []*string `json:"lost"`
	Rooms []Members `json:"rooms"`
}

// Pong is the data of the reply to a ping, where there is any.
type Pong struct {
	// Kept is the number up to which the server needs no frames any more, also after a new start; nil where it ends with its sessions.
	Kept *int64 `json:"kept"`
}

var errNoFrame = errors.New("it has neither an event nor an id")

// Parse reads one frame of the server. Unknown keys and events are left as they are.
func Parse(text []byte) (Frame, error) {
	var frame Frame
	header, data := text, json.RawMessage(nil)
	if end := bytes.IndexByte(text, 0); end >= 0 {
		header, data = text[:end], text[end:]
	}
	if err := json.Unmarshal(header, &frame); err != nil {
		return Frame{}, err
	}
	if data != nil {
		frame.Data = data
	}
	if frame.Event == "" && (frame.ID == 0 || !frame.OK && frame.Error == nil) {
		return Frame{}, errNoFrame
	}
	return frame, nil
}

// EncodeData returns what a user sends: bytes for a []byte, and JSON for all else.
func EncodeData(value any) (json.RawMessage, error) {
	sent, isBytes := value.([]byte)
	if !isBytes {
		return Encode(value)
	}
	return append([]byte{0}, sent...), nil
}

// Write returns a frame as it goes over the socket.
func (r Request) Write() ([]byte, error) {
	if !IsBytes(r.Data) {
		return Encode(r)
	}
	data := r.Data
	r.Data = nil
	header, err := Encode(r)
	return append(header, data...), err
}

// Encode returns a value as JSON of as few bytes as its texts need, and nothing for nil.
func Encode(value any) (json.RawMessage, error) {
	if value == nil {
		return nil, nil
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}
