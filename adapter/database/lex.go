package database

import (
	"fmt"
	"strings"
)

// tokenKind sorts the pieces of a statement that matter here.
type tokenKind int

const (
	word    tokenKind = iota // an unquoted name or key word, or a number
	param                    // :name
	literal                  // a string, or a quoted name
	comment                  //
	symbol                   // one character of anything else
)

type token struct {
	kind       tokenKind
	start, end int
}

// flavour says how a database writes what hides text from the parser. Reading
// these otherwise than the database does would let a second statement through
// as part of a string.
type flavour struct {
	backslash bool // MySQL: \' inside a string
	escapes   bool // PostgreSQL: \' inside E'…'
	hash      bool // MySQL: # comments
	dollar    bool // PostgreSQL: $tag$…$tag$
	brackets  bool // SQL Server, SQLite: [a name]
	backtick  bool // MySQL, SQLite: `a name`
	qQuote    bool // Oracle: q'[…]'
	nested    bool // PostgreSQL, SQL Server: comments within comments
	dashSpace bool // MySQL: -- begins a comment only before a blank
}

// lex cuts a statement into tokens; blanks are left out.
func lex(text string, f flavour) ([]token, error) {
	var tokens []token
	for i := 0; i < len(text); {
		kind, end, err := next(text, i, f)
		if err != nil {
			return nil, err
		}
		if end > i && kind >= 0 {
			tokens = append(tokens, token{kind, i, end})
		}
		i = end
	}
	return tokens, nil
}

const blank = tokenKind(-1)

// next reads the token at i and returns where it ends.
func next(text string, i int, f flavour) (tokenKind, int, error) {
	rest := text[i:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return blank, i + 1, nil
	case strings.HasPrefix(rest, "--") && !(f.dashSpace && len(rest) > 2 && rest[2] > ' '):
		return comment, i + lineEnd(rest), nil
	case c == '#' && f.hash:
		return comment, i + lineEnd(rest), nil
	case strings.HasPrefix(rest, "/*"):
		n, err := commentEnd(rest, f.nested)
		return comment, i + n, err
	case c == '\'':
		n, err := quoteEnd(rest, 0, '\'', f.backslash)
		return literal, i + n, err
	case c == '"':
		n, err := quoteEnd(rest, 0, '"', f.backslash)
		return literal, i + n, err
	case c == '`' && f.backtick:
		n, err := quoteEnd(rest, 0, '`', false)
		return literal, i + n, err
	case c == '[' && f.brackets:
		n, err := quoteEnd(rest, 0, ']', false)
		return literal, i + n, err
	case f.escapes && (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		n, err := quoteEnd(rest, 1, '\'', true)
		return literal, i + n, err
	case f.qQuote && isQQuote(rest):
		n, err := qQuoteEnd(rest)
		return literal, i + n, err
	case c == '$' && f.dollar:
		if n, err := dollarEnd(rest); n > 0 || err != nil {
			return literal, i + n, err
		}
		return symbol, i + 1, nil
	case strings.HasPrefix(rest, "::"):
		return symbol, i + 2, nil
	case c == ':' && len(rest) > 1 && isLetter(rest[1]):
		return param, i + 1 + wordEnd(rest[1:]), nil
	case isLetter(c) || isDigit(c):
		return word, i + wordEnd(rest), nil
	default:
		return symbol, i + 1, nil
	}
}

// isLetter takes every byte beyond ASCII for part of a name, as databases do.
func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func wordEnd(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '$' || s[n] == '#') {
		n++
	}
	return n
}

func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

func commentEnd(s string, nested bool) (int, error) {
	depth := 1
	for i := 2; i+1 < len(s); i++ {
		switch {
		case s[i] == '*' && s[i+1] == '/':
			if depth--; depth == 0 {
				return i + 2, nil
			}
			i++
		case nested && s[i] == '/' && s[i+1] == '*':
			depth++
			i++
		}
	}
	return 0, fmt.Errorf("a comment is never closed: end it with */")
}

// quoteEnd reads from the opening quote at i to the closing one, which is
// written twice to stand for itself.
func quoteEnd(s string, i int, closing byte, backslash bool) (int, error) {
	for i++; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
		case s[i] == closing && i+1 < len(s) && s[i+1] == closing:
			i++
		case s[i] == closing:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("a quotation is never closed: end it with %c", closing)
}

// dollarEnd reads $tag$…$tag$; 0 where there is no such thing ($1, say).
func dollarEnd(s string) (int, error) {
	n := 1
	for n < len(s) && (isLetter(s[n]) || n > 1 && isDigit(s[n])) {
		n++
	}
	if n == len(s) || s[n] != '$' {
		return 0, nil
	}
	tag := s[:n+1]
	end := strings.Index(s[n+1:], tag)
	if end < 0 {
		return 0, fmt.Errorf("a quotation is never closed: end it with %s", tag)
	}
	return n + 1 + end + len(tag), nil
}

// qQuotePrefix is the length of q' or nq', 0 if s does not begin so.
func qQuotePrefix(s string) int {
	for _, prefix := range []string{"q'", "nq'"} {
		if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			return len(prefix)
		}
	}
	return 0
}

func isQQuote(s string) bool { return qQuotePrefix(s) > 0 }

func qQuoteEnd(s string) (int, error) {
	n := qQuotePrefix(s)
	closing := s[n : n+1]
	if i := strings.Index("[({<", closing); i >= 0 {
		closing = "])}>"[i : i+1]
	}
	end := strings.Index(s[n+1:], closing+"'")
	if end < 0 {
		return 0, fmt.Errorf("a quotation is never closed: end it with %s'", closing)
	}
	return n + 1 + end + 2, nil
}
