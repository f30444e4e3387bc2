package rest

import (
	"fmt"
	"strconv"
	"strings"
)

// node is one step of one or more paths into a JSON value. Paths that begin
// alike share their first nodes, so that a value is walked once for all of them.
type node struct {
	names   map[string]*node // members of an object
	indexes map[int]*node    // elements of an array
	leaves  []int            // numbers of the paths that end here
	items   bool             // the array of items is here (replies only)
	id      int              // among the nodes of its tree
}

// compilePaths builds one tree of all paths; path i ends in a node whose leaves
// hold i. An empty path stands for the value itself.
func compilePaths(paths []string) (*node, error) {
	root := &node{}
	for i, p := range paths {
		n, err := root.add(p)
		if err != nil {
			return nil, err
		}
		n.leaves = append(n.leaves, i)
	}
	return root, nil
}

// number gives the nodes below n ids from next on, and returns the next one.
func (n *node) number(next int) int {
	n.id = next
	next++
	for _, child := range n.names { // those of indexes are among them
		next = child.number(next)
	}
	return next
}

// add makes the nodes of a path and returns the last. "a.b[0].c" and "a.b.0.c"
// are the same path; a dot within a name is written "\.".
func (n *node) add(path string) (*node, error) {
	steps, err := splitPath(path)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", path, err)
	}
	for _, step := range steps {
		child := n.names[step]
		if child == nil {
			child = &node{}
			if n.names == nil {
				n.names = map[string]*node{}
			}
			n.names[step] = child
		}
		// A number may be an element or a member called "0": the value decides.
		if i, err := strconv.Atoi(step); err == nil && i >= 0 {
			if n.indexes == nil {
				n.indexes = map[int]*node{}
			}
			n.indexes[i] = child
		}
		n = child
	}
	return n, nil
}

func splitPath(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	var steps []string
	var step strings.Builder
	closed := false // the last step ended with "]"
	end := func() error {
		if step.Len() == 0 && !closed {
			return fmt.Errorf("a name is missing; names are joined by single dots, as in data.items")
		}
		if step.Len() > 0 {
			steps = append(steps, step.String())
			step.Reset()
		}
		closed = false
		return nil
	}
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path):
			i++
			step.WriteByte(path[i])
		case c == '.':
			if err := end(); err != nil {
				return nil, err
			}
		case c == '[':
			if step.Len() > 0 {
				if err := end(); err != nil {
					return nil, err
				}
			}
			n, rest, ok := strings.Cut(path[i+1:], "]")
			if _, err := strconv.ParseUint(n, 10, 31); !ok || err != nil {
				return nil, fmt.Errorf("brackets hold the number of an element, as in list[0]")
			}
			if rest != "" && rest[0] != '.' && rest[0] != '[' {
				return nil, fmt.Errorf("after ] comes a dot, as in list[0].code")
			}
			steps = append(steps, n)
			closed = true
			i += len(n) + 1
		default:
			step.WriteByte(c)
		}
	}
	if err := end(); err != nil {
		return nil, err
	}
	return steps, nil
}
