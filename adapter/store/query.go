package store

import "strings"

// query is the end of a statement, put together from what a filter asks for.
type query struct {
	clauses []string
	args    []any
	tail    string
}

func newQuery() *query { return &query{} }

func (q *query) where(clause string, args ...any) {
	q.clauses, q.args = append(q.clauses, clause), append(q.args, args...)
}

// within keeps what belongs to some departments; nil is all of them.
func (q *query) within(s *Store, column string, departments []string) error {
	if departments == nil {
		return nil
	}
	clause, arg, err := s.anyOf(column, departments)
	q.where(clause, arg)
	return err
}

// group comes before order.
func (q *query) group(by string) { q.tail = " GROUP BY " + by }

// order ends the statement; a limit of 0 is none.
func (q *query) order(by string, limit int) {
	q.tail += " ORDER BY " + by
	if limit > 0 {
		q.tail += " LIMIT ?"
		q.args = append(q.args, limit)
	}
}

func (q *query) String() string {
	if len(q.clauses) == 0 {
		return q.tail
	}
	return "WHERE " + strings.Join(q.clauses, " AND ") + q.tail
}
