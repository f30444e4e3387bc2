package world

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

//go:embed q2-2018
var embedded embed.FS

// Credentials of the embedded world's platform; those of generated worlds too.
const (
	sampleUser     = "doisoat"
	samplePassword = "bi-mat"
)

// Sample is the embedded world: the quarter of the report, with 1,907 dossiers
// on the platform, ten offices, and truth.json.
func Sample() fs.FS {
	sub, err := fs.Sub(embedded, "q2-2018")
	if err != nil {
		// The pattern of the embed directive guarantees the folder.
		panic(err)
	}
	return sub
}

// SamplePlatform is what the embedded world's platform holds.
func SamplePlatform() ([]Record, error) { return LoadPlatform(Sample(), "platform.jsonl") }

// LoadPlatform reads a platform.jsonl: a record a line, in the national vocabulary.
func LoadPlatform(files fs.FS, name string) ([]Record, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("platform records: %w", err)
	}
	var records []Record
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		r, err := DecodeNational(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		records = append(records, r)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return records, nil
}

// ExtractOptions say what differs from the world as it is embedded.
type ExtractOptions struct {
	PlatformURL string // where the platform is played; as embedded if empty
	Store       string // the store: value; as embedded if empty
}

var (
	urlLine   = regexp.MustCompile(`(?m)^(    url: ).*$`)
	storeLine = regexp.MustCompile(`(?m)^(store: ).*$`)
)

// Extract writes the embedded world's configuration, mappings, secrets (mode
// 0600) and offices into dir, which is made if need be. The platform's records
// and the truth stay embedded: they are not doisoat's to read.
func Extract(dir string, o ExtractOptions) error {
	sample := Sample()
	err := fs.WalkDir(sample, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if name == "platform.jsonl" || name == "truth.json" {
			return nil
		}
		content, err := fs.ReadFile(sample, name)
		if err != nil {
			return err
		}
		if name == "doisoat.yaml" {
			content = replaceLine(content, urlLine, o.PlatformURL)
			content = replaceLine(content, storeLine, o.Store)
		}
		mode := fs.FileMode(0o644)
		if path.Dir(name) == "secrets" {
			mode = 0o600
		}
		return os.WriteFile(target, content, mode)
	})
	if err != nil {
		return fmt.Errorf("extracting the sample world into %s: %w", dir, err)
	}
	return nil
}

// replaceLine puts value behind the key that line finds, or leaves all as it is
// where value is empty.
func replaceLine(content []byte, line *regexp.Regexp, value string) []byte {
	if value == "" {
		return content
	}
	return line.ReplaceAllFunc(content, func(old []byte) []byte {
		key := line.FindSubmatch(old)[1]
		return append(bytes.Clone(key), value...)
	})
}
