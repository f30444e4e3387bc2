package access

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// phc is a password's hash with all that is needed to compute it again, as the PHC
// string format writes it: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
type phc struct {
	memory uint32 // KiB
	time   uint32 // passes
	lanes  uint8
	salt   []byte
	key    []byte
}

// cost is what guessing a password takes.
type cost struct {
	memory uint32 // KiB
	time   uint32 // passes
}

// fullCost is that of new hashes: the second of those that OWASP's password storage
// sheet holds equal.
var fullCost = cost{memory: 19 << 10, time: 2}

const (
	hashSaltLen = 16
	hashKeyLen  = 32
)

// A hash asking for more than this was not made here, and could stop the machine.
const (
	maxHashMemory = 256 << 10
	maxHashTime   = 16
	maxHashLanes  = 16
	maxHashPart   = 64
)

var errNoHash = errors.New("no argon2id hash in PHC form")

func parsePHC(text string) (*phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, errNoHash
	}
	var h phc
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); n != 3 || err != nil {
		return nil, errNoHash
	}
	// argon2 itself raises the memory to eight blocks a lane.
	if h.memory < 8*uint32(h.lanes) || h.memory > maxHashMemory || h.time < 1 || h.time > maxHashTime || h.lanes < 1 || h.lanes > maxHashLanes {
		return nil, fmt.Errorf("%w: parameters out of range", errNoHash)
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > maxHashPart {
		return nil, fmt.Errorf("%w: salt", errNoHash)
	}
	if h.key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(h.key) < 16 || len(h.key) > maxHashPart {
		return nil, fmt.Errorf("%w: hash", errNoHash)
	}
	if h.String() != text { // base64 lets line ends pass
		return nil, errNoHash
	}
	return &h, nil
}

func (h *phc) parameters() string { return fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.time, h.lanes) }

func (h *phc) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$%s$%s$%s", argon2.Version, h.parameters(), encode(h.salt), encode(h.key))
}

func (h *phc) compute(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
}

// weak reports whether a new hash would be harder to guess.
func (h *phc) weak(than cost) bool {
	return h.memory < than.memory || h.time < than.time || len(h.key) < hashKeyLen || len(h.salt) < hashSaltLen
}
