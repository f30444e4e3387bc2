// Command generate writes doisoat's Grafana dashboards as JSON:
//
//	go run ./deploy/grafana/generate deploy/grafana/dashboards
//
// The JSON is what people install, and is kept beside it; a test holds that it is
// what this program writes. What all panels have in common (data source, layout,
// ids) is said once here, so that a panel is its title, its question and its unit.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FOLDER")
		os.Exit(2)
	}
	for name, data := range files() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), data, 0o644); err != nil { //nolint:gosec // everybody may read a dashboard
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}

// files are the dashboards by the name of their file.
func files() map[string][]byte {
	all := make(map[string][]byte)
	for _, d := range []dashboard{overview(), department(), operations()} {
		data, err := json.MarshalIndent(d.json(), "", "  ")
		if err != nil {
			panic(err) // maps of strings and numbers can be written
		}
		all[d.uid+".json"] = append(data, '\n')
	}
	return all
}
