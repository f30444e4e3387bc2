package app

import (
	"iter"
	"slices"

	"github.com/doisoat/doisoat/adapter/store"
)

// aliases joins codes that name the same dossier into groups.
type aliases struct {
	of     map[store.Key]int // number of the group of each key that is in one
	groups [][]store.Key     // each with two keys or more, in order
}

// joinAliases builds the groups: everything that pairs connect, directly or not.
func joinAliases(pairs [][2]store.Key) aliases {
	parent := make(map[store.Key]store.Key, len(pairs))
	find := func(k store.Key) store.Key {
		for {
			p, ok := parent[k]
			if !ok || p == k {
				return k
			}
			if grand, ok := parent[p]; ok {
				parent[k] = grand
			}
			k = p
		}
	}
	for _, pair := range pairs {
		a, b := find(pair[0]), find(pair[1])
		if a != b {
			parent[max(a, b)] = min(a, b) // the same root, whatever the order of the pairs
		}
		for _, k := range pair {
			if _, ok := parent[k]; !ok {
				parent[k] = k
			}
		}
	}
	byRoot := map[store.Key][]store.Key{}
	for k := range parent {
		root := find(k)
		byRoot[root] = append(byRoot[root], k)
	}
	out := aliases{of: make(map[store.Key]int, len(parent))}
	roots := make([]store.Key, 0, len(byRoot))
	for root, keys := range byRoot {
		if len(keys) > 1 {
			roots = append(roots, root)
		}
	}
	slices.Sort(roots)
	for n, root := range roots {
		keys := byRoot[root]
		slices.Sort(keys)
		out.groups = append(out.groups, keys)
		for _, k := range keys {
			out.of[k] = n
		}
	}
	return out
}

func (a aliases) joins(k store.Key) bool {
	if len(a.of) == 0 {
		return false
	}
	_, ok := a.of[k]
	return ok
}

// expand adds the whole groups of keys, and returns all in order, each once.
func (a aliases) expand(keys []store.Key) []store.Key {
	for _, k := range keys {
		if n, ok := a.of[k]; ok {
			keys = append(keys, a.groups[n]...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// chunkKeys is how many dossiers are looked at together.
const chunkKeys = 250

// chunksOfGroups cuts keys into ordered chunks in which every group is whole:
// first those in no group, then the groups.
func chunksOfGroups(keys []store.Key, a aliases) iter.Seq[[]store.Key] {
	return func(yield func([]store.Key) bool) {
		var alone []store.Key
		numbers := map[int]bool{}
		for _, k := range keys {
			if n, ok := a.of[k]; ok {
				numbers[n] = true
			} else {
				alone = append(alone, k)
			}
		}
		for chunk := range slices.Chunk(alone, chunkKeys) {
			if !yield(chunk) {
				return
			}
		}
		var together []store.Key
		for n := range a.groups {
			if !numbers[n] {
				continue
			}
			together = append(together, a.groups[n]...)
			if len(together) >= chunkKeys {
				slices.Sort(together)
				if !yield(together) {
					return
				}
				together = nil
			}
		}
		if len(together) > 0 {
			slices.Sort(together)
			yield(together)
		}
	}
}
