package database

import (
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// schemaError says that the result is not what the mapping asks for.
type schemaError struct{ message string }

func (e *schemaError) Error() string { return e.message }

// findColumns returns for each input the number of its column. Names are
// compared without regard to case, Unicode form and double blanks; one written
// exactly so goes before the others. Several that fit equally well are an
// error: which of them is meant cannot be known.
func findColumns(inputs, columns []string) ([]int, error) {
	folded := map[string][]int{}
	for i, name := range columns {
		key := foldName(name)
		folded[key] = append(folded[key], i)
	}
	found := make([]int, len(inputs))
	var missing []string
	for i, input := range inputs {
		fitting := folded[foldName(input)]
		if len(fitting) > 1 {
			fitting = exactly(input, columns, fitting)
		}
		switch len(fitting) {
		case 0:
			missing = append(missing, input)
		case 1:
			found[i] = fitting[0]
		default:
			return nil, &schemaError{fmt.Sprintf("the result has %d columns %q: name them apart with AS in `query`", len(fitting), input)}
		}
	}
	if len(missing) > 0 {
		return nil, &schemaError{fmt.Sprintf("the result has no column %s, which the mapping reads; there are %s: correct the mapping's `fields`, or name the column so with AS in `query`",
			quoted(missing), quoted(columns))}
	}
	return found, nil
}

func exactly(input string, columns []string, fitting []int) []int {
	var exact []int
	for _, i := range fitting {
		if columns[i] == input {
			exact = append(exact, i)
		}
	}
	if exact == nil {
		return fitting
	}
	return exact
}

func foldName(name string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFC.String(name))), " ")
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, name := range names {
		q[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(q, ", ")
}
