package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"
)

// listMarker stands on every list that is not empty.
const listMarker = `<table class="stack">`

// visited is a page as it is asked for, and what tells that it came.
type visited struct {
	path   string
	marker string // in its text
	leads  string // or where it leads to
}

// pageKind is one kind of page for one user.
type pageKind struct {
	group string // as the issue that asks for it names them
	name  string
	user  *pageUser
	pages []visited // to choose from
}

const deepPages = 30 // how far lists are walked for later pages

// kindsFor finds out what a user can ask for, by walking as a person would.
func kindsFor(ctx context.Context, w *pagesWorld, u *pageUser) ([]*pageKind, error) {
	list := func(path string) visited { return visited{path: path, marker: listMarker} }
	with := func(pairs ...string) visited {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return list("/discrepancies?" + q.Encode())
	}
	later := &pageKind{group: "list", name: "list, later pages", user: u}
	var codes []string
	for _, order := range []string{"", "?order=since", "?order=-since", "?order=code"} {
		paths, seen, err := u.walk(ctx, "/discrepancies"+order, deepPages)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			later.pages = append(later.pages, list(path))
		}
		codes = append(codes, seen...)
	}
	filtered := &pageKind{group: "list", name: "list, filtered", user: u}
	for _, kind := range []string{"resolved_not_closed", "closed_in_progress", "due_date_mismatch", "missing_in_office", "missing_on_platform", "completion_date_mismatch", "pause_mismatch"} {
		filtered.pages = append(filtered.pages, with("kind", kind), with("kind", kind, "state", "open", "order", "since"))
		if u.department == "" {
			filtered.pages = append(filtered.pages, with("kind", kind, "department", pagesLarge), with("department", pagesName(len(filtered.pages))))
		}
	}
	for _, effect := range []string{"false_overdue", "hidden_overdue"} {
		filtered.pages = append(filtered.pages, with("effect", effect), with("effect", effect, "order", "since"), with("effect", effect, "order", "-since"))
	}
	kinds := []*pageKind{
		{group: "overview", name: "overview", user: u, pages: []visited{{path: "/", marker: `class="card open"`}}},
		{group: "list", name: "list, first page", user: u, pages: []visited{list("/discrepancies")}},
		later, filtered,
		{group: "list", name: "list, by since or code", user: u, pages: []visited{with("order", "since"), with("order", "-since"), with("order", "code")}},
	}
	prefix := &pageKind{group: "search", name: "search, codes that begin so", user: u}
	search := &pageKind{group: "search", name: "search, a code", user: u}
	dossier := &pageKind{group: "dossier", name: "dossier", user: u}
	for i, code := range codes {
		if i%7 == 0 { // most that are looked for are on the list …
			search.pages = append(search.pages, visited{path: "/search?code=" + url.QueryEscape(code), leads: "/dossiers/" + code})
			dossier.pages = append(dossier.pages, visited{path: "/dossiers/" + code, marker: `<span class="code">` + code + `</span>`})
			prefix.pages = append(prefix.pages, with("code", code[:len(code)-3]), with("code", code[:len(code)-3], "state", "all"), with("code", code[:len(code)-4]))
		}
	}
	for n := range 200 { // … others are not
		i := n*(w.n/200) + 1
		if u.department == "" || pagesDepartment(i) == u.department {
			code := steadyCode(i)
			search.pages = append(search.pages, visited{path: "/search?code=" + code, leads: "/dossiers/" + code})
			dossier.pages = append(dossier.pages, visited{path: "/dossiers/" + code, marker: `<span class="code">` + code + `</span>`})
			continue
		}
		// A foreign one leads to where nothing is.
		search.pages = append(search.pages, visited{path: "/search?code=" + steadyCode(i), leads: "/discrepancies?"})
	}
	return append(kinds, prefix, search, dossier), nil
}

// timing is how long one request took.
type timing struct {
	kind *pageKind
	took time.Duration
}

// drive asks for pages at a steady rate, chosen at random and every kind as often,
// whether or not those before were answered. A request's time counts from when it
// was due.
func drive(ctx context.Context, kinds []*pageKind, aSecond int, long time.Duration, seed uint64) ([]timing, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	random := rand.New(rand.NewPCG(seed, 7))
	n := int(long.Seconds() * float64(aSecond))
	list, faults := make([]timing, n), make([]error, n)
	order := random.Perm(n)
	var all sync.WaitGroup
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(aSecond))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
		}
		kind := kinds[order[i]%len(kinds)]
		page := kind.pages[random.IntN(len(kind.pages))]
		all.Go(func() {
			_, faults[i] = kind.user.visit(ctx, page)
			list[i] = timing{kind, time.Since(due)}
			if faults[i] != nil {
				faults[i] = fmt.Errorf("%s: %w", kind.name, faults[i])
				cancel()
			}
		})
	}
	all.Wait()
	for _, fault := range faults { // the one that ended it, not those it ended
		if fault != nil && !errors.Is(fault, context.Canceled) {
			return nil, fault
		}
	}
	return list, ctx.Err()
}
