package rest

import "encoding/binary"

// scanner validates the items of a reply several times faster than the decoder
// does, and knows less: whatever it is not sure of, it leaves to the decoder. It
// must never let through what the decoder would refuse; FuzzScan holds that.
//
// The body must be valid UTF-8.
type scanner struct {
	b     []byte
	scope uint64 // number of the object at hand, among those of this item
	used  int    // names of this item
	item  uint32 // number of the item; what other items left in names counts as empty
	names [nameSlots]nameSlot
}

type nameSlot struct {
	hash uint64
	item uint32
}

const (
	nameSlots = 256
	mostNames = 160 // of one item
	mostDepth = 64
	unsure    = -1
)

// value returns where the value at b[i] ends, or unsure.
func (s *scanner) value(i, depth int) int {
	if i >= len(s.b) {
		return unsure
	}
	switch c := s.b[i]; {
	case c == '"':
		return s.text(i)
	case c == '{':
		if depth >= mostDepth {
			return unsure
		}
		return s.object(i+1, depth+1)
	case c == '[':
		if depth >= mostDepth {
			return unsure
		}
		return s.array(i+1, depth+1)
	case c == '-' || isDigit(c):
		return s.number(i)
	case c == 't':
		return s.word(i, "true")
	case c == 'f':
		return s.word(i, "false")
	case c == 'n':
		return s.word(i, "null")
	}
	return unsure
}

// start begins an item.
func (s *scanner) start() {
	s.scope, s.used = 0, 0
	s.item++
}

func (s *scanner) object(i, depth int) int {
	s.scope++
	scope := s.scope
	if i = s.space(i); i < len(s.b) && s.b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(s.b) || s.b[i] != '"' {
			return unsure
		}
		end := s.name(i, scope)
		if end < 0 {
			return unsure
		}
		if i = s.space(end); i >= len(s.b) || s.b[i] != ':' {
			return unsure
		}
		if i = s.value(s.space(i+1), depth); i < 0 {
			return unsure
		}
		if i = s.space(i); i >= len(s.b) {
			return unsure
		}
		switch s.b[i] {
		case '}':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return unsure
		}
	}
}

func (s *scanner) array(i, depth int) int {
	if i = s.space(i); i < len(s.b) && s.b[i] == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth); i < 0 {
			return unsure
		}
		if i = s.space(i); i >= len(s.b) {
			return unsure
		}
		switch s.b[i] {
		case ']':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return unsure
		}
	}
}

// name reads a member's name. One that may have come before in the same object
// is left to the decoder, and so is one with an escape in it.
func (s *scanner) name(i int, scope uint64) int {
	begin := i + 1
	for i = begin; i < len(s.b) && plainText[s.b[i]]; i++ {
	}
	if i >= len(s.b) || s.b[i] != '"' || s.used == mostNames {
		return unsure
	}
	s.used++
	h := hashName(s.b[begin:i], scope)
	for at := h >> 56; ; at = (at + 1) % nameSlots {
		switch slot := &s.names[at]; {
		case slot.item != s.item:
			*slot = nameSlot{h, s.item}
			return i + 1
		case slot.hash == h:
			return unsure
		}
	}
}

// hashName need not be strong: two names of the same hash only take longer.
func hashName(name []byte, scope uint64) uint64 {
	const k = 0x9e3779b97f4a7c15
	h := (scope<<32 ^ uint64(len(name))) * k
	for len(name) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(name)) * k
		h ^= h >> 29
		name = name[8:]
	}
	for _, c := range name {
		h = (h ^ uint64(c)) * k
	}
	h ^= h >> 32
	return h * k
}

// text reads a string.
func (s *scanner) text(i int) int {
	b := s.b
	for i++; i < len(b); i++ {
		if plainText[b[i]] {
			continue
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			if i++; i >= len(b) {
				return unsure
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if i+4 >= len(b) || !hexDigits(b[i+1:i+5]) || (b[i+1]|0x20 == 'd' && b[i+2] >= '8') {
					return unsure // or half of a pair
				}
				i += 4
			default:
				return unsure
			}
		default:
			return unsure
		}
	}
	return unsure
}

// plainText are the bytes that stand for themselves in a string.
var plainText = func() (plain [256]bool) {
	for c := 0x20; c < 256; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

func hexDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

func (s *scanner) number(i int) int {
	b := s.b
	if b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	default:
		if i = s.digits(i); i < 0 {
			return unsure
		}
	}
	if i < len(b) && b[i] == '.' {
		if i = s.digits(i + 1); i < 0 {
			return unsure
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return s.digits(i)
	}
	return i
}

// digits reads one digit or more.
func (s *scanner) digits(i int) int {
	begin := i
	for i < len(s.b) && isDigit(s.b[i]) {
		i++
	}
	if i == begin {
		return unsure
	}
	return i
}

func (s *scanner) word(i int, word string) int {
	if end := i + len(word); end <= len(s.b) && string(s.b[i:end]) == word {
		return end
	}
	return unsure
}

func (s *scanner) space(i int) int {
	for i < len(s.b) && (s.b[i] == ' ' || s.b[i] == '\n' || s.b[i] == '\t' || s.b[i] == '\r') {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
