package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"
)

// document is openapi.yaml, read as a client's tool reads it.
type document struct {
	root     map[string]any
	compiler *jsonschema.Compiler

	mu     sync.Mutex
	schema map[string]*jsonschema.Schema // by pointer
}

const documentURL = "https://doisoat.test/openapi.yaml"

// theDocument reads the document once for all tests; nobody changes it.
var readDocument = sync.OnceValues(func() (*document, error) {
	d := &document{compiler: jsonschema.NewCompiler(), schema: map[string]*jsonschema.Schema{}}
	var parsed any
	if err := yaml.Unmarshal(openAPIDocument, &parsed); err != nil {
		return nil, err
	}
	text, err := json.Marshal(parsed) // anchors resolved, keys as text
	if err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	d.root = value.(map[string]any)
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(documentURL, value)
})

func theDocument(t testing.TB) *document {
	t.Helper()
	d, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// at follows a path of keys, and references on the way. where is the pointer it
// ended at.
func (d *document) at(keys ...string) (value any, where string) {
	value = d.root
	for _, key := range keys {
		m, ok := value.(map[string]any)
		if !ok {
			return nil, ""
		}
		if value, ok = m[key]; !ok {
			return nil, ""
		}
		where += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
		if m, ok := value.(map[string]any); ok {
			if ref, ok := m["$ref"].(string); ok {
				where = strings.TrimPrefix(ref, "#")
				value, _ = d.at(strings.Split(strings.TrimPrefix(where, "/"), "/")...)
			}
		}
	}
	return value, where
}

func (d *document) object(keys ...string) map[string]any {
	value, _ := d.at(keys...)
	m, _ := value.(map[string]any)
	return m
}

// validate holds a value against the schema at a pointer.
func (d *document) validate(pointer string, value any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.schema[pointer]
	if s == nil {
		var err error
		if s, err = d.compiler.Compile(documentURL + "#" + pointer); err != nil {
			return err
		}
		d.schema[pointer] = s
	}
	return s.Validate(value)
}

// pathOf is the path of the document that a request's path belongs to.
func (d *document) pathOf(path string) string {
	if d.object("paths", path) != nil {
		return path
	}
	parts := strings.Split(path, "/")
	for candidate := range d.object("paths") {
		is := strings.Split(candidate, "/")
		if slices.EqualFunc(is, parts, func(x, y string) bool { return x == y || strings.HasPrefix(x, "{") && y != "" }) {
			return candidate
		}
	}
	return path
}

// check says how an answer differs from what the document says of it; nil where
// the document does not know the path, and the answer is the 404 of all such.
func (d *document) check(method, path string, a answered) error {
	path = d.pathOf(path)
	if d.object("paths", path) == nil {
		if a.status != http.StatusNotFound {
			return fmt.Errorf("path %s is not in the document", path)
		}
		return d.checkBody("/components/responses/NotFound", d.object("components", "responses", "NotFound"), a)
	}
	operation := d.object("paths", path, strings.ToLower(method))
	switch {
	case operation == nil && a.status == http.StatusMethodNotAllowed || a.status == http.StatusForbidden:
		name := map[int]string{http.StatusMethodNotAllowed: "MethodNotAllowed", http.StatusForbidden: "Forbidden"}[a.status]
		return d.checkBody("/components/responses/"+name, d.object("components", "responses", name), a)
	case operation == nil && method == http.MethodHead:
		method = http.MethodGet
	case operation == nil:
		return fmt.Errorf("%s %s is not in the document", method, path)
	}
	response, where := d.at("paths", path, strings.ToLower(method), "responses", strconv.Itoa(a.status))
	if response == nil {
		return fmt.Errorf("%s %s: status %d is not in the document", method, path, a.status)
	}
	return d.checkBody(where, response.(map[string]any), a)
}

// checkRequest says how the JSON of a request differs from what the document says.
func (d *document) checkRequest(method, path, body string) error {
	_, where := d.at("paths", d.pathOf(path), strings.ToLower(method), "requestBody", "content", "application/json", "schema")
	if where == "" {
		return fmt.Errorf("%s %s: no JSON in the document", method, path)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return err
	}
	return d.validate(where, value)
}

func (d *document) checkBody(where string, response map[string]any, a answered) error {
	headers, _ := response["headers"].(map[string]any)
	for name, h := range headers {
		header := h.(map[string]any)
		pointer := where + "/headers/" + name
		if ref, ok := header["$ref"].(string); ok {
			pointer = strings.TrimPrefix(ref, "#")
			header = d.object(strings.Split(strings.TrimPrefix(pointer, "/"), "/")...)
		}
		value := a.header.Get(name)
		if value == "" && header["required"] != true {
			continue
		}
		if err := d.validate(pointer+"/schema", value); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	contents, _ := response["content"].(map[string]any)
	if len(contents) == 0 {
		if a.body != "" {
			return fmt.Errorf("status %d has a body", a.status)
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if contents[kind] == nil {
		return fmt.Errorf("content type %q, want one of %v", kind, slices.Sorted(maps.Keys(contents)))
	}
	if a.body == "" || !strings.HasSuffix(kind, "json") {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil {
		return err
	}
	return d.validate(where+"/content/"+strings.ReplaceAll(kind, "/", "~1")+"/schema", value)
}

func TestTheDocumentIsOpenAPI31(t *testing.T) {
	text, err := os.ReadFile("testdata/openapi-3.1-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	meta, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("https://spec.openapis.org/oas/3.1/schema/2022-10-07", meta); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("https://spec.openapis.org/oas/3.1/schema/2022-10-07")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(theDocument(t).root); err != nil {
		t.Errorf("openapi.yaml is no OpenAPI 3.1 document: %v", err)
	}
	// The meta-schema leaves the schemas themselves to JSON Schema.
	dialect := jsonschema.NewCompiler()
	draft, err := dialect.Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range theDocument(t).object("components", "schemas") {
		if err := draft.Validate(s); err != nil {
			t.Errorf("schema %s is no JSON Schema: %v", name, err)
		}
	}
}

func TestEveryReferenceLeadsSomewhereAndEveryPartIsUsed(t *testing.T) {
	d := theDocument(t)
	used := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				pointer := strings.TrimPrefix(ref, "#/")
				used[pointer] = true
				if value, _ := d.at(strings.Split(pointer, "/")...); value == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, each := range v {
				walk(each)
			}
		case []any:
			for _, each := range v {
				walk(each)
			}
		}
	}
	walk(d.root)
	for group := range d.object("components") {
		if group == "securitySchemes" {
			continue
		}
		for name := range d.object("components", group) {
			if !used["components/"+group+"/"+name] {
				t.Errorf("components/%s/%s is used nowhere", group, name)
			}
		}
	}
}

func TestTheExamplesOfTheDocumentFitItsSchemas(t *testing.T) {
	d := theDocument(t)
	for name, schema := range map[string]string{
		"Page": "Page", "Sources": "Sources", "Status": "Status", "Dossier": "Dossier", "BadRequest": "Problem",
	} {
		example, _ := d.at("components", "examples", name, "value")
		if err := d.validate("/components/schemas/"+schema, example); err != nil {
			t.Errorf("example %s: %v", name, err)
		}
	}
	if got, want := len(d.object("components", "examples")), 5; got != want {
		t.Errorf("%d examples in the document, %d checked here", got, want)
	}
	next, _ := d.at("components", "examples", "Page", "value", "next")
	if _, err := parseCursor(next.(string), "department=VPDKDD"); err != nil {
		t.Errorf("the example's cursor: %v; would be right: %s", err,
			(&Cursor{Kind: "resolved_not_closed", Department: "VPDKDD", Code: "000.00.16.H57-180611-0004"}).token("department=VPDKDD"))
	}
}
