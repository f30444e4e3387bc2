package letter

import (
	_ "embed" // the shipped templates
	"fmt"

	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
)

// The shipped templates are documents like any other: a site may take them out, edit
// them in Word and name its own in the configuration.
var (
	//go:embed templates/phieu-don-doc.docx
	shippedLetter []byte
	//go:embed templates/phieu-xin-loi.docx
	shippedApology []byte
)

// Template is what reminder letters are made from.
type Template struct{ t *ooxml.Template }

// ApologyTemplate is what apologies are made from.
type ApologyTemplate struct{ t *ooxml.Template }

// LoadTemplate reads a site's own template of the reminder letter; "" gives the
// shipped one. An error names every fault, and for an unknown placeholder the known
// ones.
func LoadTemplate(path string) (*Template, error) {
	t, err := load(path, shippedLetter, Vocabulary())
	return &Template{t}, err
}

// LoadApologyTemplate does the same for apologies.
func LoadApologyTemplate(path string) (*ApologyTemplate, error) {
	t, err := load(path, shippedApology, ApologyVocabulary())
	return &ApologyTemplate{t}, err
}

func load(path string, shipped []byte, v *ooxml.Vocabulary) (*ooxml.Template, error) {
	if path != "" {
		return ooxml.Load(path, v)
	}
	t, err := ooxml.Parse(shipped, v)
	if err != nil {
		return nil, fmt.Errorf("shipped template: %w", err)
	}
	return t, nil
}

// Shipped gives the shipped templates by file name, for a site to edit.
func Shipped() map[string][]byte {
	return map[string][]byte{
		"phieu-don-doc.docx": append([]byte(nil), shippedLetter...),
		"phieu-xin-loi.docx": append([]byte(nil), shippedApology...),
	}
}
