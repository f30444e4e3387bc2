package pages_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/pages"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// upload sends a file to /answers.
func upload(t *testing.T, s *site, who, name string, content []byte) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, "/answers", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.serve(who, "vi", r)
}

func TestUploadsThatAreNoLists(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := open(t)
	zip := []byte("PK\x03\x04" + strings.Repeat("x", 100))
	for name, c := range map[string]struct {
		file    string
		content []byte
		status  int
		want    string
	}{
		"no file":               {"", nil, http.StatusUnprocessableEntity, "Chưa chọn tệp"},
		"an empty file":         {"a.xlsx", nil, http.StatusUnprocessableEntity, "không phải tệp Excel"},
		"another type":          {"a.exe", zip, http.StatusUnprocessableEntity, "không phải tệp Excel"},
		"a program by its name": {"a.xlsx", []byte("MZ\x90\x00 program"), http.StatusUnprocessableEntity, "không phải tệp Excel"},
		"too large":             {"a.xlsx", append(zip, make([]byte, web.MaxUpload)...), http.StatusUnprocessableEntity, "quá lớn"},
	} {
		t.Run(name, func(t *testing.T) {
			w := upload(t, s, "dat-dai", c.file, c.content)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("status %d, want %d with %q\n%s", w.Code, c.status, c.want, w.Body)
			}
			examine(t, s.pages.Routes(), w.Body.String())
		})
	}
	w := upload(t, s, "dat-dai", `../../etc/passwd.xlsx`, zip)
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("a name with a path: %d", w.Code)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// zipped takes webtest's lists, which are plain text, as workbooks: behind the mark by
// which a page knows one.
type zipped struct{ *webtest.Backend }

const zipMark = "PK\x03\x04"

func (z zipped) Answers(ctx context.Context, who *access.Principal, file io.ReaderAt, size int64) (*web.AnswersTaken, error) {
	return z.Backend.Answers(ctx, who, io.NewSectionReader(file, int64(len(zipMark)), size), size-int64(len(zipMark)))
}

func TestAListComesBackFilledIn(t *testing.T) {
	var backend *webtest.Backend
	s := open(t, func(o *pages.Options) {
		backend = webtest.New()
		o.Backend = zipped{backend}
	})
	list := s.get("dat-dai", "vi", "/lists/"+webtest.Own)
	if list.Code != http.StatusOK || !strings.HasPrefix(list.Header().Get("Content-Disposition"), "attachment; filename=") {
		t.Fatalf("%d %v", list.Code, list.Header())
	}
	id := backend.IDs(webtest.Own)[0]
	filled := strings.Replace(list.Body.String(), id+"\t", id+"\tđã xong", 1)
	w := upload(t, s, "dat-dai", "Danh sách.XLSX", []byte(zipMark+filled))
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	page := s.get("dat-dai", "vi", w.Header().Get("Location")).Body.String()
	if !strings.Contains(page, "Đã nhận danh sách của Chi nhánh Văn phòng Đăng ký đất đai.") || !strings.Contains(page, "<dt>Ý kiến mới</dt><dd>1</dd>") {
		t.Errorf("the page does not say what was taken in\n%s", page)
	}
	if page := s.get("dat-dai", "vi", "/discrepancies?state=acknowledged").Body.String(); !strings.Contains(page, "đã xong") {
		t.Error("the answer is not on the list")
	}
	// Another department's list is refused with the reason, and nothing is changed.
	w = upload(t, s, "kinh-te", "a.xlsx", []byte(zipMark+filled))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Danh sách này là của phòng khác.") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	examine(t, s.pages.Routes(), w.Body.String())
}
