package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"
)

// HashPassword is the password as it may be kept (argon2id, PHC string). It takes
// 19 MiB and some tens of milliseconds; a server uses Access.HashPassword.
func HashPassword(password string) string { return fullCost.hash(password) }

func (c cost) hash(password string) string {
	h := c.random()
	h.key = h.compute(normalPassword(password))
	return h.String()
}

// random is a hash of no password.
func (c cost) random() *phc {
	h := &phc{memory: c.memory, time: c.time, lanes: 1, salt: make([]byte, hashSaltLen), key: make([]byte, hashKeyLen)}
	// crypto/rand.Read never returns an error; it ends the process instead.
	_, _ = rand.Read(h.salt)
	_, _ = rand.Read(h.key)
	return h
}

// normalPassword is the password however it was typed: one input method composes
// ế, another gives ê and an accent (NIST SP 800-63B, 5.1.1.2).
func normalPassword(password string) string { return norm.NFKC.String(password) }

// hashWait is how long somebody waits for their turn.
const hashWait = 10 * time.Second

// hasher computes few hashes at a time: each takes 19 MiB, and a flood of logins must
// not take the machine's memory.
type hasher struct {
	cost  cost
	turns chan struct{}
	// dummy is what the password of an unknown name is compared with, so that it
	// costs what a known one does.
	dummy    *phc
	computed atomic.Int64
}

func newHasher(c cost, atATime int) *hasher {
	return &hasher{cost: c, turns: make(chan struct{}, atATime), dummy: c.random()}
}

// turn waits for one; done must be called after a nil error.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	timer := time.NewTimer(hashWait)
	defer timer.Stop()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, limited(hashWait)
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	h.computed.Add(1)
	return h.cost.hash(password), nil
}

// verify computes exactly one hash, whatever it is given. better is a stronger hash
// of the same password where the one given is weak; that is one more.
func (h *hasher) verify(ctx context.Context, password, hash string) (right bool, better string, err error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, "", err
	}
	defer done()
	stored, cause := parsePHC(hash)
	known := cause == nil
	if !known {
		stored = h.dummy
	}
	h.computed.Add(1)
	same := subtle.ConstantTimeCompare(stored.compute(normalPassword(password)), stored.key) == 1
	if !known || !same {
		return false, "", nil
	}
	if stored.weak(h.cost) {
		h.computed.Add(1)
		better = h.cost.hash(password)
	}
	return true, better, nil
}
