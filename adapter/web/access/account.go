package access

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// ErrNoAccount is what a Store returns, wrapped or not, from GetAccount and
// UpdateAccount where there is no such account.
var ErrNoAccount = errors.New("no such account")

// Account is a local account as it is kept.
type Account struct {
	ID      int64
	Name    string // the login name, as NormalName writes it; never changes
	Display string // "" where nothing better than the name is known
	Role    Role
	// Departments are those of an account of role Department; else none.
	Departments []string
	// PasswordHash is as HashPassword gives it; "" lets nobody in.
	PasswordHash string
	Disabled     bool
	MustChange   bool // the password was given by somebody else
	// FailedLogins counts the attempts since the last login; see Lockout.
	FailedLogins int
	LockedUntil  time.Time // zero: never locked since the last login
	LastLoginAt  time.Time // zero: never
	// SessionEpoch goes up with whatever has to end the account's sessions: its
	// password, role, departments, or its being disabled. A session holds only in the
	// epoch it was begun in.
	SessionEpoch int64
	Language     string // "vi", "en" or ""
}

// StoredToken is an API token as it is kept. Its text is not.
type StoredToken struct {
	ID      int64
	Hash    string // as HashToken gives it
	Name    string // what it is for
	Account int64  // whose it is
	// Role, Departments and ReadOnly are what the token was made for. It never may
	// more than its owner may now.
	Role        Role
	Departments []string // of role Department
	ReadOnly    bool
	ExpiresAt   time.Time // zero: it has expired
	RevokedAt   time.Time // zero: not revoked
	LastUsedAt  time.Time // zero: never; kept to the minute
}

// StoredSession is a session as it is kept.
type StoredSession struct {
	// Key is a hash of what is in the cookie: whoever reads the store cannot go on
	// with somebody's session.
	Key string
	// Account is whose it is; 0 for somebody that an identity provider knows.
	Account   int64
	Data      []byte // this package's; JSON
	ExpiresAt time.Time
}

// Store keeps accounts, tokens and sessions. Its methods are called from several
// goroutines at once. What Find… does not find is nil, without an error: an error
// means that the store did not answer, and nobody is signed out for that.
type Store interface {
	// FindAccount is by login name, as NormalName writes it.
	FindAccount(ctx context.Context, name string) (*Account, error)
	// GetAccount returns ErrNoAccount where there is none.
	GetAccount(ctx context.Context, id int64) (*Account, error)
	// UpdateAccount changes an account in one transaction that no other change of the
	// account comes between. An error of change is returned, wrapped or not, and
	// nothing is changed. change may be called again where a transaction must be.
	UpdateAccount(ctx context.Context, id int64, change func(*Account) error) error
	// CountAccounts counts all, disabled ones too.
	CountAccounts(ctx context.Context) (int, error)

	// FindSession gives sessions that have expired, too, or not.
	FindSession(ctx context.Context, key string) (*StoredSession, error)
	// AddSession inserts or replaces.
	AddSession(ctx context.Context, session StoredSession) error
	// TouchSession moves the end of a session that is there still. It must not bring
	// one back that was deleted meanwhile.
	TouchSession(ctx context.Context, key string, expiresAt time.Time) error
	// DeleteSession deletes it, if it is there.
	DeleteSession(ctx context.Context, key string) error
	DeleteSessionsOf(ctx context.Context, account int64) error
	// DeleteSessionsBefore deletes those that expired before then.
	DeleteSessionsBefore(ctx context.Context, then time.Time) error

	// FindToken is by hash; expired and revoked ones too.
	FindToken(ctx context.Context, hash string) (*StoredToken, error)
	TouchToken(ctx context.Context, id int64, usedAt time.Time) error
}

var accountName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$`)

// NormalName is a login name as it is kept: without spaces around it, in lower case.
func NormalName(name string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(name)))
}

// CheckName tells, for whoever makes an account, what is wrong with its login name,
// which is NormalName's. A name without ":" is never taken for somebody whom a
// provider or a proxy knows.
func CheckName(name string) error {
	if accountName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("login name %q: must be 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning and ending with a letter or digit", name)
}

// principal is the account as somebody who asks.
func (a *Account) principal(via Via) *Principal {
	display := a.Display
	if display == "" {
		display = a.Name
	}
	return &Principal{
		Account: a.ID, Name: a.Name, Display: display, Role: a.Role, Departments: a.departments(),
		Via: via, MustChange: a.MustChange, Language: a.Language,
	}
}

func (a *Account) departments() []string {
	if a.Role != Department {
		return nil
	}
	return append([]string{}, a.Departments...)
}
