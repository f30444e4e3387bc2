package rest

import (
	"context"
	"errors"
	"io"
	"net/url"
	"testing"
)

func TestRequests(t *testing.T) {
	base, err := url.Parse("https://dvc.example.vn/api/")
	if err != nil {
		t.Fatal(err)
	}
	v := vars{session: "a b/&", from: "${to}", to: "T", code: "x/y z"}
	cases := []struct {
		name   string
		call   endpoint
		params []param
		url    string
		body   string
	}{
		{"a path and a query", endpoint{method: "GET", path: "/v1/hoso", query: map[string]string{"TrangThai": "", "z": "1"}}, []param{intParam("page", 3)}, "https://dvc.example.vn/api/v1/hoso?TrangThai=&page=3&z=1", ""},
		{"a query in the path", endpoint{method: "GET", path: "v1?x=1&page=9"}, []param{intParam("page", 3)}, "https://dvc.example.vn/api/v1?page=3&x=1", ""},
		{"no path", endpoint{method: "GET"}, nil, "https://dvc.example.vn/api/", ""},
		{"another host for the log-in", endpoint{method: "POST", path: "https://sso.example.vn/t"}, nil, "https://sso.example.vn/t", ""},
		{"escaping", endpoint{method: "GET", path: "s/${session}/{code}", query: map[string]string{"q": "${session}|${from}"}}, nil, "https://dvc.example.vn/api/s/a%20b%2F&/x%2Fy%20z?q=a+b%2F%26%7C%24%7Bto%7D", ""},
		{"empty after filling", endpoint{method: "GET", query: map[string]string{"since": "${since}"}}, nil, "https://dvc.example.vn/api/", ""},
		{
			"parameters in the body", endpoint{method: "POST", query: map[string]string{"page": ""}, body: map[string]any{"size": "10", "at": 1, "f": map[string]any{"s": "${session}", "since": "${since}", "l": []any{"${to}", 1, nil, true}}}},
			[]param{intParam("page", 2), intParam("size", 20), intParam("f.n", 5), intParam("new.deep", 6), {name: "at", value: "1530507789"}, {name: "t", value: "20180702"}},
			"https://dvc.example.vn/api/?page=2",
			`{"at":1530507789,"f":{"l":["T",1,null,true],"n":5,"s":"a b/&","since":""},"new":{"deep":6},"size":"20","t":"20180702"}`,
		},
		{"a list as the body", endpoint{method: "POST", body: []any{"${to}"}}, []param{intParam("page", 2)}, "https://dvc.example.vn/api/?page=2", `["T"]`},
		{"a form", endpoint{method: "POST", headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}, body: map[string]any{"grant_type": "password", "n": 1}}, nil, "https://dvc.example.vn/api/", "grant_type=password&n=1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.call.base = base
			for range 2 { // a request must not change the endpoint
				req, err := c.call.request(context.Background(), v, c.params, nil)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "address", req.URL.String(), c.url)
				b, err := req.BodyBytes()
				if err != nil && !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				same(t, "body", string(b), c.body)
			}
		})
	}
}
