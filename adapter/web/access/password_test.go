package access

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

func TestHashIsReadWithItsOwnParameters(t *testing.T) {
	h := newHasher(fullCost, 1)
	weak := &phc{memory: 64, time: 1, lanes: 2, salt: []byte("0123456789abcdef"), key: make([]byte, 32)}
	weak.key = weak.compute(normalPassword(goodPassword))
	right, better, err := h.verify(t.Context(), goodPassword, weak.String())
	if err != nil || !right {
		t.Fatalf("right %v, %v", right, err)
	}
	stronger, err := parsePHC(better)
	if err != nil || stronger.weak(fullCost) || stronger.parameters() != "m=19456,t=2,p=1" {
		t.Fatalf("a weak hash is to be replaced by %q (%v)", better, err)
	}
	if right, again, err := h.verify(t.Context(), goodPassword, better); err != nil || !right || again != "" {
		t.Errorf("the stronger one: right %v, replaced by %q, %v", right, again, err)
	}
	if right, better, err := h.verify(t.Context(), "something else", weak.String()); err != nil || right || better != "" {
		t.Errorf("a wrong password: right %v, better %q, %v", right, better, err)
	}
}

func TestEveryVerificationComputesOneHash(t *testing.T) {
	for name, hash := range map[string]string{
		"right": goodHash(), "no account": "", "not a hash": "x", "bcrypt": "$2y$10$abcdefghijklmnopqrstuv",
		"out of range": "$argon2id$v=19$m=4294967295,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
	} {
		h := newHasher(cheap, 1)
		right, _, err := h.verify(t.Context(), goodPassword, hash)
		if err != nil || right != (name == "right") || h.computed.Load() != 1 {
			t.Errorf("%s: right %v, %d computed, %v", name, right, h.computed.Load(), err)
		}
	}
}

func TestPasswordIsTheSameHoweverItIsTyped(t *testing.T) {
	composed, apart := norm.NFC.String(goodPassword), norm.NFD.String(goodPassword)
	if composed == apart {
		t.Fatal("nothing is compared")
	}
	for _, typed := range []string{composed, apart} {
		if right, _, err := newHasher(cheap, 1).verify(t.Context(), typed, goodHash()); !right || err != nil {
			t.Errorf("%+q: right %v, %v", typed, right, err)
		}
	}
}

func TestFewHashesAtATime(t *testing.T) {
	h := newHasher(cheap, 1)
	done, err := h.turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := h.verify(ctx, goodPassword, ""); err == nil || h.computed.Load() != 0 {
		t.Errorf("a second one at once: %v, %d computed", err, h.computed.Load())
	}
	done()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := h.hash(t.Context(), goodPassword); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if h.computed.Load() != 4 || len(h.turns) != 0 {
		t.Errorf("%d computed, %d turns not given back", h.computed.Load(), len(h.turns))
	}
}

func TestPasswordRules(t *testing.T) {
	tests := []struct {
		name, password string
		taken          bool
	}{
		{"a sentence", goodPassword, true},
		{"twelve letters", "kxwpqmzrtvbn", true},
		{"twelve Vietnamese letters", "ồếữặịụờẫỏẹạế", true},
		{"256 letters", strings.Repeat("abcdefgh", 32), true},
		{"the name among much else", "lan.tuphap đi chợ sớm", true},
		{"eleven letters", "kxwpqmzrtvb", false},
		{"eleven letters in twelve code points", norm.NFD.String("kxwpqmzrtvế"), false},
		{"257 letters", strings.Repeat("abcdefgh", 32) + "a", false},
		{"empty", "", false},
		{"the login name with a year", "Lan.TuPhap2026", false},
		{"the login name twice", "lan.tuphaplan.tuphap", false},
		{"one letter", "aaaaaaaaaaaaaaaa", false},
		{"on the list", "1qaz2wsx3edc", false},
		{"on the list, in capitals", "QWERTYUIOPASDF", false},
		{"on the list, with digits and signs around", "!!matkhau2026!!", false},
		{"on the list, full width", "ｐａｓｓｗｏｒｄ２０２６", false},
		{"a line end", "kxwpqmzrtvbn\n", false},
		{"not UTF-8", "kxwpqmzrtvbn\xff\xff", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckPassword("lan.tuphap", tt.password)
			if (err == nil) != tt.taken {
				t.Fatalf("%v", err)
			}
			if err != nil && reasonOf(err) != WeakPassword {
				t.Errorf("reason %q", reasonOf(err))
			}
			if err != nil && len(tt.password) > 3 && strings.Contains(err.Error(), tt.password) {
				t.Errorf("tells the password: %v", err)
			}
		})
	}
}

func TestFirstPassword(t *testing.T) {
	form := regexp.MustCompile(`^[a-hjkmnp-tw-z2-9]{5}(-[a-hjkmnp-tw-z2-9]{5}){3}$`)
	seen := map[string]bool{}
	letters := map[rune]int{}
	for range 2000 {
		p := FirstPassword()
		if !form.MatchString(p) || seen[p] {
			t.Fatalf("%q", p)
		}
		if err := CheckPassword("lan", p); err != nil {
			t.Fatalf("%q is refused: %v", p, err)
		}
		seen[p] = true
		for _, r := range strings.ReplaceAll(p, "-", "") {
			letters[r]++
		}
	}
	// 40,000 letters over 29: 1,379 each, with a deviation of 37.
	for _, r := range readable {
		if letters[r] < 1150 || letters[r] > 1610 {
			t.Errorf("%q came %d times of 40,000", r, letters[r])
		}
	}
}

func FuzzHash(f *testing.F) {
	f.Add(goodHash())
	f.Add("$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg")
	f.Add("$argon2id$v=19$m=+64,t=01,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg")
	f.Add("$argon2id$v=19$m=10,t=1,p=1$\n00000000000$00000000000000000000000")
	f.Add("$argon2i$v=19$m=64,t=1,p=1$$")
	f.Add("$argon2id$v=19$m=7,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZh")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parsePHC(text)
		if err != nil {
			return
		}
		if h.String() != text {
			t.Errorf("%q is read as %q", text, h)
		}
		if h.memory > maxHashMemory || h.time > maxHashTime || h.lanes > maxHashLanes || len(h.key) < 16 {
			t.Errorf("%q is taken", text)
		}
	})
}
