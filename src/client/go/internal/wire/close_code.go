package wire

// Close codes that a client sends or looks at; docs/PROTOCOL.md has all of them.
const (
	CloseNormal    = 1000
	CloseGoingAway = 1001
	CloseNoCode    = 1005
	CloseAbnormal  = 1006
	CloseShutdown  = 4000
)

// MayReturn returns true if a client should connect again after a close with the code.
func MayReturn(code int) bool {
	switch code {
	case 1001, 1005, 1006, 1011, 1012, 1013, 1014:
		return true
	}
	return code >= 4000 && code <= 4499
}
