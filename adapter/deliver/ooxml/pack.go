package ooxml

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// part is one file of a package.
type part struct {
	name string
	data []byte
}

// packTime stands on every part, so that equal documents are equal bytes. It is the
// first moment that a zip archive can hold.
var packTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// unpack reads a package into memory, within the bounds of a template.
func unpack(data []byte) ([]part, error) {
	if len(data) > maxTemplateBytes {
		return nil, fmt.Errorf("larger than %d MiB", maxTemplateBytes>>20)
	}
	if bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, errors.New("an old Word file (.doc) or one with a password; save it as .docx without a password")
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("not a .docx: %w", err)
	}
	if len(archive.File) > maxParts {
		return nil, fmt.Errorf("more than %d parts", maxParts)
	}
	var parts []part
	seen := map[string]bool{}
	left := int64(maxTemplateBytes)
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		if !goodPartName(file.Name) || seen[strings.ToLower(file.Name)] {
			return nil, fmt.Errorf("part %q: no name for a part, or there twice", file.Name)
		}
		seen[strings.ToLower(file.Name)] = true
		content, err := unpackPart(file, left)
		if err != nil {
			return nil, fmt.Errorf("part %q: %w", file.Name, err)
		}
		left -= int64(len(content))
		parts = append(parts, part{file.Name, content})
	}
	return parts, nil
}

// unpackPart trusts no size that the archive declares.
func unpackPart(file *zip.File, left int64) ([]byte, error) {
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, left+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > left {
		return nil, fmt.Errorf("the file unpacks to more than %d MiB", maxTemplateBytes>>20)
	}
	return content, nil
}

func goodPartName(name string) bool {
	if name == "" || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00") {
		return false
	}
	for step := range strings.SplitSeq(name, "/") {
		if step == "" || step == "." || step == ".." {
			return false
		}
	}
	return true
}

// packer writes a package with nothing in it that depends on when it was written.
type packer struct {
	zip *zip.Writer
}

func newPacker(w io.Writer) *packer { return &packer{zip.NewWriter(w)} }

// begin starts a part; it ends where the next one begins.
func (p *packer) begin(name string) (io.Writer, error) {
	return p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: packTime})
}

func (p *packer) write(name string, data []byte) error {
	w, err := p.begin(name)
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (p *packer) close() error { return p.zip.Close() }
