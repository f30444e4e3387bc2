package database

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
)

// forbidden are the words that begin a change, or something that outlasts the
// reading. They are refused in whatever place: a WITH can hold a DELETE, and SQL
// Server takes a second statement without a semicolon. A function of the same
// name (REPLACE, INSERT, TRUNCATE are such) is let through, and so is a column
// behind a dot.
var forbidden = []string{
	"insert", "update", "delete", "merge", "replace", "upsert", "into", "truncate",
	"create", "alter", "drop", "rename", "grant", "revoke", "deny",
	"exec", "execute", "call", "begin", "commit", "rollback", "savepoint",
	"attach", "detach", "pragma", "vacuum", "shutdown", "backup", "restore", "dbcc", "waitfor", "bulk",
}

// checkQuery refuses what is not a single SELECT and returns it without a
// closing semicolon.
func checkQuery(query string, f flavour) (string, error) {
	tokens, err := lex(query, f)
	if err != nil {
		return "", err
	}
	tokens, end, err := withoutComments(query, tokens)
	if err != nil {
		return "", err
	}
	first := slices.IndexFunc(tokens, func(t token) bool { return query[t.start:t.end] != "(" })
	if first < 0 {
		return "", errors.New("is empty: give a SELECT that returns every dossier")
	}
	if begin := strings.ToLower(query[tokens[first].start:tokens[first].end]); begin != "select" && begin != "with" {
		return "", errors.New("begins with neither SELECT nor WITH: only reading is allowed")
	}
	if err := checkWords(query, tokens); err != nil {
		return "", err
	}
	// A comment at the end must not swallow what is written behind the query.
	return query[:end] + "\n", nil
}

// checkCondition refuses a `since` or `one` that is no condition on :name.
func checkCondition(condition, name string, f flavour) error {
	tokens, err := lex(condition, f)
	if err != nil {
		return err
	}
	tokens, _, err = withoutComments(condition, tokens)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(tokens, func(t token) bool {
		return t.kind == param && condition[t.start:t.end] == ":"+name
	}) {
		return fmt.Errorf("does not use :%s: write a condition such as column = :%[1]s", name)
	}
	return checkWords(condition, tokens)
}

// withoutComments also drops semicolons at the end; end is where the last token
// that counts ends. MySQL's comments that are run after all are refused.
func withoutComments(text string, tokens []token) (kept []token, end int, err error) {
	for _, t := range tokens {
		if t.kind != comment {
			kept = append(kept, t)
			continue
		}
		if s := text[t.start:t.end]; strings.HasPrefix(s, "/*!") || strings.HasPrefix(s, "/*M!") {
			return nil, 0, errors.New("holds a comment that MySQL runs (/*! … */): leave it out")
		}
	}
	for len(kept) > 0 && text[kept[len(kept)-1].start:kept[len(kept)-1].end] == ";" {
		kept = kept[:len(kept)-1]
	}
	if len(kept) == 0 {
		return nil, 0, nil
	}
	return kept, kept[len(kept)-1].end, nil
}

func checkWords(text string, tokens []token) error {
	depth := 0
	for i, t := range tokens {
		s := text[t.start:t.end]
		switch {
		case s == ";":
			return errors.New("holds more than one statement: give a single SELECT")
		case s == "(":
			depth++
		case s == ")":
			depth--
		case t.kind == word && slices.Contains(forbidden, strings.ToLower(s)) && !isFunctionOrColumn(text, tokens, i):
			return fmt.Errorf("holds %s: only reading is allowed (if it is a column's name, quote it)", strings.ToUpper(s))
		}
		if depth < 0 {
			return errors.New("closes a parenthesis that was never opened")
		}
	}
	if depth > 0 {
		return errors.New("opens a parenthesis that is never closed")
	}
	return nil
}

// functions are the forbidden words that are functions too, somewhere.
var functions = []string{"insert", "replace", "truncate"}

func isFunctionOrColumn(text string, tokens []token, i int) bool {
	at := func(i int) string {
		if i < 0 || i >= len(tokens) {
			return ""
		}
		return text[tokens[i].start:tokens[i].end]
	}
	if at(i-1) == "." {
		return true
	}
	return at(i+1) == "(" && slices.Contains(functions, strings.ToLower(at(i)))
}

// statement is a query as it is sent.
type statement struct {
	text string
	args []any
}

// wrapped is the query with a condition on its result. The query becomes a
// derived table, so that the condition can name its columns, whatever the query is.
func (d *dialect) wrapped(query, condition, name, value string) (statement, error) {
	text := "SELECT * FROM (\n" + escapeColons(query) + ") doisoat_rows WHERE (\n" + d.escapeParams(condition, name) + "\n)"
	bound, args, err := sqlx.BindNamed(d.bind, text, map[string]any{name: value})
	if err != nil {
		return statement{}, fmt.Errorf("parameter :%s: %w", name, err)
	}
	return statement{bound, args}, nil
}

// sqlx takes every single colon for the start of a parameter, also in a string,
// and writes a colon where it finds two.
func escapeColons(text string) string { return strings.ReplaceAll(text, ":", "::") }

// escapeParams keeps the parameter of this name and escapes all other colons.
func (d *dialect) escapeParams(text, name string) string {
	tokens, err := lex(text, d.flavour)
	if err != nil {
		return escapeColons(text) // checkCondition has refused it long before
	}
	var b strings.Builder
	last := 0
	for _, t := range tokens {
		if t.kind != param || text[t.start:t.end] != ":"+name {
			continue
		}
		b.WriteString(escapeColons(text[last:t.start]))
		before, after, _ := strings.Cut(d.paramText(name), ":"+name)
		// A blank, for a cast may follow at once: sqlx would not see where the name ends.
		b.WriteString(escapeColons(before) + ":" + name + " " + escapeColons(after))
		last = t.end
	}
	b.WriteString(escapeColons(text[last:]))
	return b.String()
}
