package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// Accounts, and tokens for programs.

func (s *Server) accountRoutes() []Route {
	return []Route{
		api(http.MethodGet, "accounts", "accounts", "local accounts", access.ManageAccount, s.accounts),
		api(http.MethodPost, "accounts", "account_add", "make an account; its first password is told this once", access.ManageAccount, s.addAccount),
		api(http.MethodPut, "accounts/{id}", "account_change", "set role, departments, display name and whether an account is disabled", access.ManageAccount, s.changeAccount),
		api(http.MethodPost, "accounts/{id}/password", "account_password", "give a new first password and end the sessions", access.ManageAccount, s.resetPassword),
		api(http.MethodGet, "tokens", "tokens", "one's own tokens; all, for whoever manages accounts", access.SignedIn, s.tokens),
		api(http.MethodPost, "tokens", "token_add", "make a token; its text is told this once", access.SignedIn, s.addToken),
		api(http.MethodDelete, "tokens/{id}", "token_revoke", "revoke a token", access.SignedIn, s.revokeToken),
	}
}

// maxTokenDays is how long a token may live.
const maxTokenDays = 366

// role checks a role with its departments.
func (p *parameters) role(role string, departments []string) {
	switch {
	case !slices.Contains(access.Roles, access.Role(role)):
		p.fault("role", "%q is none of them; there are %s", shown(role), joined(access.Roles))
	case access.Role(role) == access.Department && len(departments) == 0:
		p.fault("departments", "the role %s has at least one", role)
	case access.Role(role) != access.Department && len(departments) > 0:
		p.fault("departments", "the role %s sees all departments; leave the list empty", role)
	}
	for _, department := range departments {
		p.line("departments", department)
	}
}

// rights says in the audit trail what somebody may do from now on.
func rights(role string, departments []string) string {
	return strings.TrimSpace(role + " " + strings.Join(departments, ", "))
}

func (s *Server) accounts(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(ctx context.Context) (*accountsBody, error) {
		list, err := s.options.Backend.Accounts(ctx)
		return &accountsBody{list}, err
	})
}

func (s *Server) addAccount(w http.ResponseWriter, r *http.Request) {
	var body NewAccount
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	p.line("name", body.Name)
	p.line("display", body.Display)
	p.role(body.Role, body.Departments)
	s.changed(w, r, p, http.StatusCreated, func(ctx context.Context) (any, error) {
		Note(ctx, body.Name, rights(body.Role, body.Departments))
		account, password, err := s.options.Backend.AddAccount(ctx, access.From(ctx), body)
		return &madeAccount{account, password}, err
	})
}

func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request) {
	var body AccountChange
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	id := p.numbered(r)
	p.line("display", body.Display)
	p.role(body.Role, body.Departments)
	s.changed(w, r, p, http.StatusOK, func(ctx context.Context) (any, error) {
		Note(ctx, "", fmt.Sprintf("%s, disabled: %v", rights(body.Role, body.Departments), body.Disabled))
		account, err := s.options.Backend.ChangeAccount(ctx, access.From(ctx), id, body)
		if err == nil {
			Note(ctx, account.Name, "")
		}
		return account, err
	})
}

func (s *Server) resetPassword(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	id := p.numbered(r)
	if !noBody(w, r) {
		return
	}
	s.changed(w, r, p, http.StatusOK, func(ctx context.Context) (any, error) {
		password, err := s.options.Backend.ResetPassword(ctx, access.From(ctx), id)
		return &madePassword{password}, err
	})
}

func (s *Server) tokens(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(ctx context.Context) (*tokensBody, error) {
		list, err := s.options.Backend.Tokens(ctx, access.From(ctx))
		return &tokensBody{list}, err
	})
}

func (s *Server) addToken(w http.ResponseWriter, r *http.Request) {
	var body NewToken
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	p.line("name", body.Name)
	p.role(body.Role, body.Departments)
	if body.Days < 1 || body.Days > maxTokenDays {
		p.fault("days", "no whole number from 1 to %d", maxTokenDays)
	}
	s.changed(w, r, p, http.StatusCreated, func(ctx context.Context) (any, error) {
		Note(ctx, body.Name, fmt.Sprintf("%s, read only: %v, %d days", rights(body.Role, body.Departments), body.ReadOnly, body.Days))
		token, text, err := s.options.Backend.AddToken(ctx, access.From(ctx), body)
		return &madeToken{token, text}, err
	})
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) {
	s.decide(w, r, s.options.Backend.RevokeToken)
}
