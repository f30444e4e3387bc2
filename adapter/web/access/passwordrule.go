package access

import (
	"crypto/rand"
	_ "embed" // common.txt
	"strings"
	"unicode"
	"unicode/utf8"
)

// A password's length, in characters.
const (
	MinPassword = 12
	MaxPassword = 256
)

//go:embed common.txt
var commonest string

// CheckPassword tells what is wrong with a new password of that login name; nil
// where nothing is. What it returns is a *Denied of WeakPassword.
func CheckPassword(name, password string) error {
	weak := func(vi, en string) error { return &Denied{Reason: WeakPassword, Vi: vi, En: en} }
	if !utf8.ValidString(password) {
		return weak("Mật khẩu có ký tự không hợp lệ.", "The password has characters that are not valid.")
	}
	password = strings.ToLower(normalPassword(password))
	length := utf8.RuneCountInString(password)
	switch {
	case length < MinPassword:
		return weak("Mật khẩu phải có ít nhất 12 ký tự.", "The password must have at least 12 characters.")
	case length > MaxPassword:
		return weak("Mật khẩu có nhiều nhất 256 ký tự.", "The password must have at most 256 characters.")
	case strings.ContainsFunc(password, unicode.IsControl):
		return weak("Mật khẩu không được có ký tự điều khiển.", "The password must not have control characters.")
	}
	if name = NormalName(name); name != "" && strings.Contains(password, name) {
		if rest := strings.ReplaceAll(password, name, ""); utf8.RuneCountInString(rest) < MinPassword/2 {
			return weak("Mật khẩu không được là tên đăng nhập.", "The password must not be the login name.")
		}
	}
	if distinct(password) < 5 || common(password) {
		return weak("Mật khẩu này quá dễ đoán.", "This password is too easy to guess.")
	}
	return nil
}

// common reports whether the password is on the list, or is an entry with digits or
// signs around it.
func common(password string) bool {
	bare := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	for entry := range strings.Lines(commonest) {
		if entry = strings.TrimSpace(entry); entry != "" && (entry == password || entry == bare) {
			return true
		}
	}
	return false
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// readable has no 0 and o, 1, i and l, u and v: a first password is read out and
// typed in.
const readable = "abcdefghjkmnpqrstwxyz23456789"

// FirstPassword makes a password that somebody gives to somebody else: four groups
// of five, 97 bits.
func FirstPassword() string {
	var b strings.Builder
	for i := 0; i < 20; {
		var raw [32]byte
		_, _ = rand.Read(raw[:]) // never fails: it ends the process instead
		for _, x := range raw {
			// The remainder of 256 would make some letters likelier than others.
			if limit := byte(256 / len(readable) * len(readable)); x >= limit || i == 20 {
				continue
			}
			if i > 0 && i%5 == 0 {
				b.WriteByte('-')
			}
			b.WriteByte(readable[int(x)%len(readable)])
			i++
		}
	}
	return b.String()
}
