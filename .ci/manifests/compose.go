package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	compose "github.com/compose-spec/compose-go/v2/types"
)

// checkCompose reads a file as `docker compose` does: by the specification's schema,
// with everything resolved that it refers to. Nothing of the environment is used.
func checkCompose(path string) (told string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	project, err := loader.LoadWithContext(context.Background(), compose.ConfigDetails{
		WorkingDir:  filepath.Dir(path),
		ConfigFiles: []compose.ConfigFile{{Filename: path, Content: data}},
		Environment: compose.Mapping{},
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d services, as the Compose specification has it", len(project.Services)), nil
}
