package config

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxSecretBytes is more than any token or connection URL needs.
const maxSecretBytes = 64 << 10

// secret reads a secret given as KEY, or as KEY_file with the name of a file that
// holds it, or as KEY: {file: PATH}. given is false where none is there.
func (s *section) secret(key string) (secret Secret, given bool) {
	inline, file := s.secretly(key), s.get(key+"_file").shown()
	switch {
	case inline.given() && file.given():
		file.fault("is given beside "+key, "keep one of the two, best the file")
	case inline.given():
		if ref, ok := inline.fileReference(); ok {
			return ref.secretFile(), true
		}
		if !inline.scalar() {
			inline.fault("is "+kindOf(inline.node)+", not a text", "write the text itself, or name a file that holds it in "+key+"_file")
			break
		}
		return Secret(inline.text("give it, or name a file that holds it in " + key + "_file")), true
	case file.given():
		return file.secretFile(), true
	}
	return "", inline.given() || file.given()
}

// needSecret is secret where one must be there.
func (s *section) needSecret(key string) Secret {
	secret, given := s.secret(key)
	if s != nil && !given {
		s.get(key).fault("is missing", "give "+key+", or name a file that holds it in "+key+"_file")
	}
	return secret
}

// secretFile reads the secret in the file that this value names, without the
// line's end that editors put behind it.
func (v value) secretFile() Secret {
	const remedy = "name a readable file that holds the secret, relative to the configuration's folder"
	if v.scalar() && strings.Contains(resolve(v.node).Value, "://") {
		v.faultShowing("", "holds an address, not the name of a file", "write it into a file and name that file, or use the key without _file")
		return ""
	}
	path := v.filePath(remedy)
	if path == "" {
		return ""
	}
	f, err := openRegular(path)
	if err != nil {
		v.fault(problemOf(err), remedy)
		return ""
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	if err != nil {
		v.fault(problemOf(err), remedy)
		return ""
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	switch {
	case len(data) > maxSecretBytes:
		v.fault("the file is larger than 64 KiB", "name a file that holds the secret and nothing else")
	case strings.TrimSpace(text) == "":
		v.fault("the file is empty", "write the secret into it")
	case !utf8.ValidString(text):
		v.fault("the file is not text in UTF-8", "save it as plain text in UTF-8")
	case hasControl(text):
		v.fault("the file holds a line break or another control character", "write the secret into it on one line, and nothing else")
	default:
		return Secret(text)
	}
	return ""
}

// filePath is a path made absolute; "" where the key is left out.
func (v value) filePath(remedy string) string {
	s := v.text(remedy)
	switch {
	case s == "":
		return ""
	case strings.ContainsRune(s, 0):
		v.fault("is no path", remedy)
		return ""
	}
	return v.r.absolute(s)
}

// absolute is where a path written in the file leads.
func (r *reader) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(r.folder, path)
}

// existing is a path to a file that must be there.
func (v value) existing(remedy string) string {
	path := v.filePath(remedy)
	if path == "" {
		return ""
	}
	f, err := openRegular(path)
	if err != nil {
		v.fault(problemOf(err), remedy)
		return ""
	}
	f.Close()
	return path
}

// fileReference is the value of "file" where node is a map with that single key.
func (v value) fileReference() (value, bool) {
	n := resolve(v.node)
	if n == nil || n.Kind != yaml.MappingNode || len(n.Content) != 2 || n.Content[0].Value != "file" {
		return value{}, false
	}
	ref := v.child(n.Content[0], n.Content[1])
	return ref.shown(), true // a path, not a secret
}
