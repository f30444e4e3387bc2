package access

import (
	"context"
	"errors"
)

// ErrRejected is wrapped by what Identify returns where somebody said who they are,
// and it does not hold.
var ErrRejected = errors.New("not accepted")

type principalKey struct{}

// With puts who asks into a request's context.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From is who asks; nil where nobody said so.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}
