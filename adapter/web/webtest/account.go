package webtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// Accounts implements web.AccountBackend.
func (b *Backend) Accounts(context.Context) ([]web.Account, error) {
	unlock, err := b.begin("Accounts")
	defer unlock()
	return slices.Clone(b.accounts), err
}

func (b *Backend) password() string {
	b.passwords++
	return fmt.Sprintf("mat-khau-dau-tien-%04d", b.passwords)
}

func unknownDepartment(departments []string) error {
	for _, d := range departments {
		if nameOf(d) == d {
			return web.Refuse("Không có phòng "+d+".", "there is no department "+d)
		}
	}
	return nil
}

// AddAccount implements web.AccountBackend.
func (b *Backend) AddAccount(_ context.Context, _ *access.Principal, to web.NewAccount) (*web.Account, string, error) {
	unlock, err := b.begin("AddAccount")
	defer unlock()
	if err == nil {
		err = unknownDepartment(to.Departments)
	}
	if err != nil {
		return nil, "", err
	}
	if slices.ContainsFunc(b.accounts, func(a web.Account) bool { return a.Name == to.Name }) {
		return nil, "", web.Refuse("Đã có tài khoản tên "+to.Name+".", "there is an account named "+to.Name)
	}
	a := web.Account{
		ID: int64(len(b.accounts) + 1), Name: to.Name, Display: to.Display, Role: to.Role, Departments: append([]string{}, to.Departments...), MustChange: true, CreatedAt: b.stamp(b.now),
	}
	b.accounts = append(b.accounts, a)
	return &a, b.password(), nil
}

func (b *Backend) account(id int64) (*web.Account, error) {
	for i := range b.accounts {
		if b.accounts[i].ID == id {
			return &b.accounts[i], nil
		}
	}
	return nil, fmt.Errorf("account %d: %w", id, web.ErrNotFound)
}

// ChangeAccount implements web.AccountBackend.
func (b *Backend) ChangeAccount(_ context.Context, _ *access.Principal, id int64, to web.AccountChange) (*web.Account, error) {
	unlock, err := b.begin("ChangeAccount")
	defer unlock()
	if err == nil {
		err = unknownDepartment(to.Departments)
	}
	if err != nil {
		return nil, err
	}
	a, err := b.account(id)
	if err != nil {
		return nil, err
	}
	others := slices.ContainsFunc(b.accounts, func(o web.Account) bool { return o.ID != id && !o.Disabled && access.Role(o.Role) == access.Operator })
	if !others && (to.Disabled || access.Role(to.Role) != access.Operator) {
		return nil, web.Refuse("Phải còn ít nhất một người quản lý tài khoản.", "nobody would be left to manage accounts")
	}
	a.Display, a.Role, a.Departments, a.Disabled = to.Display, to.Role, append([]string{}, to.Departments...), to.Disabled
	changed := *a
	return &changed, nil
}

// ResetPassword implements web.AccountBackend.
func (b *Backend) ResetPassword(_ context.Context, _ *access.Principal, id int64) (string, error) {
	unlock, err := b.begin("ResetPassword")
	defer unlock()
	if err != nil {
		return "", err
	}
	a, err := b.account(id)
	if err != nil {
		return "", err
	}
	a.MustChange, a.LockedUntil = true, ""
	return b.password(), nil
}

// Tokens implements web.AccountBackend.
func (b *Backend) Tokens(_ context.Context, who *access.Principal) ([]web.Token, error) {
	unlock, err := b.begin("Tokens")
	defer unlock()
	list := []web.Token{}
	for _, t := range b.tokens {
		if who.May(access.ManageAccount) || t.Owner == who.Name {
			list = append(list, t)
		}
	}
	return list, err
}

// AddToken implements web.AccountBackend.
func (b *Backend) AddToken(_ context.Context, who *access.Principal, to web.NewToken) (*web.Token, string, error) {
	unlock, err := b.begin("AddToken")
	defer unlock()
	if err == nil {
		err = unknownDepartment(to.Departments)
	}
	if err != nil {
		return nil, "", err
	}
	role := access.Role(to.Role)
	for _, p := range access.Permissions {
		if role.May(p) && !who.Role.May(p) {
			return nil, "", web.Refuse("Mã truy cập không được nhiều quyền hơn người lập.", "a token may not do more than whoever makes it")
		}
	}
	if !who.Scope().All() && role != access.Department || slices.ContainsFunc(to.Departments, func(d string) bool { return !who.Scope().Sees(d) }) {
		return nil, "", web.Refuse("Mã truy cập không được xem nhiều hơn người lập.", "a token may not see more than whoever makes it")
	}
	t := web.Token{
		ID: int64(len(b.tokens) + 1), Name: to.Name, Owner: who.Name, Role: to.Role, Departments: append([]string{}, to.Departments...), ReadOnly: to.ReadOnly,
		CreatedAt: b.stamp(b.now), ExpiresAt: b.stamp(b.now.AddDate(0, 0, to.Days)),
	}
	b.tokens = append(b.tokens, t)
	return &t, fmt.Sprintf("doisoat_%043d", t.ID), nil
}

// RevokeToken implements web.AccountBackend.
func (b *Backend) RevokeToken(_ context.Context, who *access.Principal, id int64) error {
	unlock, err := b.begin("RevokeToken")
	defer unlock()
	if err != nil {
		return err
	}
	for i := range b.tokens {
		if t := &b.tokens[i]; t.ID == id && (who.May(access.ManageAccount) || t.Owner == who.Name) {
			t.RevokedAt = b.stamp(b.now)
			return nil
		}
	}
	return fmt.Errorf("token %d: %w", id, web.ErrNotFound)
}
