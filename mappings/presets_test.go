package mappings

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func TestPresetsAreReadWithoutAFault(t *testing.T) {
	if diff := cmp.Diff([]string{"dvcqg", "land-register", "opencps", "tracking-book"}, Presets()); diff != "" {
		t.Fatal(diff)
	}
	for _, name := range Presets() {
		data, ok := Preset(name)
		if !ok {
			t.Fatalf("no preset %s", name)
		}
		s, err := Parse(name+".yaml", data)
		if err != nil {
			t.Errorf("%s:\n%v", name, err)
			continue
		}
		if _, err := s.Compile(Options{}); err != nil {
			t.Errorf("%s names no zone of its own: %v", name, err)
		}
	}
}

func TestPresetNamesCannotLeaveTheFolder(t *testing.T) {
	for _, name := range []string{"", "unknown", "../mappings/dvcqg", `..\dvcqg`, "dvcqg.yaml"} {
		if _, ok := Preset(name); ok {
			t.Errorf("Preset(%q) exists", name)
		}
	}
}

func TestMappingsOfTheSampleWorldAreRead(t *testing.T) {
	files, err := filepath.Glob("testdata/world/*.yaml")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(filepath.Base(file), data); err != nil {
			t.Error(err)
		}
	}
}

func TestPresetsMapWhatTheSystemsReallySend(t *testing.T) {
	vietnam := time.FixedZone("", 7*3600)
	at := func(y, mo, d, h, mi int) reconcile.Moment {
		return reconcile.Moment{Time: time.Date(y, time.Month(mo), d, h, mi, 0, 0, vietnam)}
	}
	tests := []struct {
		preset, name string
		values       map[string]string
		want         reconcile.Record
	}{
		{
			"dvcqg", "returned dossier",
			map[string]string{
				"MaHoSo": "000.00.16.h57-180402-0018", "MaHoSoKhac": "H57.18, 000.00.16.H57-180402-0018", "MaTTHC": "1.004221.000.00.00.H57",
				"MaLinhVuc": "DD", "DonViXuLy": "VPDKDD", "TrangThaiHoSo": "10", "NgayTiepNhan": "20180402070900", "NgayHenTra": "20180417170000",
				"NgayKetThucXuLy": "20180413083200", "NgayTra": "20180413103200", "NgayCapNhat": "00010101000000", "KenhThucHien": "2",
			},
			reconcile.Record{
				Code: "000.00.16.H57-180402-0018", Aliases: []string{"H57.18"}, Procedure: "1.004221", Field: "DD", Department: "VPDKDD", Channel: reconcile.Online,
				Status: reconcile.Returned, Group: reconcile.Done, RawStatus: "10",
				ReceivedAt: at(2018, 4, 2, 7, 9), DueAt: at(2018, 4, 17, 17, 0), CompletedAt: at(2018, 4, 13, 8, 32), ReturnedAt: at(2018, 4, 13, 10, 32),
			},
		},
		{
			"opencps", "pair wins over the state alone",
			map[string]string{"dossierNo": "A-1", "dossierStatus": "waiting", "dossierSubStatus": "PAY", "online": "false", "receiveDate": "02/04/2018 07:09:00", "dueDate": "17/04/2018 17:00:00"},
			reconcile.Record{
				Code: "A-1", Department: "ONLY", Channel: reconcile.InPerson, Status: reconcile.Payment, Group: reconcile.Paused, RawStatus: "waiting/PAY",
				ReceivedAt: at(2018, 4, 2, 7, 9), DueAt: at(2018, 4, 17, 17, 0),
			},
		},
		{
			"opencps", "unknown sub-state falls back to the state",
			map[string]string{"dossierNo": "A-1", "dossierStatus": "done", "dossierSubStatus": "postal", "online": "true", "releaseDate": "13/04/2018 08:32:00", "finishDate": "13/04/2018 10:32:00"},
			reconcile.Record{
				Code: "A-1", Department: "ONLY", Channel: reconcile.Online, Status: reconcile.Returned, Group: reconcile.Done, RawStatus: "done/postal",
				CompletedAt: at(2018, 4, 13, 8, 32), ReturnedAt: at(2018, 4, 13, 10, 32),
			},
		},
		{
			"tracking-book", "decomposed, lower case, dates of every kind",
			map[string]string{
				"Mã hồ sơ": " 000.00.16.h57-180528 -0014\u00a0", "Tình trạng": "  \u0111a\u0303  tra\u0309 kê\u0301t qua\u0309 ", "Nhận hồ sơ": "date:2018-05-28T11:08:00",
				"Hẹn trả kết quả": "8/6/2018", "Ngày nhận kết quả": "16h45 ngày 1/6/2018",
			},
			reconcile.Record{
				Code: "000.00.16.H57-180528-0014", Department: "ONLY", Status: reconcile.Returned, Group: reconcile.Done, RawStatus: "\u0111a\u0303  tra\u0309 kê\u0301t qua\u0309",
				ReceivedAt: at(2018, 5, 28, 11, 8), DueAt: reconcile.Moment{Time: at(2018, 6, 8, 0, 0).Time, DateOnly: true}, ReturnedAt: at(2018, 6, 1, 16, 45),
			},
		},
		{
			"land-register", "waiting for the tax, date as the database writes it",
			map[string]string{"SoBienNhan": "000.00.16.H57-180521-0002", "TrangThai": "3", "NgayNhan": "2018-05-21 16:16:00", "NgayHenTra": "date:2018-05-29T17:00:00", "NgayGiaHan": "0000-00-00 00:00:00"},
			reconcile.Record{
				Code: "000.00.16.H57-180521-0002", Department: "ONLY", Status: reconcile.Payment, Group: reconcile.Paused, RawStatus: "3",
				ReceivedAt: at(2018, 5, 21, 16, 16), DueAt: at(2018, 5, 29, 17, 0),
			},
		},
	}
	for _, test := range tests {
		t.Run(test.preset+": "+test.name, func(t *testing.T) {
			data, _ := Preset(test.preset)
			s, err := Parse(test.preset, data)
			if err != nil {
				t.Fatal(err)
			}
			table, err := s.Compile(Options{Source: "s", Side: reconcile.Office, Department: "ONLY"})
			if err != nil {
				t.Fatal(err)
			}
			var got reconcile.Record
			if err := table.Record(rowOf(t, table, test.values), &got); err != nil {
				t.Fatal(err)
			}
			test.want.Source, test.want.Side = "s", reconcile.Office
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// rowOf puts named values into the order of the table's inputs.
func rowOf(t *testing.T, table *Table, values map[string]string) []string {
	t.Helper()
	inputs := table.Inputs()
	row := make([]string, len(inputs))
	found := 0
	for i, name := range inputs {
		if v, ok := values[name]; ok {
			row[i] = v
			found++
		}
	}
	if found != len(values) {
		t.Fatalf("only %d of %d values are inputs: %q", found, len(values), inputs)
	}
	return row
}
