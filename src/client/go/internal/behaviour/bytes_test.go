package behaviour

import (
	"bytes"
	"fmt"
	"testing"

	hotroom "hotroom/client"
)

func TestBytesGoAndComeAsTheyAre(t *testing.T) {
	_, connection, _, room, events := loggedIn(t, brisk())
	ctx := within(t)
	sent := []byte{1, 0, 2, 255}
	var reply []byte
	done := failing(func() (any, error) { return nil, room.Request(ctx, "ink", sent, &reply) })
	frame := connection.Next("message")
	if frame.Room != "lobby" || frame.Type != "ink" || frame.Data != nil || !bytes.Equal(frame.Bytes, sent) {
		t.Errorf("sent %+v", frame)
	}
	connection.SayBytes(`{"event":"message","room":"lobby","type":"ink"}`, []byte{0, 9})
	connection.SayBytes(`{"event":"message","type":"none"}`, nil)
	connection.SayBytes(`{"event":"message","room":"lobby","type":"ink","from":"u7"}`, []byte{8})
	connection.SayBytes(fmt.Sprintf(`{"id":%d,"ok":true}`, frame.ID), []byte{7, 0})
	if _, err := done(); err != nil || !bytes.Equal(reply, []byte{7, 0}) {
		t.Errorf("got %v, %v", reply, err)
	}
	expect(t, events, hotroom.Message{Room: "lobby", Type: "ink", Bytes: []byte{0, 9}})
	expect(t, events, hotroom.Message{Type: "none", Bytes: []byte{}})
	expect(t, events, hotroom.Message{Room: "lobby", Type: "ink", Bytes: []byte{8}, From: "u7"})
}

func TestBytesAreReadIntoBytesOnly(t *testing.T) {
	var data []byte
	var text string
	message := hotroom.Message{Bytes: []byte{1, 2}}
	if err := message.Decode(&data); err != nil || !bytes.Equal(data, []byte{1, 2}) {
		t.Errorf("got %v, %v", data, err)
	}
	if err := message.Decode(&text); err == nil {
		t.Errorf("got %q", text)
	}
}
