package mappings

import (
	"os"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// yamlBlock returns the YAML example that stands first below a heading.
func yamlBlock(t *testing.T, readme, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(readme, "\n## "+heading)
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	block, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatalf("no example below %q", heading)
	}
	return block
}

func TestTheExamplesOfTheReadmeWork(t *testing.T) {
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)

	table := mustTable(t, yamlBlock(t, readme, "A worked example"))
	var rec reconcile.Record
	row := rowOf(t, table, map[string]string{"Mã hồ sơ": "000.00.16.h57-180702-0001", "Ngày nhận": "02/07/2018", "Hẹn trả": "5/7/2018", "Tình trạng": "Đang làm"})
	if err := table.Record(row, &rec); err != nil || rec.Code != "000.00.16.H57-180702-0001" || rec.Status != reconcile.Processing || !rec.DueAt.DateOnly {
		t.Errorf("row 1: %v, %+v", err, rec)
	}
	row = rowOf(t, table, map[string]string{"Mã hồ sơ": "000.00.16.H57-180702-0004", "Ngày nhận": "02/07/2018 14:30", "Hẹn trả": "2/7/2018", "Đã trả ngày": "02/07/2018 16:00", "Tình trạng": "Đã trả KQ"})
	if err := table.Record(row, &rec); err != nil || rec.Status != reconcile.Returned || rec.ReturnedAt.DateOnly || !rec.ReturnedAt.Known() {
		t.Errorf("row 2: %v, %+v", err, rec)
	}
	if !table.Skip(make([]string, len(row))) {
		t.Error("the total is no record")
	}

	for line := range strings.Lines(yamlBlock(t, readme, "Expressions")) {
		file := "fields:\n  " + strings.TrimSpace(line) + "\n"
		for _, f := range []string{"code", "status"} {
			if !strings.HasPrefix(line, f+":") {
				file += "  " + f + ": " + f + "\n"
			}
		}
		if _, err := Parse("README.md", []byte(file+"statuses: {x: processing}\n")); err != nil {
			t.Errorf("%s%v", line, err)
		}
	}

	if _, err := ParseCalendar("README.md", []byte(yamlBlock(t, readme, "calendar.yaml"))); err != nil {
		t.Error(err)
	}
	for _, name := range append(Presets(), "calendar") {
		if !strings.Contains(readme, "| `"+name+"` |") {
			t.Errorf("the README does not name the preset %s", name)
		}
	}
	for _, name := range helperNames {
		if !strings.Contains(readme, "`"+name+"(") {
			t.Errorf("the README does not explain the helper %s", name)
		}
	}
}
