package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// maxTokenDays is how long a token may hold at most.
const maxTokenDays = 366

// AddToken makes a token in somebody's name; its text is told this once. It never may
// more than its owner. A *web.Refused tells what is wrong with it.
func (a *App) AddToken(ctx context.Context, owner *access.Principal, wanted web.NewToken, at time.Time) (*store.Token, string, error) {
	role := access.Role(wanted.Role)
	if err := a.checkRole(wanted.Role, wanted.Departments); err != nil {
		return nil, "", err
	}
	switch {
	case owner.Account == 0 && owner.Via != access.ViaCommand:
		return nil, "", web.Refuse("Chỉ tài khoản của doisoat mới tạo được mã truy cập.", "only a local account can have tokens; an identity provider or a proxy cannot end them")
	case strings.TrimSpace(wanted.Name) == "":
		return nil, "", web.Refuse("Cần ghi mã truy cập dùng cho việc gì.", "say what the token is for")
	case wanted.Days < 1 || wanted.Days > maxTokenDays:
		return nil, "", web.Refuse("Thời hạn phải từ 1 đến 366 ngày.", "days must be 1 to 366")
	case !noMoreThan(owner, role, wanted.Departments):
		return nil, "", web.Refuse("Mã truy cập không thể có quyền rộng hơn người tạo.", "a token cannot be permitted more than who makes it")
	}
	text, hash := access.NewTokenText()
	token := store.Token{
		Hash: hash, Name: strings.TrimSpace(wanted.Name), Owner: store.Owner{Account: owner.Account, Name: owner.Name}, Role: wanted.Role,
		Departments: wanted.Departments, ReadOnly: wanted.ReadOnly, CreatedAt: at, ExpiresAt: at.AddDate(0, 0, wanted.Days),
	}
	return &token, text, a.Store.AddToken(ctx, &token)
}

// noMoreThan reports whether a role with departments is no more than who has.
func noMoreThan(who *access.Principal, role access.Role, departments []string) bool {
	for _, permission := range access.Permissions {
		if role.May(permission) && !who.Role.May(permission) {
			return false
		}
	}
	if who.Role != access.Department {
		return true
	}
	return role == access.Department && !slices.ContainsFunc(departments, func(code string) bool { return !slices.Contains(who.Departments, code) })
}

// WireToken is a token as the API and the command line show it.
func WireToken(t *store.Token, zone *time.Location) *web.Token {
	return &web.Token{
		ID: t.ID, Name: t.Name, Owner: t.Owner.Name, Role: t.Role, Departments: orNone(t.Departments), ReadOnly: t.ReadOnly,
		CreatedAt: web.Stamp(t.CreatedAt, zone), ExpiresAt: web.Stamp(t.ExpiresAt, zone), LastUsedAt: web.Stamp(t.LastUsedAt, zone),
		RevokedAt: web.Stamp(t.RevokedAt, zone),
	}
}

// ownTokens limits whoever does not manage accounts to their own tokens.
func ownTokens(who *access.Principal) *store.Owner {
	if who.May(access.ManageAccount) || who.Role.May(access.ManageAccount) {
		return nil
	}
	return &store.Owner{Account: who.Account, Name: who.Name}
}

// Tokens implements web.AccountBackend.
func (b backend) Tokens(ctx context.Context, who *access.Principal) ([]web.Token, error) {
	app, done := b.current.take()
	defer done()
	tokens, err := b.store.ListTokens(ctx, ownTokens(who))
	list := make([]web.Token, 0, len(tokens))
	for i := range tokens {
		list = append(list, *WireToken(&tokens[i], app.Config.Zone))
	}
	return list, err
}

// AddToken implements web.AccountBackend.
func (b backend) AddToken(ctx context.Context, who *access.Principal, wanted web.NewToken) (*web.Token, string, error) {
	app, done := b.current.take()
	defer done()
	token, text, err := app.AddToken(ctx, who, wanted, b.now())
	if err != nil {
		return nil, "", err
	}
	return WireToken(token, app.Config.Zone), text, nil
}

// RevokeToken implements web.AccountBackend.
func (b backend) RevokeToken(ctx context.Context, who *access.Principal, id int64) error {
	err := b.store.RevokeToken(ctx, id, ownTokens(who), b.now())
	b.gate.Forget()
	if errors.Is(err, store.ErrNotFound) {
		return web.ErrNotFound
	}
	return err
}
