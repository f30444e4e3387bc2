package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// printer gives one file as every list.
type printer struct {
	*webtest.Backend
	file web.File
}

func (p printer) List(context.Context, access.Scope, string) (*web.File, error) { return &p.file, nil }

func TestAFileIsForKeepingAndForNothingElse(t *testing.T) {
	for given, want := range map[string]string{
		"danh-sach-vpdkdd.xlsx": "danh-sach-vpdkdd.xlsx", "../../etc/passwd": "etc-passwd", `a";filename=b.exe`: "a--filename-b.exe", "a\r\nSet-Cookie: b": "a--Set-Cookie--b",
		"": "download", "...": "download", "Đất đai.docx": "t--ai.docx", strings.Repeat("a", 200) + ".pdf": strings.Repeat("a", 96) + ".pdf", ".bashrc": "bashrc",
	} {
		p := printer{webtest.New(), web.File{Name: given, ContentType: web.XLSX, Write: func(w io.Writer) error { _, err := io.WriteString(w, "PK"); return err }}}
		s := serve(t, func(o *web.Options) { o.Backend = p })
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := s.api(t, "dat-dai", method, "lists/VPDKDD", "")
			header := w.Header()
			if got := header.Get("Content-Disposition"); w.Code != http.StatusOK || got != "attachment; filename="+want {
				t.Errorf("%s of %q: %d %q, want %q", method, given, w.Code, got, want)
			}
			if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != web.XLSX || header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s of %q: %v", method, given, header)
			}
			if body := map[string]string{http.MethodGet: "PK"}[method]; w.Body.String() != body {
				t.Errorf("%s of %q: %q", method, given, w.Body)
			}
		}
	}
}

func TestHalfAFileDoesNotLookLikeAWholeOne(t *testing.T) {
	for name, c := range map[string]struct {
		write func(io.Writer) error
		want  int // 0: the connection is cut
	}{
		"nothing":             {func(io.Writer) error { return nil }, http.StatusInternalServerError},
		"a fault before it":   {func(w io.Writer) error { _, _ = w.Write(nil); return errOurs }, http.StatusInternalServerError},
		"a fault in mid-file": {func(w io.Writer) error { _, _ = io.WriteString(w, strings.Repeat("half ", 10000)); return errOurs }, 0},
		"a panic in mid-file": {func(w io.Writer) error {
			_, _ = io.WriteString(w, strings.Repeat("half ", 10000))
			panic("no such luck")
		}, 0},
		"a refusal while at it":  {func(io.Writer) error { return web.Refuse("Không được.", "no") }, http.StatusConflict},
		"no time left before it": {func(io.Writer) error { return context.DeadlineExceeded }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			p := printer{webtest.New(), web.File{Name: "a.xlsx", ContentType: web.XLSX, Write: c.write}}
			s := serve(t, func(o *web.Options) { o.Backend = p })
			ctx, stop := context.WithCancel(t.Context())
			served := make(chan error, 1)
			go func() { served <- s.Serve(ctx) }()
			defer func() {
				stop()
				if err := <-served; err != nil {
					t.Error(err)
				}
			}()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr().String()+root+"lists/KT", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer van-hanh")
			resp, err := http.DefaultClient.Do(r)
			if c.want == 0 {
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					resp.Body.Close()
				}
				if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
					t.Errorf("half a file came as a whole one: %v", err)
				}
				if log := s.log.String(); !strings.Contains(log, "disk on fire") && !strings.Contains(log, "no such luck") {
					t.Errorf("the log does not say why: %s", log)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if text, _ := io.ReadAll(resp.Body); resp.StatusCode != c.want || resp.Header.Get("Content-Disposition") != "" || !strings.HasPrefix(string(text), `{"title"`) {
				t.Errorf("%d %v %s", resp.StatusCode, resp.Header, text)
			}
		})
	}
}

func TestAListGoesOutAndComesBackWithItsAnswers(t *testing.T) {
	s := serve(t, nil)
	list := s.api(t, "dat-dai", http.MethodGet, "lists/VPDKDD", "").Body.String()
	rows := strings.Split(strings.TrimSpace(list), "\n")
	rows[1] = strings.Split(rows[1], "\t")[0] + "\tđã trả kết quả ngày 28/06"
	w := s.api(t, "dat-dai", http.MethodPost, "answers", strings.Join(rows, "\n"), "Content-Type", web.XLSX)
	if want := `{"department":"VPDKDD","made_at":"2018-06-30T08:00:00+07:00","acknowledged":1,"unchanged":2,"empty":5}`; w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
	if again := s.api(t, "dat-dai", http.MethodGet, "discrepancies?state=acknowledged", "").Body.String(); !strings.Contains(again, `"set_by":"dat-dai","note":"đã trả kết quả ngày 28/06"`) {
		t.Errorf("the answer is not there: %s", again)
	}
}

// stuck does not come to an end with a list before it may.
type stuck struct {
	*webtest.Backend
	entered chan struct{}
	leave   chan struct{}
}

func (s stuck) Answers(context.Context, *access.Principal, io.ReaderAt, int64) (*web.AnswersTaken, error) {
	s.entered <- struct{}{}
	<-s.leave
	return &web.AnswersTaken{Department: webtest.Own, MadeAt: "2018-06-30T08:00:00+07:00"}, nil
}

func TestSoManyListsAreTakenAtATime(t *testing.T) {
	b := stuck{webtest.New(), make(chan struct{}), make(chan struct{})}
	s := serve(t, func(o *web.Options) { o.Backend = b })
	codes := make(chan int, 4)
	for range 4 {
		go func() {
			codes <- s.ask(t, http.MethodPost, root+"answers", "PK", append(token("dat-dai"), "Content-Type", web.XLSX)...).Code
		}()
		<-b.entered
	}
	w := s.api(t, "dat-dai", http.MethodPost, "answers", "PK", "Content-Type", web.XLSX)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("a fifth: %d %v %s", w.Code, w.Header(), w.Body)
	}
	close(b.leave)
	for range 4 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one of the four: %d", code)
		}
	}
}
