package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Make an account for the pages."`
	List    userListCmd    `cmd:"" help:"List the accounts."`
	Disable userDisableCmd `cmd:"" help:"End an account's sessions and let it in no more."`
	Enable  userEnableCmd  `cmd:"" help:"Let a disabled or locked account in again."`
	Reset   userResetCmd   `cmd:"" help:"Give an account a new first password."`
}

type userAddCmd struct {
	configFlag
	Name       string   `arg:"" help:"The name to sign in with: a-z, 0-9, dot, dash, underscore."`
	Role       string   `help:"operator (runs the service), centre (waives, sends letters, makes the report), department (its own dossiers), auditor (reads everything)." enum:"operator,centre,department,auditor" required:"" placeholder:"ROLE"`
	Department []string `help:"Whose dossiers it sees; may be repeated. For the role department." placeholder:"CODE" sep:","`
	Display    string   `help:"The name that pages show." placeholder:"TEXT"`
	formatFlag
}

// Help is shown by doisoat user add --help.
func (c *userAddCmd) Help() string {
	return `Prints a first password, once; it has to be changed at the first sign-in.

Examples:
  doisoat user add --config doisoat.yaml --role operator quantri
  doisoat user add --config doisoat.yaml --role department --department TP --display "Phòng Tư pháp" tuphap`
}

func (c *userAddCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		return audited(ctx, a, "user_add", c.Name, func() error {
			account, password, err := a.AddAccount(ctx, web.NewAccount{Name: c.Name, Display: c.Display, Role: c.Role, Departments: c.Department}, time.Now())
			if err != nil {
				return usageIfRefused(err)
			}
			if c.json() {
				return output.NewAccountJSON(s.out, app.WireAccount(account, a.Config.Zone), password)
			}
			_, err = fmt.Fprintf(s.out, "Account %s, role %s%s.\nFirst password, shown this once: %s\n", account.Name, account.Role, of(account.Departments), password)
			return err
		})
	})
}

func of(departments []string) string {
	if len(departments) == 0 {
		return ""
	}
	return " of " + strings.Join(departments, ", ")
}

// usageIfRefused makes what a person asked for wrongly a matter of the command line.
func usageIfRefused(err error) error {
	var refused *web.Refused
	if errors.As(err, &refused) {
		return &exitError{exitUsage, err}
	}
	return err
}

type userListCmd struct {
	configFlag
	formatFlag
}

// Help is shown by doisoat user list --help.
func (c *userListCmd) Help() string {
	return `Example:
  doisoat user list --config doisoat.yaml`
}

func (c *userListCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		list, err := a.Store.ListAccounts(ctx)
		if err != nil {
			return err
		}
		accounts := make([]web.Account, len(list))
		for i := range list {
			accounts[i] = *app.WireAccount(&list[i], a.Config.Zone)
		}
		if c.json() {
			return output.AccountsJSON(s.out, accounts)
		}
		return output.AccountsTable(s.out, accounts, a.Config.Zone)
	})
}

// oneUser is what the commands on one account have in common.
type oneUser struct {
	Name string `arg:"" help:"The account's name."`
}

// on finds the account and does something with it, on the audit trail.
func (u oneUser) on(ctx context.Context, s *streams, config configFlag, action string, do func(*app.App, *store.Account) error) error {
	return config.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		account, err := a.Store.FindAccount(ctx, u.Name)
		if err != nil {
			return err
		}
		if account == nil {
			return fmt.Errorf("there is no account %s; see: doisoat user list --config %s", u.Name, relative(config.Config))
		}
		return audited(ctx, a, action, account.Name, func() error { return do(a, account) })
	})
}

func changeOf(account *store.Account, disabled bool) web.AccountChange {
	return web.AccountChange{Display: account.Display, Role: account.Role, Departments: account.Departments, Disabled: disabled}
}

type userDisableCmd struct {
	configFlag
	oneUser
}

// Help is shown by doisoat user disable --help.
func (c *userDisableCmd) Help() string {
	return `Example:
  doisoat user disable --config doisoat.yaml tuphap`
}

func (c *userDisableCmd) Run(ctx context.Context, s *streams) error {
	return c.on(ctx, s, c.configFlag, "user_disable", func(a *app.App, account *store.Account) error {
		if _, err := a.ChangeAccount(ctx, account.ID, changeOf(account, true)); err != nil {
			return err
		}
		if err := a.Store.DeleteSessionsOf(ctx, account.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "Account %s is disabled.\n", account.Name)
		return err
	})
}

type userEnableCmd struct {
	configFlag
	oneUser
}

// Help is shown by doisoat user enable --help.
func (c *userEnableCmd) Help() string {
	return `Example:
  doisoat user enable --config doisoat.yaml tuphap`
}

func (c *userEnableCmd) Run(ctx context.Context, s *streams) error {
	return c.on(ctx, s, c.configFlag, "user_enable", func(a *app.App, account *store.Account) error {
		if _, err := a.ChangeAccount(ctx, account.ID, changeOf(account, false)); err != nil {
			return err
		}
		if err := a.Unlock(ctx, account.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "Account %s may sign in.\n", account.Name)
		return err
	})
}

type userResetCmd struct {
	configFlag
	oneUser
}

// Help is shown by doisoat user reset --help.
func (c *userResetCmd) Help() string {
	return `Prints a new first password, once. The account's sessions end.

Example:
  doisoat user reset --config doisoat.yaml tuphap`
}

func (c *userResetCmd) Run(ctx context.Context, s *streams) error {
	return c.on(ctx, s, c.configFlag, "user_reset", func(a *app.App, account *store.Account) error {
		password, err := a.ResetPassword(ctx, account.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "First password of %s, shown this once: %s\n", account.Name, password)
		return err
	})
}
