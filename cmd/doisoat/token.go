package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type tokenCmd struct {
	Add    tokenAddCmd    `cmd:"" help:"Make a token for a program that uses the API."`
	List   tokenListCmd   `cmd:"" help:"List the tokens."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token."`
}

type tokenAddCmd struct {
	configFlag
	Name       string   `arg:"" help:"What it is for."`
	Owner      string   `help:"The account in whose name it is used; it never may more than that." required:"" placeholder:"USER"`
	Role       string   `help:"operator, centre, department or auditor; the owner's if left out." enum:",operator,centre,department,auditor" default:"" placeholder:"ROLE"`
	Department []string `help:"Whose dossiers it sees; the owner's if left out." placeholder:"CODE" sep:","`
	ReadOnly   bool     `help:"It may change nothing."`
	Days       int      `help:"After how many days it expires, 1 to 366." default:"90"`
	formatFlag
}

// Help is shown by doisoat token add --help.
func (c *tokenAddCmd) Help() string {
	return `Prints the token, once. A program sends it as "Authorization: Bearer TOKEN".

Example:
  doisoat token add --config doisoat.yaml --owner quantri --read-only --days 30 "bảng theo dõi"`
}

func (c *tokenAddCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		account, err := a.Store.FindAccount(ctx, c.Owner)
		if err != nil {
			return err
		}
		if account == nil {
			return fmt.Errorf("there is no account %s; see: doisoat user list --config %s", c.Owner, relative(c.Config))
		}
		wanted := web.NewToken{Name: c.Name, Role: c.Role, Departments: c.Department, ReadOnly: c.ReadOnly, Days: c.Days}
		if wanted.Role == "" {
			wanted.Role = account.Role
		}
		if len(wanted.Departments) == 0 && wanted.Role == account.Role {
			wanted.Departments = account.Departments
		}
		return audited(ctx, a, "token_add", c.Owner+": "+c.Name, func() error {
			token, text, err := a.AddToken(ctx, app.PrincipalOf(account), wanted, time.Now())
			if err != nil {
				return usageIfRefused(err)
			}
			if c.json() {
				return output.NewTokenJSON(s.out, app.WireToken(token, a.Config.Zone), text)
			}
			_, err = fmt.Fprintf(s.out, "Token %d of %s, role %s%s, until %s.\nShown this once: %s\n",
				token.ID, account.Name, token.Role, of(token.Departments), token.ExpiresAt.In(a.Config.Zone).Format(time.DateOnly), text)
			return err
		})
	})
}

type tokenListCmd struct {
	configFlag
	formatFlag
}

// Help is shown by doisoat token list --help.
func (c *tokenListCmd) Help() string {
	return `Example:
  doisoat token list --config doisoat.yaml`
}

func (c *tokenListCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		list, err := a.Store.ListTokens(ctx, nil)
		if err != nil {
			return err
		}
		tokens := make([]web.Token, len(list))
		for i := range list {
			tokens[i] = *app.WireToken(&list[i], a.Config.Zone)
		}
		if c.json() {
			return output.TokensJSON(s.out, tokens)
		}
		return output.TokensTable(s.out, tokens, a.Config.Zone)
	})
}

type tokenRevokeCmd struct {
	configFlag
	ID int64 `arg:"" help:"The token's number, as token list shows it."`
}

// Help is shown by doisoat token revoke --help.
func (c *tokenRevokeCmd) Help() string {
	return `Example:
  doisoat token revoke --config doisoat.yaml 3`
}

func (c *tokenRevokeCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		return audited(ctx, a, "token_revoke", fmt.Sprint(c.ID), func() error {
			err := a.Store.RevokeToken(ctx, c.ID, nil, time.Now())
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("there is no token %d; see: doisoat token list --config %s", c.ID, relative(c.Config))
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "Token %d is revoked.\n", c.ID)
			return err
		})
	})
}
