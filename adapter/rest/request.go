package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/hashicorp/go-retryablehttp"
)

// endpoint is one call as configured: what stays the same from request to
// request, with placeholders.
type endpoint struct {
	base    *url.URL
	method  string
	path    string
	query   map[string]string
	headers map[string]string
	body    any // JSON; nil for none
}

// param is a parameter that a poll sets: a page, a bound of a window.
type param struct {
	name, value string
	number      bool // a JSON number, where it goes into a body that does not show otherwise
}

func intParam(name string, value int) param {
	return param{name: name, value: strconv.Itoa(value), number: true}
}

// String names the call without anything that was filled in.
func (e *endpoint) String() string {
	path, _, _ := strings.Cut(e.path, "?")
	return e.method + " " + "/" + strings.TrimPrefix(path, "/")
}

// url joins the base and the path, with everything filled in.
func (e *endpoint) url(v vars) (*url.URL, error) {
	path := v.fill(e.path, pathEscape)
	full := strings.TrimSuffix(e.base.String(), "/") + "/" + strings.TrimPrefix(path, "/")
	switch {
	case strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://"):
		full = path
	case path == "":
		full = e.base.String()
	}
	u, err := url.Parse(full)
	if err != nil { // the error's text would hold what was filled in
		return nil, fmt.Errorf("path %q: not part of an address", e.path)
	}
	return u, nil
}

// request builds one request. next, if not nil, is the address that the source
// itself gave for the next page; query and params are then in it already.
func (e *endpoint) request(ctx context.Context, v vars, params []param, next *url.URL) (*retryablehttp.Request, error) {
	u := next
	body := v.fillBody(e.body)
	if next == nil {
		var err error
		if u, err = e.url(v); err != nil {
			return nil, err
		}
		query := u.Query()
		for name, template := range e.query {
			value := v.fill(template, nil)
			if value == "" && template != "" { // ${since} in a full poll
				continue
			}
			query.Set(name, value)
		}
		for _, p := range params {
			_, named := e.query[p.name]
			object, isObject := body.(map[string]any)
			if isObject && !named {
				setMember(object, p)
			} else {
				query.Set(p.name, p.value)
			}
		}
		u.RawQuery = query.Encode()
	}
	raw, contentType, err := e.encode(body)
	if err != nil {
		return nil, err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, e.method, u.String(), raw)
	if err != nil {
		return nil, fmt.Errorf("%s: not a usable request; check method and path", e)
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for name, value := range e.headers {
		req.Header.Set(name, v.fill(value, nil))
		if http.CanonicalHeaderKey(name) == "Host" {
			req.Host = v.fill(value, nil)
		}
	}
	return req, nil
}

// encode writes the body as JSON, or as a form where the headers say so.
// The result is nil (an untyped nil, as retryablehttp wants) for no body.
func (e *endpoint) encode(body any) (raw any, contentType string, err error) {
	if body == nil {
		return nil, "", nil
	}
	for name, value := range e.headers {
		if http.CanonicalHeaderKey(name) != "Content-Type" || !strings.HasPrefix(value, "application/x-www-form-urlencoded") {
			continue
		}
		object, ok := body.(map[string]any)
		if !ok {
			return nil, "", fmt.Errorf("%s: a form's body is a list of names and values", e)
		}
		form := url.Values{}
		for k, x := range object {
			form.Set(k, fmt.Sprint(x))
		}
		return []byte(form.Encode()), value, nil
	}
	b, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return nil, "", fmt.Errorf("%s: body: not expressible in JSON", e)
	}
	return b, "application/json", nil
}

// setMember puts a parameter into a body; dots in its name reach deeper. It is
// written as what the body shows in that place (a text or a number).
func setMember(object map[string]any, p param) {
	steps := strings.Split(p.name, ".")
	for _, step := range steps[:len(steps)-1] {
		inner, ok := object[step].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[step] = inner
		}
		object = inner
	}
	last := steps[len(steps)-1]
	number := p.number
	switch object[last].(type) {
	case string:
		number = false
	case int, int64, uint64, float64:
		number = true
	}
	if n, err := strconv.ParseInt(p.value, 10, 64); number && err == nil {
		object[last] = n
		return
	}
	object[last] = p.value
}
