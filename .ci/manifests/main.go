// Command manifests checks strictly what deploy gives to other people's machines:
//
//	go run -C .ci/manifests . ../../deploy/kubernetes/daemon …
//	go run -C .ci/manifests . ../../deploy/container/compose.yaml
//
// A folder is built as `kubectl apply --kustomize` would, each object is read into the
// type that the Kubernetes API has for it, where an unknown, misspelt or doubled field
// is a fault, and the objects must fit together. A file is read by the Compose
// specification's own schema. It speaks to no cluster and fetches nothing.
//
// A module of its own: nothing of Kubernetes is part of doisoat.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: manifests FOLDER|compose.yaml...")
		os.Exit(2)
	}
	if err := check(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check checks each path, and joins what it finds.
func check(w io.Writer, paths []string) error {
	var faults []error
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		var told string
		if info.IsDir() {
			told, err = checkFolder(path)
		} else {
			told, err = checkCompose(path)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
			continue
		}
		fmt.Fprintf(w, "%s: %s\n", path, told)
	}
	return errors.Join(faults...)
}
