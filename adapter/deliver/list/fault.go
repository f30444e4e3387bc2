package list

import (
	"fmt"
	"strings"
)

// mostReasons is how many reasons a Fault tells; a file that is wrong in every row
// is told so often enough.
const mostReasons = 50

// Error joins the reasons in English.
func (f *Fault) Error() string { return strings.Join(f.En, "; ") }

// refuse is a Fault of one reason.
func refuse(vi, en string) *Fault { return &Fault{Vi: []string{vi}, En: []string{en}} }

// faults gathers the reasons why a file is refused.
type faults struct {
	fault Fault
	more  int
}

func (f *faults) add(vi, en string) {
	if len(f.fault.Vi) == mostReasons {
		f.more++
		return
	}
	f.fault.Vi, f.fault.En = append(f.fault.Vi, vi), append(f.fault.En, en)
}

// at adds a reason about a row; the words are formats for the same arguments.
func (f *faults) at(sheet string, row int, vi, en string, args ...any) {
	f.add(fmt.Sprintf("Trang “%s”, dòng %d: ", sheet, row)+fmt.Sprintf(vi, args...),
		fmt.Sprintf("sheet %q, row %d: ", sheet, row)+fmt.Sprintf(en, args...))
}

// err is the Fault, or nil where nothing was added.
func (f *faults) err() error {
	if len(f.fault.Vi) == 0 {
		return nil
	}
	if f.more > 0 {
		f.fault.Vi = append(f.fault.Vi, fmt.Sprintf("Và %d lỗi khác.", f.more))
		f.fault.En = append(f.fault.En, fmt.Sprintf("and %d more", f.more))
		f.more = 0
	}
	return &f.fault
}

// The refusals that a damaged or hostile file meets in several places.
func damaged(en string) *Fault {
	return refuse("Tệp bị hỏng hoặc không phải tệp Excel (.xlsx). Hãy mở lại bằng Excel hoặc LibreOffice, lưu lại dạng .xlsx rồi tải lên.",
		"the file is damaged: "+en)
}

func oversized(en string) *Fault {
	return refuse("Tệp lớn bất thường so với một danh sách, không đọc. Hãy tải danh sách mới và ghi ý kiến vào đó.",
		"the file unpacks to more than a list holds: "+en)
}
