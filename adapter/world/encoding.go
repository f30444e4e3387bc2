package world

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// Encoding is how an export's text is stored.
type Encoding string

// The encodings that offices' exports are met in.
const (
	UTF8BOM     Encoding = "utf-8-bom" // as Excel writes it
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le" // with a byte order mark
	UTF16BE     Encoding = "utf-16be" // with a byte order mark
	Windows1258 Encoding = "windows-1258"
)

// Encodings lists them.
var Encodings = []Encoding{UTF8BOM, UTF8, UTF16LE, UTF16BE, Windows1258}

// encode turns text into bytes.
func (e Encoding) encode(text string) ([]byte, error) {
	var codec encoding.Encoding
	switch e {
	case UTF8BOM, "":
		return []byte("\ufeff" + text), nil
	case UTF8:
		return []byte(text), nil
	case UTF16LE:
		codec = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		codec = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case Windows1258:
		codec, text = charmap.Windows1258, loosenTones(text)
	default:
		return nil, fmt.Errorf("encoding %q is none of %q", e, Encodings)
	}
	return codec.NewEncoder().Bytes([]byte(text))
}

// decode finds the encoding by its mark, or by whether the bytes are UTF-8.
func decode(raw []byte) (string, Encoding, error) {
	utf16 := func(order unicode.Endianness, e Encoding) (string, Encoding, error) {
		text, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(raw)
		return string(text), e, err
	}
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return utf16(unicode.LittleEndian, UTF16LE)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return utf16(unicode.BigEndian, UTF16BE)
	case bytes.HasPrefix(raw, []byte("\ufeff")):
		return string(raw[len("\ufeff"):]), UTF8BOM, nil
	case utf8.Valid(raw):
		return string(raw), UTF8, nil
	}
	text, err := charmap.Windows1258.NewDecoder().Bytes(raw)
	return compose(string(text)), Windows1258, err
}

// compose brings text into the composed Unicode form.
func compose(text string) string { return norm.NFC.String(text) }

// tones are the five tone marks that Windows-1258 writes after their vowel.
const tones = "\u0300\u0301\u0303\u0309\u0323"

// loosenTones writes each vowel as Windows-1258 knows it: with its circumflex,
// breve or horn, and the tone mark behind it.
func loosenTones(text string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		apart := norm.NFD.String(string(r))
		mark := strings.IndexAny(apart, tones)
		if mark < 0 {
			out.WriteRune(r)
			continue
		}
		_, size := utf8.DecodeRuneInString(apart[mark:])
		out.WriteString(norm.NFC.String(apart[:mark] + apart[mark+size:]))
		out.WriteString(apart[mark : mark+size])
	}
	return out.String()
}
