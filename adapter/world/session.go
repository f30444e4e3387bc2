package world

import (
	"crypto/subtle"
	"fmt"
)

// login gives out a token where user and password are right.
func (p *Platform) login(user, password string) (token string, ok bool) {
	if !p.known(user, password) {
		return "", false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.issued++
	p.stats.Logins++
	token = fmt.Sprintf("token-%d", p.issued)
	p.tokens[token] = p.options.TokenCalls
	return token, true
}

// known compares credentials in constant time, as the real thing would.
func (p *Platform) known(user, password string) bool {
	same := subtle.ConstantTimeCompare([]byte(user), []byte(p.options.User)) &
		subtle.ConstantTimeCompare([]byte(password), []byte(p.options.Password))
	return same == 1
}

// admit counts a call against its token and reports whether the token lives.
func (p *Platform) admit(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	left, known := p.tokens[token]
	if !known {
		return false
	}
	if left == 0 || len(p.strike(Call, 0)) > 0 {
		delete(p.tokens, token)
		return false
	}
	if left > 0 {
		p.tokens[token] = left - 1
	}
	return true
}

// KillTokens makes every token and session given out so far die at once.
func (p *Platform) KillTokens() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.tokens)
}
