package wire

import (
	"bytes"
	"testing"
)

func TestParse(t *testing.T) {
	for text, expected := range map[string]bool{
		`{"event":"message","type":"said","unknown":[1]}`:                true,
		`{"id":1,"ok":true}`:                                             true,
		`{"id":1,"ok":false,"error":{"code":"busy","message":"Later."}}`: true,
		`{"id":1,"ok":false}`:                                            false,
		`{"ok":true}`:                                                    false,
		`{}`:                                                             false,
		`[]`:                                                             false,
		`{"event":1}`:                                                    false,
		`{"event":"a"`:                                                   false,
		``:                                                               false,
	} {
		if _, err := Parse([]byte(text)); (err == nil) != expected {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEncodeLeavesTextsAsTheyAre(t *testing.T) {
	text, err := Encode(Request{Event: "message", ID: 1, Room: "<a>", Type: "b", Data: []byte(`"c&d"`), Seen: 7})
	if expected := `{"event":"message","id":1,"room":"<a>","type":"b","data":"c&d","seen":7}`; string(text) != expected || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
	if text, err := Encode(nil); text != nil || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestAddress(t *testing.T) {
	for given, expected := range map[string]string{
		"ws://a/ws/b":          "ws://a/ws/b",
		"http://a/ws/b#part":   "ws://a/ws/b",
		"HTTPS://a:1/ws/Z%C3":  "wss://a:1/ws/Z%C3",
		"wss://a/ws/b?token=1": "wss://a/ws/b?token=1",
		"ftp://a/ws/b":         "",
		"/ws/b":                "",
		"a":                    "",
	} {
		if address, err := Address(given); address != expected || (err == nil) != (expected != "") {
			t.Errorf("%s: %s, %v", given, address, err)
		}
	}
}

func TestMayReturn(t *testing.T) {
	for code, expected := range map[int]bool{
		1000: false, 1001: true, 1002: false, 1005: true, 1006: true, 1007: false, 1008: false, 1009: false, 1010: false,
		1011: true, 1012: true, 1013: true, 1014: true, 1015: false, 3000: false, 4000: true, 4001: true, 4002: true, 4499: true,
		4500: false, 4503: false, 4999: false,
	} {
		if MayReturn(code) != expected {
			t.Errorf("after %d it may come back: %t", code, !expected)
		}
	}
}

func TestBytesAreBehindAHeader(t *testing.T) {
	for _, data := range [][]byte{{}, {0}, {1, 0, 255, '"'}} {
		encoded, err := EncodeData(data)
		if err != nil || !IsBytes(encoded) {
			t.Fatalf("%v: %v, %v", data, encoded, err)
		}
		frame, err := Request{Event: "message", Type: "ink", Data: encoded, Seen: 3}.Write()
		expected := append([]byte(`{"event":"message","type":"ink","seen":3}`+"\x00"), data...)
		if err != nil || !bytes.Equal(frame, expected) {
			t.Errorf("%v: %q, %v", data, frame, err)
		}
		parsed, err := Parse(frame)
		if err != nil || parsed.Type != "ink" || !IsBytes(parsed.Data) || !bytes.Equal(Bytes(parsed.Data), data) {
			t.Errorf("%v: %+v, %v", data, parsed, err)
		}
	}
	text, err := EncodeData("ink")
	if err != nil || IsBytes(text) || string(text) != `"ink"` {
		t.Errorf("%s, %v", text, err)
	}
	for _, broken := range []string{"\x00abc", "{}\x00abc", "[1]\x00"} {
		if _, err := Parse([]byte(broken)); err == nil {
			t.Errorf("%q was taken", broken)
		}
	}
}
