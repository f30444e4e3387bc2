package ooxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Template is a document with placeholders, read and checked. It may be filled by
// several goroutines at once.
type Template struct {
	parts []templatePart
}

type templatePart struct {
	part
	prefix string // of WordprocessingML, with its colon
	ops    []op   // nil where the part is copied as it is
}

// Load reads a template from a file. An error names the file and every fault: the
// part, the text around, and for an unknown placeholder those that are known.
func Load(path string, vocabulary *Vocabulary) (*Template, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	t, err := Parse(data, vocabulary)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", path, err)
	}
	return t, nil
}

// Check reports whether Load would take the file.
func Check(path string, vocabulary *Vocabulary) error {
	_, err := Load(path, vocabulary)
	return err
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: no regular file", path)
	}
	return io.ReadAll(io.LimitReader(file, maxTemplateBytes+1))
}

// Parse reads a template from memory; what it is named in an error is up to the
// caller.
func Parse(data []byte, vocabulary *Vocabulary) (*Template, error) {
	parts, err := unpack(data)
	if err != nil {
		return nil, err
	}
	types, err := contentTypes(parts)
	if err != nil {
		return nil, err
	}
	t := &Template{}
	left := &budget{maxNodes}
	var faults []error
	main := false
	for _, p := range parts {
		tp := templatePart{part: p}
		switch types[strings.ToLower("/"+p.name)] {
		case contentMain:
			main = true
			fallthrough
		case contentHeader, contentFooter, contentFootnotes, contentEndnotes:
			if err := tp.compile(vocabulary, left); err != nil {
				faults = append(faults, err)
			}
		}
		t.parts = append(t.parts, tp)
	}
	if !main {
		return nil, errors.New("holds no Word document; save it as .docx")
	}
	return t, errors.Join(faults...)
}

func (tp *templatePart) compile(vocabulary *Vocabulary, left *budget) error {
	root, err := parsePart(tp.data, left)
	if err != nil {
		return fmt.Errorf("%s: %w", tp.name, err)
	}
	word, ok := wordPrefix(root)
	if !ok {
		return fmt.Errorf("%s: not in the language of Word documents; save it as .docx", tp.name)
	}
	c := &compiler{vocabulary: vocabulary, word: word}
	c.placeholders(root)
	if c.faults == nil {
		c.sections(root)
	}
	if c.faults == nil {
		c.repeats(root, nil)
		c.strays(root, nil)
	}
	if c.faults != nil {
		for i, err := range c.faults {
			c.faults[i] = fmt.Errorf("%s: %w", tp.name, err)
		}
		return errors.Join(c.faults...)
	}
	c.tidy(root, false)
	if word != "" {
		tp.prefix = word + ":"
	}
	tp.ops = c.program(root)
	return nil
}

// contentTypes reads which part is what, by lower-case part name.
func contentTypes(parts []part) (map[string]string, error) {
	for _, p := range parts {
		if p.name != contentTypesPart {
			continue
		}
		var types struct {
			Override []struct {
				PartName    string `xml:",attr"`
				ContentType string `xml:",attr"`
			}
		}
		if err := xml.Unmarshal(p.data, &types); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		byName := map[string]string{}
		for _, o := range types.Override {
			if o.ContentType == contentTemplate || strings.Contains(o.ContentType, "macroEnabled") {
				return nil, errors.New("a Word template (.dotx) or a file with macros (.docm); save it as .docx")
			}
			byName[strings.ToLower(o.PartName)] = o.ContentType
		}
		return byName, nil
	}
	return nil, errors.New("not a .docx: it lacks " + contentTypesPart)
}

// Fill writes the document that the template makes of data. An error names a
// placeholder for which data holds nothing; w may then have part of a document.
func (t *Template) Fill(w io.Writer, data *Data) error {
	pack := newPacker(w)
	for i := range t.parts {
		tp := &t.parts[i]
		if tp.ops == nil {
			if err := pack.write(tp.name, tp.data); err != nil {
				return err
			}
			continue
		}
		part, err := pack.begin(tp.name)
		if err != nil {
			return fmt.Errorf("write %s: %w", tp.name, err)
		}
		buffered := newWriter(part)
		buffered.put(xml.Header)
		f := &filler{w: buffered, data: data, prefix: tp.prefix, items: map[string]Item{}}
		if err := f.run(tp.ops); err != nil {
			return fmt.Errorf("fill %s: %w", tp.name, err)
		}
		if err := buffered.Flush(); err != nil {
			return fmt.Errorf("write %s: %w", tp.name, err)
		}
	}
	return pack.close()
}

// Parts gives the unpacked parts of a document by name, within the bounds of a
// template: how two documents are compared, since their packing may differ.
func Parts(document []byte) (map[string][]byte, error) {
	parts, err := unpack(document)
	if err != nil {
		return nil, err
	}
	byName := map[string][]byte{}
	for _, p := range parts {
		byName[p.name] = bytes.Clone(p.data)
	}
	return byName, nil
}
