package pages

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
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

// uploads is how many lists are taken in at a time: each is held in memory, since the
// container's image has no folder for temporary files.
const uploads = 4

// uploadAnswers takes a list that was filled in. It is read up to its bound; its name
// is neither used nor kept.
func (p *Pages) uploadAnswers(w http.ResponseWriter, r *http.Request) error {
	say := p.bare(r).say
	controller := http.NewResponseController(w)
	// A connection that knows no deadlines has none to be longer.
	_ = controller.SetReadDeadline(time.Now().Add(transferTimeout))
	_ = controller.SetWriteDeadline(time.Now().Add(transferTimeout + makeTimeout))
	select {
	case p.uploads <- struct{}{}:
		defer func() { <-p.uploads }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	file, err := receive(r)
	if err != nil {
		for _, known := range []error{errNoFile, errNoList, errLargeList} {
			if errors.Is(err, known) {
				return p.answersPage(w, r, http.StatusUnprocessableEntity, answersBody{Fault: say(known.Error())})
			}
		}
		return err
	}
	taken, err := p.options.Backend.Answers(r.Context(), access.From(r.Context()), bytes.NewReader(file), int64(len(file)))
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

// receive reads the form's file. What stands in the form besides it is left unread.
func receive(r *http.Request) ([]byte, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, errNoFile
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errNoFile
		case tooLarge(err):
			return nil, errLargeList
		case err != nil:
			return nil, errUnreadable
		case part.FormName() == fileField:
			return contents(part)
		}
	}
}

func contents(part *multipart.Part) ([]byte, error) {
	// FileName is without a path, whatever the browser sent.
	switch name := part.FileName(); {
	case name == "":
		return nil, errNoFile
	case !strings.EqualFold(filepath.Ext(name), ".xlsx"):
		return nil, errNoList
	}
	file, err := io.ReadAll(io.LimitReader(part, web.MaxUpload+1))
	switch {
	case tooLarge(err), len(file) > web.MaxUpload:
		return nil, errLargeList
	case err != nil:
		return nil, errUnreadable
	}
	// A workbook is a zip file; whatever else bears its name need not be opened.
	if !bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return nil, errNoList
	}
	return file, nil
}

func tooLarge(err error) bool {
	var max *http.MaxBytesError
	return errors.As(err, &max)
}
