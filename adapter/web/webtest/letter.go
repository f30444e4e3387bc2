package webtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Types are the content types of files by their format.
var Types = map[string]string{
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"pdf":  "application/pdf",
}

func file(name, format, text string) *web.File {
	return &web.File{Name: name + "." + format, ContentType: Types[format], Write: func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}}
}

// List implements web.ListBackend. What it gives is no workbook, but lines that
// Answers takes back: a discrepancy and the answer to it, with a tab between.
func (b *Backend) List(_ context.Context, scope access.Scope, department string) (*web.File, error) {
	unlock, err := b.begin("List")
	defer unlock()
	if err != nil {
		return nil, err
	}
	if nameOf(department) == department || !scope.Sees(department) {
		return nil, fmt.Errorf("department %s: %w", department, web.ErrNotFound)
	}
	return file("danh-sach-"+strings.ToLower(department), "xlsx", b.listText(department)), nil
}

func (b *Backend) listText(department string) string {
	text := "doisoat-list " + department + " " + Mark(department) + "\n"
	for i := range b.items {
		if it := &b.items[i]; it.Department == department && (it.State == reconcile.StateOpen || it.State == reconcile.StateAcknowledged) {
			text += it.ID + "\t" + strings.Map(inLine, it.Note) + "\n"
		}
	}
	return text
}

func inLine(r rune) rune {
	if r == '\n' || r == '\t' {
		return ' '
	}
	return r
}

// Answers implements web.ListBackend, for what List gives.
func (b *Backend) Answers(_ context.Context, who *access.Principal, from io.ReaderAt, size int64) (*web.AnswersTaken, error) {
	unlock, err := b.begin("Answers")
	defer unlock()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.NewSectionReader(from, 0, size))
	if err != nil {
		return nil, err
	}
	// Whoever looks whether a file may be a workbook at all looks at how it begins.
	head, rows, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("PK\x03\x04")), []byte("\n"))
	words := strings.Fields(string(head))
	if len(words) < 2 || words[0] != "doisoat-list" {
		return nil, web.Refuse("Tệp này không phải danh sách của doisoat.", "the file is no list of ours")
	}
	taken := &web.AnswersTaken{Department: words[1], MadeAt: b.stamp(june(30, 8))}
	if !who.Scope().Sees(taken.Department) {
		return nil, web.Refuse("Danh sách này là của phòng khác.", "the list is another department's")
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(rows)), "\n") {
		id, note, _ := strings.Cut(line, "\t")
		found, err := b.found(access.Only(taken.Department), []string{id})
		if err != nil {
			return nil, web.Refuse("Danh sách đã cũ: hồ sơ không còn trên danh sách.", "the list is an old one: row "+id+" is gone")
		}
		switch it := found[0]; {
		case note == "":
			taken.Empty++
		case strings.Map(inLine, it.Note) == note:
			taken.Unchanged++
		default:
			it.set(reconcile.StateAcknowledged, who.Name, note, b.now)
			taken.Acknowledged++
		}
	}
	b.revision++
	return taken, nil
}

// Letters implements web.LetterBackend.
func (b *Backend) Letters(_ context.Context, scope access.Scope, department string, before int64, limit int) (*web.LetterPage, error) {
	unlock, err := b.begin("Letters")
	defer unlock()
	if err != nil {
		return nil, err
	}
	page := &web.LetterPage{Items: []web.Letter{}}
	for _, l := range slices.Backward(b.letters) {
		if !scope.Sees(l.Department) || department != "" && l.Department != department || before > 0 && l.ID >= before {
			continue
		}
		if len(page.Items) == limit {
			page.Next = page.Items[limit-1].ID
			break
		}
		l.Items = nil
		page.Items = append(page.Items, l)
	}
	return page, nil
}

func (b *Backend) letter(scope access.Scope, id int64) (*web.Letter, error) {
	for _, l := range b.letters {
		if l.ID == id && scope.Sees(l.Department) {
			for _, d := range b.deliveries {
				if d.Letter == id {
					l.Deliveries = append(l.Deliveries, d)
				}
			}
			return &l, nil
		}
	}
	return nil, fmt.Errorf("letter %d: %w", id, web.ErrNotFound)
}

// Letter implements web.LetterBackend.
func (b *Backend) Letter(_ context.Context, scope access.Scope, id int64) (*web.Letter, error) {
	unlock, err := b.begin("Letter")
	defer unlock()
	if err != nil {
		return nil, err
	}
	return b.letter(scope, id)
}

// LetterFile implements web.LetterBackend.
func (b *Backend) LetterFile(_ context.Context, scope access.Scope, id int64, format string) (*web.File, error) {
	unlock, err := b.begin("LetterFile")
	defer unlock()
	if err != nil {
		return nil, err
	}
	l, err := b.letter(scope, id)
	if err != nil {
		return nil, err
	}
	return file(fmt.Sprintf("phieu-don-doc-%d", id), format, "phiếu đôn đốc "+l.Number), nil
}

// Apology implements web.LetterBackend. Third has nothing that is late.
func (b *Backend) Apology(_ context.Context, scope access.Scope, department string) (*web.File, error) {
	unlock, err := b.begin("Apology")
	defer unlock()
	if err != nil {
		return nil, err
	}
	if nameOf(department) == department || !scope.Sees(department) || department == Third {
		return nil, fmt.Errorf("department %s: %w", department, web.ErrNotFound)
	}
	return file("phieu-xin-loi-"+strings.ToLower(department), "docx", "phiếu xin lỗi và hẹn lại "+Mark(department)), nil
}

// SendLetter implements web.LetterBackend.
func (b *Backend) SendLetter(_ context.Context, who *access.Principal, department string) (*web.Letter, error) {
	unlock, err := b.begin("SendLetter")
	defer unlock()
	if err != nil {
		return nil, err
	}
	if nameOf(department) == department || !who.Scope().Sees(department) {
		return nil, fmt.Errorf("department %s: %w", department, web.ErrNotFound)
	}
	if len(b.heldRuns) > 0 {
		return nil, web.Refuse("Đang giữ lại vì có quá nhiều sai lệch mở cùng lúc; cho phép lần đối soát 11 trước.", "a run is held by the mass-change breaker; release run 11 first")
	}
	day := b.now.Format(time.DateOnly)
	times := 1
	for _, l := range b.letters {
		if l.Department != department {
			continue
		}
		if l.Day == day {
			return nil, web.Refuse("Hôm nay đã đôn đốc phòng này.", "the department was reminded today")
		}
		times = max(times, l.Times+1)
	}
	id := int64(len(b.letters) + 1)
	l := web.Letter{
		ID: id, Number: fmt.Sprintf("%d/PĐĐ-TTHCC %s", id, Mark(department)), Department: department, Name: nameOf(department), Day: day, Times: times,
		MadeAt: b.stamp(b.now), MadeBy: who.Name, AnswerBy: b.stamp(b.now.AddDate(0, 0, 3)), Items: []web.LetterItem{},
	}
	for i := range b.items {
		if d := &b.items[i]; d.Department == department && d.State == reconcile.StateOpen && d.Kind.Reminded() && b.items[i].notVerified.IsZero() {
			l.Items = append(l.Items, web.LetterItem{Discrepancy: d.ID, Code: d.Code, Kind: d.Kind, Effect: d.Effect, Times: times, State: d.State})
		}
	}
	l.Count = len(l.Items)
	b.letters = append(b.letters, l)
	b.deliver(&l, "email", web.DeliveryPending, "")
	return b.letter(access.Everything(), id)
}

// Deliveries implements web.LetterBackend.
func (b *Backend) Deliveries(_ context.Context, scope access.Scope, state web.DeliveryState, before int64, limit int) (*web.DeliveryPage, error) {
	unlock, err := b.begin("Deliveries")
	defer unlock()
	if err != nil {
		return nil, err
	}
	page := &web.DeliveryPage{Items: []web.Delivery{}}
	for _, d := range slices.Backward(b.deliveries) {
		if !scope.Sees(d.Department) || state != "" && d.State != state || before > 0 && d.ID >= before {
			continue
		}
		if len(page.Items) == limit {
			page.Next = page.Items[limit-1].ID
			break
		}
		page.Items = append(page.Items, d)
	}
	return page, nil
}

// RetryDelivery implements web.LetterBackend.
func (b *Backend) RetryDelivery(_ context.Context, who *access.Principal, id int64) (*web.Delivery, error) {
	unlock, err := b.begin("RetryDelivery")
	defer unlock()
	if err != nil {
		return nil, err
	}
	for i := range b.deliveries {
		d := &b.deliveries[i]
		if d.ID != id || !who.Scope().Sees(d.Department) {
			continue
		}
		if d.State != web.DeliveryDead {
			return nil, web.Refuse("Chỉ gửi lại được khi đã bỏ gửi.", "only a dead delivery can be retried")
		}
		d.State, d.NextAt, d.EndedAt = web.DeliveryPending, b.stamp(b.now), ""
		again := *d
		return &again, nil
	}
	return nil, fmt.Errorf("delivery %d: %w", id, web.ErrNotFound)
}
