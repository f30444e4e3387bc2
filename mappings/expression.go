package mappings

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"golang.org/x/text/unicode/norm"
)

// Bounds of an expression. Without loops, variables and repetition (see
// expressioncheck.go) its time grows only with its length and its inputs'.
const (
	maxExpressionNodes  = 200
	maxExpressionSource = 4000    // bytes
	maxExpressionText   = 1 << 16 // bytes of any value it takes or gives
	memoryBudget        = 100_000
)

// expression is a compiled transform of raw values. It is safe for concurrent use.
type expression struct {
	source  string // NFC
	inputs  []int  // the table's inputs it reads, by its own numbering
	list    bool   // may give several texts (aliases)
	program *vm.Program
	runners sync.Pool
}

// environment is what a running expression sees. People write value("name"),
// which compiling turns into an access to Texts.
type environment struct {
	Texts []string `expr:"texts__"`
}

type runner struct {
	machine vm.VM
	env     environment
}

// expressionError is a fault in an expression, with its place in it.
type expressionError struct {
	line            int // 1-based, within the expression
	problem, remedy string
}

// compileExpression checks and compiles source. input numbers a raw input by its name.
func compileExpression(source string, list bool, input func(string) int) (*expression, *expressionError) {
	source = norm.NFC.String(source)
	if len(source) > maxExpressionSource {
		return nil, &expressionError{1, fmt.Sprintf("has %d bytes", len(source)), fmt.Sprintf("at most %d", maxExpressionSource)}
	}
	e := &expression{source: source, list: list}
	check := &checker{patterns: make(map[string]*regexp.Regexp)}
	options := append(helpers(check.patterns),
		expr.Env(environment{}),
		expr.DisableAllBuiltins(),
		expr.MaxNodes(maxExpressionNodes),
	)
	config := conf.CreateNew()
	for _, set := range options {
		set(config)
	}
	clear(config.Builtins)
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, located(err)
	}
	if fault := check.run(tree); fault != nil {
		return nil, fault
	}
	if len(check.names) == 0 {
		return nil, &expressionError{1, "reads no value of the source", `name a column, path or heading: value("MaHoSo")`}
	}
	for _, name := range check.names {
		e.inputs = append(e.inputs, input(name))
	}
	options = append(options, expr.Patch(&valuePatcher{names: check.names}))
	if !list {
		options = append(options, expr.AsKind(reflect.String))
	}
	if e.program, err = expr.Compile(source, options...); err != nil {
		return nil, located(err)
	}
	if kind := e.program.Node().Type(); list && kind != nil && kind.Kind() != reflect.String && kind.Kind() != reflect.Slice && kind.Kind() != reflect.Interface {
		return nil, &expressionError{1, "gives " + kind.String(), "an expression must give a text, or a list of texts"}
	}
	e.runners.New = func() any {
		return &runner{
			machine: vm.VM{MemoryBudget: memoryBudget},
			env:     environment{Texts: make([]string, len(e.inputs))},
		}
	}
	return e, nil
}

// located turns an error of the expression library into one line with its place.
func located(err error) *expressionError {
	out := &expressionError{line: 1, remedy: "see the list of helpers in the mappings' README"}
	var fe *file.Error
	if errors.As(err, &fe) {
		out.line = max(1, fe.Line)
		out.problem = fmt.Sprintf("column %d: %s", fe.Column+1, printable(fe.Message))
		if name, ok := strings.CutPrefix(fe.Message, "unknown name "); ok {
			out.remedy = didYouMean(name, helperNames)
		}
		if strings.HasPrefix(fe.Message, "expected string, but got ") || strings.Contains(fe.Message, "expected string, but got") {
			out.remedy = "an expression must give a text"
		}
		return out
	}
	out.problem = printable(err.Error())
	if strings.Contains(err.Error(), "expected string, but got") {
		out.remedy = "an expression must give a text"
	}
	return out
}

// errTooLong is deliberately silent about the text itself.
var errTooLong = fmt.Errorf("a text is longer than %d bytes", maxExpressionText)

// run evaluates the expression over the raw values of a row. The error never
// repeats a value.
func (e *expression) run(values []string) (any, error) {
	r := e.runners.Get().(*runner)
	defer e.runners.Put(r)
	for i, input := range e.inputs {
		v := at(values, input)
		if len(v) > maxExpressionText {
			return nil, errTooLong
		}
		r.env.Texts[i] = text(v)
	}
	out, err := r.machine.Run(e.program, r.env)
	clear(r.env.Texts)
	if err != nil {
		var fe *file.Error
		if errors.As(err, &fe) {
			return nil, fmt.Errorf("column %d: %s", fe.Column+1, shown(firstLine(fe.Message), longestShown))
		}
		return nil, errors.New("it cannot be evaluated")
	}
	return out, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// text evaluates to one text.
func (e *expression) text(values []string) (string, error) {
	out, err := e.run(values)
	if err != nil {
		return "", err
	}
	s, ok := out.(string)
	if !ok {
		return "", fmt.Errorf("it gave %T instead of a text", out)
	}
	if len(s) > maxExpressionText {
		return "", errTooLong
	}
	return s, nil
}

// texts evaluates to any number of texts, joined by line breaks.
func (e *expression) texts(values []string) (string, error) {
	out, err := e.run(values)
	if err != nil {
		return "", err
	}
	var parts []string
	switch v := out.(type) {
	case string:
		parts = []string{v}
	case []string:
		parts = v
	case []any:
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return "", fmt.Errorf("its list holds %T instead of texts", item)
			}
			parts = append(parts, s)
		}
	default:
		return "", fmt.Errorf("it gave %T instead of a text or a list of texts", out)
	}
	joined := strings.Join(parts, "\n")
	if len(joined) > maxExpressionText {
		return "", errTooLong
	}
	return joined, nil
}
