package pages

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// answersBody is where a list that was filled in is handed in, and what became of it.
type answersBody struct {
	Fault   string
	Reasons []string
	Taken   *web.AnswersTaken
	Max     int // megabytes
}

// fileField is the form's file.
const fileField = "file"

// The faults of a file that are found before it is read as a list; by the keys of
// what is said of them.
var (
	errNoFile    = errors.New("answers.none")
	errNoList    = errors.New("answers.type")
	errLargeList = errors.New("answers.large")
)

func (p *Pages) answers(w http.ResponseWriter, r *http.Request) error {
	body := answersBody{}
	if q := r.URL.Query(); q.Get("department") != "" && q.Get(doneParameter) == "answers" {
		numbers := [3]int{}
		for i, name := range []string{countParameter, "unchanged", "empty"} {
			n, err := strconv.Atoi(q.Get(name))
			if err != nil || n < 0 {
				return errUnreadable
			}
			numbers[i] = n
		}
		if !scopeOf(r).Sees(q.Get("department")) {
			return web.ErrNotFound
		}
		body.Taken = &web.AnswersTaken{Department: q.Get("department"), Acknowledged: numbers[0], Unchanged: numbers[1], Empty: numbers[2]}
	}
	return p.answersPage(w, r, http.StatusOK, body)
}

func (p *Pages) answersPage(w http.ResponseWriter, r *http.Request, status int, body answersBody) error {
	v, err := p.view(r, "answers.title")
	if err != nil {
		return err
	}
	v.Flash = "" // Taken says more
	body.Max = web.MaxUpload >> 20
	return p.answer(w, r, status, "answers", v, body)
}

// uploadAnswers takes a list that was filled in. The file goes to a temporary one as
// it comes, never further than its bound; its name is neither used nor kept.
func (p *Pages) uploadAnswers(w http.ResponseWriter, r *http.Request) error {
	say := p.bare(r).say
	controller := http.NewResponseController(w)
	// A connection that knows no deadlines has none to be longer.
	_ = controller.SetReadDeadline(time.Now().Add(transferTimeout))
	_ = controller.SetWriteDeadline(time.Now().Add(transferTimeout + makeTimeout))
	file, size, err := p.receive(r)
	if err != nil {
		for _, known := range []error{errNoFile, errNoList, errLargeList} {
			if errors.Is(err, known) {
				return p.answersPage(w, r, http.StatusUnprocessableEntity, answersBody{Fault: say(known.Error(), strconv.Itoa(web.MaxUpload>>20))})
			}
		}
		return err
	}
	defer file.drop()
	taken, err := p.options.Backend.Answers(r.Context(), access.From(r.Context()), file, size)
	if reasons := reasonsOf(err, languageOf(r)); reasons != nil {
		return p.answersPage(w, r, http.StatusConflict, answersBody{Reasons: reasons})
	}
	if err != nil {
		return err
	}
	web.Note(r.Context(), taken.Department, fmt.Sprintf("list of %s: %d acknowledged, %d unchanged, %d empty", taken.MadeAt, taken.Acknowledged, taken.Unchanged, taken.Empty))
	q := url.Values{"department": {taken.Department}, "unchanged": {strconv.Itoa(taken.Unchanged)}, "empty": {strconv.Itoa(taken.Empty)}}
	return done(w, r, "/answers?"+q.Encode(), "answers", taken.Acknowledged)
}

// received is an uploaded file, gone once it is dropped.
type received struct{ *os.File }

func (f received) drop() {
	_ = f.Close()           // nothing was written that matters
	_ = os.Remove(f.Name()) // the system cleans its temporary folder
}

// receive reads the form's file. The form is read as it comes; what stands in it
// besides the file is left unread.
func (p *Pages) receive(r *http.Request) (received, int64, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return received{}, 0, errNoFile
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return received{}, 0, errNoFile
		case tooLarge(err):
			return received{}, 0, errLargeList
		case err != nil:
			return received{}, 0, errUnreadable
		case part.FormName() == fileField:
			return spool(part)
		}
	}
}

func spool(part *multipart.Part) (_ received, size int64, err error) {
	// FileName is without a path, whatever the browser sent.
	switch name := part.FileName(); {
	case name == "":
		return received{}, 0, errNoFile
	case !strings.EqualFold(filepath.Ext(name), ".xlsx"):
		return received{}, 0, errNoList
	}
	file, err := os.CreateTemp("", "doisoat-answers-*.xlsx")
	if err != nil {
		return received{}, 0, err
	}
	f := received{file}
	defer func() {
		if err != nil {
			f.drop()
		}
	}()
	size, err = io.Copy(file, io.LimitReader(part, web.MaxUpload+1))
	switch {
	case tooLarge(err), size > web.MaxUpload:
		return received{}, 0, errLargeList
	case err != nil:
		return received{}, 0, errUnreadable
	}
	// A workbook is a zip file; whatever else bears its name need not be opened.
	start := make([]byte, 4)
	if _, err := file.ReadAt(start, 0); err != nil || !bytes.Equal(start, []byte("PK\x03\x04")) {
		return received{}, 0, errNoList
	}
	return f, size, nil
}

func tooLarge(err error) bool {
	var max *http.MaxBytesError
	return errors.As(err, &max)
}
