package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/text/unicode/norm"
)

// ErrExists is returned where something is to be added under a name that is taken.
var ErrExists = errors.New("there is one of that name already")

// ErrLastOperator is returned where nobody would be left who manages accounts.
var ErrLastOperator = errors.New("it is the last operator that is not disabled; make another one first")

// RoleOperator is the role of those who manage accounts, of whom one must stay.
const RoleOperator = "operator"

// Account is a local account.
type Account struct {
	ID           int64
	Name         string // to sign in with; as FoldName gives it
	Display      string
	Role         string
	Departments  []string
	PasswordHash string // whatever the caller's algorithm writes, never a password
	Disabled     bool
	MustChange   bool // the first password was not changed yet
	FailedLogins int
	LockedUntil  time.Time
	LastLoginAt  time.Time
	CreatedAt    time.Time
	Language     string
	// SessionEpoch is raised to end every session: one that carries another number
	// is not of this account any more.
	SessionEpoch int64
}

// FoldName is a login name as it is kept and looked for: however it was typed.
func FoldName(name string) string {
	return cleanText(norm.NFC.String(strings.ToLower(norm.NFC.String(strings.TrimSpace(name)))))
}

type accountRow struct {
	ID           int64  `db:"id"`
	Name         string `db:"name"`
	Display      string `db:"display"`
	Role         string `db:"role"`
	Departments  string `db:"departments"`
	PasswordHash string `db:"password_hash"`
	Disabled     int    `db:"disabled"`
	MustChange   int    `db:"must_change"`
	FailedLogins int    `db:"failed_logins"`
	LockedUntil  int64  `db:"locked_until"`
	LastLoginAt  int64  `db:"last_login_at"`
	CreatedAt    int64  `db:"created_at"`
	Language     string `db:"language"`
	SessionEpoch int64  `db:"session_epoch"`
}

func (r *accountRow) account() (Account, error) {
	a := Account{ID: r.ID, Name: r.Name, Display: r.Display, Role: r.Role, PasswordHash: r.PasswordHash, Disabled: r.Disabled != 0,
		MustChange: r.MustChange != 0, FailedLogins: r.FailedLogins, LockedUntil: fromMillis(r.LockedUntil), LastLoginAt: fromMillis(r.LastLoginAt),
		CreatedAt: fromMillis(r.CreatedAt), Language: r.Language, SessionEpoch: r.SessionEpoch}
	if err := json.Unmarshal([]byte(r.Departments), &a.Departments); err != nil {
		return Account{}, fmt.Errorf("departments of account %s: %w", r.Name, err)
	}
	return a, nil
}

// departmentsJSON is a list of departments as it is kept, [] where there are none.
func departmentsJSON(list []string) (string, error) {
	if list == nil {
		list = []string{}
	}
	text, err := json.Marshal(list)
	return cleanText(string(text)), err
}

// AddAccount adds an account and gives it its ID; ErrExists where the name is taken.
func (s *Store) AddAccount(ctx context.Context, a *Account) error {
	a.Name = FoldName(a.Name)
	if a.Name == "" {
		return errors.New("store: account: it needs a name")
	}
	departments, err := departmentsJSON(a.Departments)
	if err != nil {
		return fmt.Errorf("store: account %s: %w", a.Name, err)
	}
	return s.writeBeside(ctx, "account "+a.Name, lockAccounts, func(tx *sqlx.Tx) error {
		var err error
		a.ID, err = s.insertID(ctx, tx, `INSERT INTO accounts (name, display, role, departments, password_hash, disabled, must_change, failed_logins,
			locked_until, last_login_at, created_at, language, session_epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			a.Name, cleanText(a.Display), cleanText(a.Role), departments, a.PasswordHash, boolInt(a.Disabled), boolInt(a.MustChange), a.FailedLogins,
			millis(a.LockedUntil), millis(a.LastLoginAt), millis(a.CreatedAt), cleanText(a.Language), a.SessionEpoch)
		if taken(err) {
			return ErrExists
		}
		return err
	})
}

// GetAccount is an account by its ID; ErrNotFound if there is none.
func (s *Store) GetAccount(ctx context.Context, id int64) (*Account, error) {
	return s.oneAccount(ctx, s.reader, fmt.Sprintf("account %d", id), `WHERE id = ?`, id)
}

// FindAccount is an account by its name, however that is written; nil if there is none.
func (s *Store) FindAccount(ctx context.Context, name string) (*Account, error) {
	a, err := s.oneAccount(ctx, s.reader, "account "+name, `WHERE name = ?`, FoldName(name))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return a, err
}

func (s *Store) oneAccount(ctx context.Context, db sqlx.QueryerContext, what, where string, args ...any) (*Account, error) {
	list, err := s.selectAccounts(ctx, db, where, args...)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", what, err)
	}
	return &list[0], nil
}

// ListAccounts is every account, by name.
func (s *Store) ListAccounts(ctx context.Context) ([]Account, error) {
	list, err := s.selectAccounts(ctx, s.reader, `ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("store: accounts: %w", err)
	}
	return list, nil
}

func (s *Store) selectAccounts(ctx context.Context, db sqlx.QueryerContext, where string, args ...any) ([]Account, error) {
	var rows []accountRow
	if err := sqlx.SelectContext(ctx, db, &rows, s.bind(`SELECT id, name, display, role, departments, password_hash, disabled, must_change, failed_logins,
		locked_until, last_login_at, created_at, language, session_epoch FROM accounts `+where), args...); err != nil {
		return nil, err
	}
	list := make([]Account, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].account(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// CountAccounts is how many accounts there are, disabled ones too.
func (s *Store) CountAccounts(ctx context.Context) (int, error) {
	var n int
	if err := s.reader.GetContext(ctx, &n, `SELECT COUNT(*) FROM accounts`); err != nil {
		return 0, fmt.Errorf("store: accounts: %w", err)
	}
	return n, nil
}

// UpdateAccount lets change see the account as it is and keeps it as change left it,
// with nobody changing an account in between; ID and CreatedAt stay. What change
// returns is returned, and nothing kept. ErrNotFound where there is no such account,
// ErrExists where its new name is taken, ErrLastOperator where it was the last one.
func (s *Store) UpdateAccount(ctx context.Context, id int64, change func(*Account) error) (*Account, error) {
	var now *Account
	what := fmt.Sprintf("account %d", id)
	err := s.writeBeside(ctx, what, lockAccounts, func(tx *sqlx.Tx) error {
		list, err := s.selectAccounts(ctx, tx, `WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		before := list[0]
		now = &list[0]
		if err := change(now); err != nil {
			return err
		}
		now.ID, now.CreatedAt = before.ID, before.CreatedAt
		return s.saveAccount(ctx, tx, now, before.manages() && !now.manages())
	})
	if err != nil {
		return nil, err
	}
	return now, nil
}

// manages reports whether the account can manage accounts.
func (a *Account) manages() bool { return a.Role == RoleOperator && !a.Disabled }

func (s *Store) saveAccount(ctx context.Context, tx *sqlx.Tx, a *Account, lost bool) error {
	if a.Name = FoldName(a.Name); a.Name == "" {
		return errors.New("it needs a name")
	}
	departments, err := departmentsJSON(a.Departments)
	if err != nil {
		return err
	}
	err = changedOne(tx.ExecContext(ctx, s.bind(`UPDATE accounts SET name = ?, display = ?, role = ?, departments = ?, password_hash = ?, disabled = ?,
		must_change = ?, failed_logins = ?, locked_until = ?, last_login_at = ?, language = ?, session_epoch = ? WHERE id = ?`),
		a.Name, cleanText(a.Display), cleanText(a.Role), departments, a.PasswordHash, boolInt(a.Disabled), boolInt(a.MustChange), a.FailedLogins,
		millis(a.LockedUntil), millis(a.LastLoginAt), cleanText(a.Language), a.SessionEpoch, a.ID))
	if taken(err) {
		return ErrExists
	}
	if err != nil || !lost {
		return err
	}
	var operators int
	if err := tx.GetContext(ctx, &operators, s.bind(`SELECT COUNT(*) FROM accounts WHERE role = ? AND disabled = 0`), RoleOperator); err != nil {
		return err
	}
	if operators == 0 {
		return ErrLastOperator
	}
	return nil
}
