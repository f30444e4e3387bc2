package app

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/channel"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/config"
)

// organisationOf is who signs what is sent.
func organisationOf(d *config.Deliver) string {
	if d.Organisation.Name != "" {
		return d.Organisation.Name
	}
	return defaultCentre
}

// isPermanent reports whether no other attempt will do better.
func isPermanent(err error) bool { return channel.Permanent(err) }

// send makes one attempt to deliver a letter with its list.
func (a *App) send(ctx context.Context, one *store.Delivery) error {
	via, err := a.channel(one)
	if err != nil {
		return err
	}
	message, err := a.message(ctx, one)
	if err != nil {
		return errors.Join(err, via.Close())
	}
	return errors.Join(via.Send(ctx, message), via.Close())
}

// channel opens what a delivery goes over, as it is configured now.
func (a *App) channel(one *store.Delivery) (channel.Channel, error) {
	to, d := a.recipient(one.Department), a.Config.Deliver
	gone := &channel.Fault{Permanent: true, Reason: fmt.Sprintf(
		"department %s has no channel %q in the configuration any more; put it back and run doisoat delivery retry %d", one.Department, one.Channel, one.ID)}
	if to == nil || d == nil {
		return nil, gone
	}
	switch {
	case one.Channel == channelEmail && d.Email != nil && len(to.Email) > 0:
		c := *d.Email
		c.To = to.Email
		return channel.Email(c), nil
	case one.Channel == channelFolder && d.Folder != nil && to.Folder != "":
		c := *d.Folder
		c.Into = to.Folder
		return channel.Folder(c), nil
	case one.Channel == channelWebhook && to.Webhook != nil:
		return channel.Webhook(*to.Webhook), nil
	case one.Channel == channelSFTP && d.SFTP != nil && to.SFTP != "":
		c := *d.SFTP
		c.Into = to.SFTP
		return channel.SFTP(c), nil
	}
	return nil, gone
}

// message is a letter with its list, the same at every attempt.
func (a *App) message(ctx context.Context, one *store.Delivery) (*channel.Message, error) {
	l, err := a.Store.GetLetter(ctx, nil, one.LetterID)
	if err != nil {
		return nil, err
	}
	doc, err := documentOf(l)
	if err != nil {
		return nil, &channel.Fault{Permanent: true, Reason: err.Error()}
	}
	m := &channel.Message{ID: one.MessageID, Department: l.Department, Made: l.MadeAt, Subject: a.subject(l, doc)}
	m.Text, m.HTML = a.body(l, doc)
	for _, format := range LetterFormats {
		file, err := a.LetterFile(l, format)
		if err != nil {
			return nil, &channel.Fault{Reason: fmt.Sprintf("letter %s as %s: %v", l.Label, format, err)}
		}
		m.Files = append(m.Files, channel.File{Name: file.Name, ContentType: file.ContentType, Write: file.Write})
	}
	return m, nil
}

func (a *App) subject(l *store.Letter, doc *letterDocument) string {
	return fmt.Sprintf("Phiếu đôn đốc %s (lần %d): %d sai lệch hồ sơ cần đối soát - %s", l.Label, l.Times, l.Count, doc.DepartmentName)
}

// body is what the message says besides its files. No dossier is named in it.
func (a *App) body(l *store.Letter, doc *letterDocument) (text, page string) {
	zone := a.Config.Zone
	lines := []string{
		"Kính gửi: " + doc.DepartmentName,
		fmt.Sprintf("%s gửi phiếu đôn đốc số %s (lần %d) và danh sách hồ sơ cần đối soát, theo số liệu đến %s.",
			doc.Centre, l.Label, l.Times, doc.AsOf.In(zone).Format("15:04 ngày 02/01/2006")),
		fmt.Sprintf("Phiếu nhắc %d sai lệch giữa hệ thống và sổ theo dõi của phòng. Mỗi dòng trong danh sách nói rõ cần sửa ở đâu và việc cần làm.", l.Count),
		fmt.Sprintf("Đề nghị kiểm tra, cập nhật và ghi ý kiến vào cột “Ý kiến của phòng” của tệp Excel rồi tải lên trang đối soát, trước %s.",
			l.AnswerBy.In(zone).Format("15:04 ngày 02/01/2006")),
		"Hồ sơ ghi “Hệ thống báo quá hạn không đúng” là số liệu của hệ thống cần điều chỉnh, không tính là phòng giải quyết chậm.",
		"Thư này do máy gửi; nếu nhận hai lần cùng một mã thư thì chỉ cần xem một.",
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("<p>" + html.EscapeString(line) + "</p>\n")
	}
	return strings.Join(lines, "\n\n") + "\n", b.String()
}
