package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/doisoat/doisoat/adapter/deliver/list"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// mostReasons bounds how many rows a refusal names.
const mostReasons = 20

// Answers implements web.ListBackend.
func (b backend) Answers(ctx context.Context, who *access.Principal, file io.ReaderAt, size int64) (*web.AnswersTaken, error) {
	app, done := b.current.take()
	defer done()
	taken, err := app.TakeAnswers(ctx, who.Scope(), who.Name, file, size, b.asOf())
	if err == nil && taken.Acknowledged > 0 {
		b.drawSoon()
	}
	return taken, err
}

// TakeAnswers keeps the answers of a list that a department filled in: each answered
// discrepancy is acknowledged. All of them are taken or none: *web.Refused tells every
// reason, with its row.
func (a *App) TakeAnswers(ctx context.Context, scope access.Scope, by string, file io.ReaderAt, size int64, at time.Time) (*web.AnswersTaken, error) {
	answers, err := list.Read(file, size, a.Config.Zone)
	var fault *list.Fault
	if errors.As(err, &fault) {
		return nil, &web.Refused{Vi: fault.Vi, En: fault.En}
	}
	if err != nil {
		return nil, err
	}
	if !scope.Sees(answers.Department) || !a.isDepartment(answers.Department) {
		return nil, web.Refuse("Đây là danh sách của phòng khác ("+answers.Department+").", "this is another department's list ("+answers.Department+")")
	}
	t := &taking{app: a, answers: answers, by: by}
	if err := t.compare(ctx); err != nil {
		return nil, err
	}
	if len(t.refused.En) > 0 {
		return nil, &t.refused
	}
	taken := &web.AnswersTaken{
		Department: answers.Department, MadeAt: web.Stamp(answers.MadeAt, a.Config.Zone), Acknowledged: len(t.ids), Unchanged: t.unchanged, Empty: t.empty,
	}
	if len(t.ids) == 0 {
		return taken, nil
	}
	// Between the look above and this write things may have changed: each is looked at
	// once more where nobody can change it.
	_, err = a.Store.Act(ctx, []string{answers.Department}, t.ids, func(d reconcile.Discrepancy) (reconcile.Change, error) {
		answer := t.byID[d.ID]
		if vi, en := t.stale(answer, &d); en != "" {
			return reconcile.Change{}, web.Refuse(vi, en)
		}
		return d.Acknowledge(by, answer.Text, at)
	})
	if errors.Is(err, store.ErrNotFound) {
		err = web.Refuse("Danh sách có hồ sơ không còn của phòng; hãy tải danh sách mới.", "the list names what is the department's no longer; download a new one")
	}
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// taking is a list that is being taken in.
type taking struct {
	app     *App
	answers *list.Answers
	by      string

	byID             map[string]*list.Answer
	ids              []string // to be acknowledged, in the order of the file
	unchanged, empty int
	refused          web.Refused
	left             int // reasons that are not told one by one
}

// compare holds every answer against what is stored.
func (t *taking) compare(ctx context.Context) error {
	t.byID = make(map[string]*list.Answer, len(t.answers.Rows))
	var ids []string
	for i := range t.answers.Rows {
		row := &t.answers.Rows[i]
		switch {
		case row.Text == "":
			t.empty++
		case !row.Changed:
			t.unchanged++
		default:
			t.byID[row.ID] = row
			ids = append(ids, row.ID)
		}
	}
	now := make(map[string]reconcile.Discrepancy, len(ids))
	for start := 0; start < len(ids); start += answersChunk {
		filter := store.Filter{All: true, Departments: []string{t.answers.Department}, IDs: ids[start:min(start+answersChunk, len(ids))]}
		err := t.app.Store.EachDiscrepancy(ctx, filter, func(d reconcile.Discrepancy) error {
			now[d.ID] = d
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, id := range ids {
		answer := t.byID[id]
		d, there := now[id]
		if !there {
			t.refuse(answer, "hồ sơ không còn trong danh sách của phòng", "it is the department's no longer")
			continue
		}
		if vi, en := t.stale(answer, &d); en != "" {
			t.refuse(answer, vi, en)
			continue
		}
		if d.State == reconcile.StateAcknowledged && d.Note == answer.Text {
			t.unchanged++ // given by another way since
			continue
		}
		t.ids = append(t.ids, id)
	}
	if t.left > 0 {
		t.refused.Vi = append(t.refused.Vi, fmt.Sprintf("… và %d dòng nữa.", t.left))
		t.refused.En = append(t.refused.En, fmt.Sprintf("… and %d rows more", t.left))
	}
	if len(t.refused.En) > 0 {
		t.refused.Vi = append(t.refused.Vi, "Chưa ghi nhận ý kiến nào. Hãy tải danh sách mới, chép các ý kiến còn đúng sang và gửi lại.")
		t.refused.En = append(t.refused.En, "no answer was taken; download a new list, copy what still holds and send that")
	}
	return nil
}

const answersChunk = 1000

// stale tells why an answer is about something that has changed; "" where it is not.
func (t *taking) stale(answer *list.Answer, d *reconcile.Discrepancy) (vi, en string) {
	switch {
	case d.State == reconcile.StateResolved:
		return "sai lệch này đã được xử lý xong", "it is resolved already"
	case d.State == reconcile.StateWaived:
		return "sai lệch này đang tạm không nhắc", "it is waived"
	case d.State != reconcile.StateOpen && d.State != reconcile.StateAcknowledged:
		return "sai lệch này không còn ở trạng thái cần xử lý", "it is not open any more"
	case d.Values != answer.Values:
		return "số liệu của hồ sơ đã thay đổi từ khi lập danh sách", "the dossier's values have changed since the list was made"
	}
	return "", ""
}

func (t *taking) refuse(answer *list.Answer, vi, en string) {
	if len(t.refused.En) >= mostReasons {
		t.left++
		return
	}
	t.refused.Vi = append(t.refused.Vi, fmt.Sprintf("%s, dòng %d, hồ sơ %s: %s.", answer.Sheet, answer.Row, answer.Code, vi))
	t.refused.En = append(t.refused.En, fmt.Sprintf("%s, row %d, dossier %s: %s", answer.Sheet, answer.Row, answer.Code, en))
}
