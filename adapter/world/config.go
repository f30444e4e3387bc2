package world

import (
	"fmt"
	"strconv"
	"strings"
)

// config is the world's doisoat.yaml.
func (w *World) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "timezone: Asia/Ho_Chi_Minh\nstore: %s\ndepartments:\n", w.Store)
	for _, d := range w.Departments {
		fmt.Fprintf(&b, "  - {code: %s, name: %s}\n", d.Code, strconv.Quote(d.Name))
	}
	fmt.Fprintf(&b, "platform:\n  name: dvc-hue\n  mapping: mappings/platform.yaml\n  http:\n    url: %s\n", w.PlatformURL)
	b.WriteString(httpKeys[w.Style])
	b.WriteString("    limits: {concurrency: 4, per_second: 500, timeout: 20s, retries: 6}\noffices:\n")
	for _, o := range w.Offices {
		mapping := "book"
		if o.Format.Form == Database {
			mapping = "land"
		}
		fmt.Fprintf(&b, "  - name: %s\n    departments: [%s]\n    mapping: mappings/%s.yaml\n", o.Name, o.Department, mapping)
		switch o.Format.Form {
		case Database:
			fmt.Fprintf(&b, "    database: {driver: sqlite, url: %q, query: \"SELECT * FROM HoSoDangKy\", one: \"SoBienNhan = :code\"}\n", o.File())
		case Book:
			fmt.Fprintf(&b, "    workbook: {path: %s, sheet: %q, header_row: %d}\n", o.File(), bookSheet, headingRow)
		case Export:
			fmt.Fprintf(&b, "    workbook: {path: %s%s}\n", o.File(), exportKeys(o.Format))
		}
	}
	return b.String()
}

// exportKeys names what cannot be found out from the file itself.
func exportKeys(f OfficeFormat) string {
	if f.Encoding == Windows1258 {
		return ", encoding: windows-1258"
	}
	return ""
}

// httpKeys is how each style is described under platform.http.
var httpKeys = map[Style]string{
	PageStyle: `    auth:
      login: {path: /api/tokens, body: {userName: doisoat, password: {file: secrets/platform}}, token: data.token, header: Authorization, prefix: "Bearer "}
    list:
      path: /api/v1/hoso
      items: data
      total: totalCount
      paging: {page: {param: PageNumber, size_param: PageSize, size: 200, first: 1}}
      since: {param: updatedFrom, layout: "yyyyMMddHHmmss", overlap: 10m}
    one: {path: "/api/v1/hoso/{code}"}
`,
	OpenCPSStyle: `    auth:
      basic: {username: doisoat, password: {file: secrets/platform}}
    headers: {groupId: "20143"}
    list:
      path: /o/rest/v2/dossiers
      items: data
      total: total
      paging: {range: {start: start, end: end, size: 200}}
    one: {path: "/o/rest/v2/dossiers/{code}"}
`,
	DVCQGStyle: `    auth:
      login:
        path: /mapi/login
        headers: {dstcode: "VN:GOV:000.00.00.H57:dvc"}
        body: {username: doisoat, password: {file: secrets/platform}}
        token: session
        ok: {path: error_code, in: ["0", "00"]}
        expired: {path: error_code, in: ["12"]}
    list:
      method: POST
      path: /mapi/g
      body: {session: "${session}", madonvi: "000.00.16.H57", service: DanhSachHoSo}
      items: result
      total: total
      ok: {path: error_code, in: ["0", "00"]}
      paging: {page: {param: page, size_param: pagesize, size: 200, first: 1}}
    one:
      method: POST
      path: /mapi/g
      body: {session: "${session}", madonvi: "000.00.16.H57", service: ChiTietHoSo, mahoso: "{code}"}
      item: result
      ok: {path: error_code, in: ["0", "00"]}
`,
}
