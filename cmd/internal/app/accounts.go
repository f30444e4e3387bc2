package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// AddAccount makes an account with a first password, which is told this once and has
// to be changed at the first login. A *web.Refused tells what is wrong with it.
func (a *App) AddAccount(ctx context.Context, wanted web.NewAccount, at time.Time) (*store.Account, string, error) {
	name := access.NormalName(wanted.Name)
	if err := access.CheckName(name); err != nil {
		return nil, "", web.Refuse("Tên đăng nhập “"+wanted.Name+"” không dùng được: 1 đến 64 ký tự a-z, 0-9, dấu chấm, gạch ngang, gạch dưới.", err.Error())
	}
	if name == reconcile.ServiceActor { // what the service did by itself is told by this name
		return nil, "", web.Refuse("Tên đăng nhập “"+name+"” dành cho hệ thống.", "the name "+name+" is the service's own; choose another")
	}
	if err := a.checkRole(wanted.Role, wanted.Departments); err != nil {
		return nil, "", err
	}
	password := access.FirstPassword()
	account := store.Account{
		Name: name, Display: strings.TrimSpace(wanted.Display), Role: wanted.Role, Departments: wanted.Departments,
		PasswordHash: access.HashPassword(password), MustChange: true, CreatedAt: at,
	}
	err := a.Store.AddAccount(ctx, &account)
	if errors.Is(err, store.ErrExists) {
		return nil, "", web.Refuse("Đã có tài khoản “"+name+"”.", "there is an account "+name+" already")
	}
	return &account, password, err
}

// checkRole refuses roles and departments that do not go together.
func (a *App) checkRole(role string, departments []string) error {
	if !slices.Contains(access.Roles, access.Role(role)) {
		return web.Refuse("Vai trò “"+role+"” không có.", fmt.Sprintf("role %q is none; there are %s", role, roleNames()))
	}
	of := access.Role(role) == access.Department
	switch {
	case of && len(departments) == 0:
		return web.Refuse("Vai trò phòng cần ít nhất một phòng.", "role department needs at least one department")
	case !of && len(departments) > 0:
		return web.Refuse("Chỉ vai trò phòng mới gắn với phòng.", "only role department has departments")
	}
	for _, code := range departments {
		if !a.isDepartment(code) {
			return web.Refuse("Không có phòng “"+code+"”.", fmt.Sprintf("department %q is not configured", code))
		}
	}
	return nil
}

func roleNames() string {
	names := make([]string, len(access.Roles))
	for i, role := range access.Roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}

// ChangeAccount sets what an account is from now on. What ends its rights ends its
// sessions.
func (a *App) ChangeAccount(ctx context.Context, id int64, to web.AccountChange) (*store.Account, error) {
	account, err := a.Store.UpdateAccount(ctx, id, func(account *store.Account) error {
		same := account.Role == to.Role && slices.Equal(account.Departments, to.Departments)
		if !same || !to.Disabled { // of a department that is no more an account can still be disabled
			if err := a.checkRole(to.Role, to.Departments); err != nil {
				return err
			}
		}
		if !same || to.Disabled && !account.Disabled {
			account.SessionEpoch++
		}
		if account.Disabled && !to.Disabled {
			account.FailedLogins, account.LockedUntil = 0, time.Time{}
		}
		account.Display, account.Role, account.Departments, account.Disabled = strings.TrimSpace(to.Display), to.Role, to.Departments, to.Disabled
		return nil
	})
	return account, accountRefusal(err)
}

// Unlock forgets failed logins.
func (a *App) Unlock(ctx context.Context, id int64) error {
	_, err := a.Store.UpdateAccount(ctx, id, func(account *store.Account) error {
		account.FailedLogins, account.LockedUntil = 0, time.Time{}
		return nil
	})
	return accountRefusal(err)
}

// PrincipalOf is an account as it is before the command line.
func PrincipalOf(account *store.Account) *access.Principal {
	return &access.Principal{
		Account: account.ID, Name: account.Name, Display: account.Display, Role: access.Role(account.Role), Departments: account.Departments,
		Via: access.ViaCommand,
	}
}

// ResetPassword gives an account a new first password, and ends its sessions.
func (a *App) ResetPassword(ctx context.Context, id int64) (string, error) {
	password := access.FirstPassword()
	hash := access.HashPassword(password)
	_, err := a.Store.UpdateAccount(ctx, id, func(account *store.Account) error {
		account.PasswordHash, account.MustChange, account.FailedLogins, account.LockedUntil = hash, true, 0, time.Time{}
		account.SessionEpoch++
		return nil
	})
	if err == nil {
		err = a.Store.DeleteSessionsOf(ctx, id)
	}
	return password, accountRefusal(err)
}

func accountRefusal(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return web.ErrNotFound
	case errors.Is(err, store.ErrLastOperator):
		return web.Refuse("Đây là người vận hành cuối cùng còn hoạt động; hãy tạo người khác trước.", store.ErrLastOperator.Error())
	}
	return err
}

// WireAccount is an account as the API and the command line show it.
func WireAccount(account *store.Account, zone *time.Location) *web.Account {
	return &web.Account{
		ID: account.ID, Name: account.Name, Display: account.Display, Role: account.Role, Departments: orNone(account.Departments),
		Disabled: account.Disabled, MustChange: account.MustChange, LockedUntil: web.Stamp(account.LockedUntil, zone),
		LastLoginAt: web.Stamp(account.LastLoginAt, zone), CreatedAt: web.Stamp(account.CreatedAt, zone),
	}
}

// Accounts implements web.AccountBackend.
func (b backend) Accounts(ctx context.Context) ([]web.Account, error) {
	app, done := b.current.take()
	defer done()
	accounts, err := b.store.ListAccounts(ctx)
	list := make([]web.Account, 0, len(accounts))
	for i := range accounts {
		list = append(list, *WireAccount(&accounts[i], app.Config.Zone))
	}
	return list, err
}

// AddAccount implements web.AccountBackend.
func (b backend) AddAccount(ctx context.Context, _ *access.Principal, wanted web.NewAccount) (*web.Account, string, error) {
	app, done := b.current.take()
	defer done()
	account, password, err := app.AddAccount(ctx, wanted, b.now())
	if err != nil {
		return nil, "", err
	}
	return WireAccount(account, app.Config.Zone), password, nil
}

// ChangeAccount implements web.AccountBackend.
func (b backend) ChangeAccount(ctx context.Context, _ *access.Principal, id int64, to web.AccountChange) (*web.Account, error) {
	app, done := b.current.take()
	defer done()
	account, err := app.ChangeAccount(ctx, id, to)
	if err != nil {
		return nil, err
	}
	b.gate.Forget()
	return WireAccount(account, app.Config.Zone), nil
}

// ResetPassword implements web.AccountBackend.
func (b backend) ResetPassword(ctx context.Context, _ *access.Principal, id int64) (string, error) {
	app, done := b.current.take()
	defer done()
	password, err := app.ResetPassword(ctx, id)
	b.gate.Forget()
	return password, err
}
