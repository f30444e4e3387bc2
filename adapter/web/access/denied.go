package access

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnavailable is wrapped by whatever fails because the store does not answer. It
// says nothing about who asks: the answer is 503, and nobody is signed out.
var ErrUnavailable = errors.New("accounts and sessions cannot be read or kept now; look after the store")

func unavailable(what string, err error) error {
	return fmt.Errorf("%s: %w: %w", what, ErrUnavailable, err)
}

// Reason is why somebody was not let in: few, for logs, metrics and the audit trail.
type Reason string

// The reasons.
const (
	WrongPassword Reason = "wrong_password" // or name, or an account that is disabled
	Locked        Reason = "locked"         // too many wrong passwords for this name
	Limited       Reason = "limited"        // too many attempts
	WeakPassword  Reason = "weak_password"  // the new one
	NotChangeable Reason = "not_changeable" // who asks has no password here
	WrongToken    Reason = "wrong_token"    // or one that expired or was revoked
	WrongHeader   Reason = "wrong_header"   // a proxy's headers do not hold
	NoRole        Reason = "no_role"        // known elsewhere, but given no role here
	StaleLogin    Reason = "stale_login"    // the way to the provider and back was not one
	RefusedLogin  Reason = "refused_login"  // what the provider answered does not hold
	NoProvider    Reason = "no_provider"    // none is configured, or it does not answer
)

// Reasons lists them.
var Reasons = []Reason{
	WrongPassword, Locked, Limited, WeakPassword, NotChangeable, WrongToken, WrongHeader,
	NoRole, StaleLogin, RefusedLogin, NoProvider,
}

// Denied is why somebody was not let in, for them to read. It wraps ErrRejected.
type Denied struct {
	Reason Reason
	// Wait is after how long trying again makes sense; of Locked and Limited.
	Wait time.Duration
	// Vi and En say it to whoever asks. They tell nothing that helps to guess.
	Vi, En string
	// Err is what was behind it, for the log; it may be nil. It holds no secret.
	Err error
}

func (d *Denied) Error() string {
	if d.Err != nil {
		return fmt.Sprintf("%s: %v", d.En, d.Err)
	}
	return d.En
}

// Unwrap gives ErrRejected and the cause.
func (d *Denied) Unwrap() []error {
	if d.Err == nil {
		return []error{ErrRejected}
	}
	return []error{ErrRejected, d.Err}
}

// wrongPassword is the same for a name that is not known, a password that is wrong
// and an account that is disabled.
func wrongPassword() *Denied {
	return &Denied{
		Reason: WrongPassword,
		Vi:     "Tên đăng nhập hoặc mật khẩu không đúng.",
		En:     "The login name or the password is wrong.",
	}
}

func locked(wait time.Duration) *Denied {
	vi, en := inWords(wait)
	return &Denied{
		Reason: Locked, Wait: wait,
		Vi: "Sai mật khẩu quá nhiều lần. Tên đăng nhập này tạm bị khóa, thử lại sau " + vi + ".",
		En: "Too many wrong passwords. This login name is locked for now; try again in " + en + ".",
	}
}

func limited(wait time.Duration) *Denied {
	vi, en := inWords(wait)
	return &Denied{
		Reason: Limited, Wait: wait,
		Vi: "Quá nhiều lần đăng nhập trong thời gian ngắn, thử lại sau " + vi + ".",
		En: "Too many attempts to log in within a short time; try again in " + en + ".",
	}
}

// inWords rounds up, so that trying again then does work.
func inWords(wait time.Duration) (vi, en string) {
	if wait <= time.Minute {
		n := int((wait + time.Second - 1) / time.Second)
		return fmt.Sprintf("%d giây", n), plural(n, "second")
	}
	n := int((wait + time.Minute - 1) / time.Minute)
	return fmt.Sprintf("%d phút", n), plural(n, "minute")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
