package mappings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"golang.org/x/text/unicode/norm"
)

// checker walks a parsed expression, gathers the inputs it reads, and refuses
// everything by which a short expression could run long or grow large: loops,
// ranges, variables, patterns made at run time.
type checker struct {
	names    []string                  // inputs in the order of their first use
	patterns map[string]*regexp.Regexp // every regular expression, compiled once
	called   map[ast.Node]bool         // identifiers that are names of helpers
	source   file.Source
	fault    *expressionError
	at       int // where fault is, in runes
}

var allowedOperators = []string{
	"==", "!=", "<", "<=", ">", ">=", "and", "&&", "or", "||", "not", "!",
	"in", "contains", "startsWith", "endsWith", "matches", "+",
}

func (c *checker) run(tree *parser.Tree) *expressionError {
	c.source = tree.Source
	c.called = make(map[ast.Node]bool)
	ast.Walk(&tree.Node, calleeFinder(c.called))
	ast.Walk(&tree.Node, c)
	return c.fault
}

// calleeFinder notes which identifiers stand where a helper's name belongs.
type calleeFinder map[ast.Node]bool

func (f calleeFinder) Visit(n *ast.Node) {
	if call, ok := (*n).(*ast.CallNode); ok {
		f[call.Callee] = true
	}
}

func (c *checker) refuse(n ast.Node, remedy, format string, args ...any) {
	// Of several faults the leftmost is told, and of those in one place the
	// outermost, which is visited last.
	if c.fault != nil && n.Location().From > c.at {
		return
	}
	c.at = n.Location().From
	at := (&file.Error{Location: n.Location()}).Bind(c.source)
	c.fault = &expressionError{max(1, at.Line), fmt.Sprintf("column %d: ", at.Column+1) + fmt.Sprintf(format, args...), remedy}
}

// Visit is called for each node, the innermost first.
func (c *checker) Visit(n *ast.Node) {
	switch node := (*n).(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.BoolNode, *ast.ConditionalNode, *ast.ArrayNode:
	case *ast.UnaryNode:
		c.operator(node, node.Operator)
	case *ast.BinaryNode:
		c.operator(node, node.Operator)
		if node.Operator == "matches" {
			c.pattern(node.Right)
		}
	case *ast.IdentifierNode:
		if !c.called[node] {
			c.refuse(node, fmt.Sprintf("a value of the source is value(%q), a text stands in quotes", node.Value), "knows no %s", printable(node.Value))
		}
	case *ast.MemberNode:
		if _, ok := node.Property.(*ast.IntegerNode); !ok || node.Optional {
			c.refuse(node, `of a list only list[0], list[1], … can be taken`, "has a . or [] that leads nowhere")
		}
	case *ast.CallNode:
		c.call(node)
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		c.refuse(node, "write the value where it is used", "has a variable or several statements")
	default:
		c.refuse(node, "an expression may use texts, helpers, comparisons and … ? … : …", "uses what expressions do not have here")
	}
}

func (c *checker) operator(n ast.Node, operator string) {
	if !slices.Contains(allowedOperators, operator) {
		c.refuse(n, "one of "+strings.Join(allowedOperators, " "), "knows no operator %s", operator)
	}
}

func (c *checker) call(call *ast.CallNode) {
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok {
		c.refuse(call, "write helper(text)", "calls what is no helper")
		return
	}
	switch callee.Value {
	case "value":
		name, ok := valueName(call)
		if !ok {
			c.refuse(call, `write the name in quotes: value("MaHoSo")`, "value needs one name that stands there in quotes")
			return
		}
		if !slices.Contains(c.names, name) {
			c.names = append(c.names, name)
		}
	case "match", "extract":
		if len(call.Arguments) == 2 {
			c.pattern(call.Arguments[1])
		}
	default:
		if !slices.Contains(helperNames, callee.Value) {
			c.refuse(callee, didYouMean(callee.Value, helperNames), "knows no helper %s", printable(callee.Value))
		}
	}
}

// pattern compiles a regular expression that must stand there in quotes.
func (c *checker) pattern(n ast.Node) {
	literal, ok := n.(*ast.StringNode)
	if !ok {
		c.refuse(n, "write the pattern itself, in quotes", "takes its pattern from elsewhere")
		return
	}
	if _, ok := c.patterns[literal.Value]; ok {
		return
	}
	re, err := regexp.Compile(literal.Value)
	if err != nil {
		c.refuse(n, "see the README on patterns", "%s", strings.TrimPrefix(printable(err.Error()), "error parsing regexp: "))
		return
	}
	c.patterns[literal.Value] = re
}

// valueName is the input that a call of value names.
func valueName(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return "", false
	}
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok || callee.Value != "value" {
		return "", false
	}
	literal, ok := call.Arguments[0].(*ast.StringNode)
	if !ok {
		return "", false
	}
	return inputName(norm.NFC.String(literal.Value))
}

// valuePatcher replaces value("name") by the place of that input among the
// texts an expression is run with.
type valuePatcher struct{ names []string }

// Visit is called by the compiler for each node.
func (p *valuePatcher) Visit(n *ast.Node) {
	name, ok := valueName(*n)
	if !ok {
		return
	}
	ast.Patch(n, &ast.MemberNode{
		Node:     &ast.IdentifierNode{Value: "texts__"},
		Property: &ast.IntegerNode{Value: slices.Index(p.names, name)},
	})
}
