package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Bounds of what is read. A list of 50,000 rows unpacks to 54 MiB, at 13 to 1.
// Sheets pass by as a stream, so that their size costs time only; what other
// parts say is held in memory. Parts that are not needed (macros, pictures, links)
// are never opened.
const (
	mostParts      = 1000
	mostPartBytes  = 32 << 20
	mostSheetBytes = 128 << 20
	mostBytes      = 192 << 20 // unpacked in all, each part as often as it is read
	bombRatio      = 200
	bombBytes      = 1 << 20 // below this size the ratio says nothing
	mostMarked     = 200_000 // rows of a list in one file
)

// archive is an opened zip with what may still be unpacked from it.
type archive struct {
	parts map[string]*zip.File
	left  int64
}

// openArchive looks at the directory of the zip before anything is unpacked.
func openArchive(in io.ReaderAt, size int64) (*archive, error) {
	if err := sniff(in, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(in, size)
	if err != nil {
		return nil, damaged(err.Error())
	}
	if len(z.File) > mostParts {
		return nil, oversized(fmt.Sprintf("%d parts", len(z.File)))
	}
	a := &archive{parts: make(map[string]*zip.File, len(z.File)), left: mostBytes}
	for _, f := range z.File {
		name := partName(f.Name)
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if _, twice := a.parts[name]; twice {
			// Two programs may read two different files out of such a one.
			return nil, damaged(fmt.Sprintf("the part %q is there twice", clip(name, 100)))
		}
		a.parts[name] = f
	}
	return a, nil
}

// sniff tells the usual wrong files from damaged ones by their first bytes.
func sniff(in io.ReaderAt, size int64) error {
	head := make([]byte, 128)
	n, err := in.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	switch {
	case size == 0 || n == 0:
		return refuse("Tệp rỗng.", "the file is empty")
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return refuse("Tệp là Excel đời cũ (.xls) hoặc có đặt mật khẩu. Hãy bỏ mật khẩu và lưu lại dạng .xlsx.",
			"the file is an old .xls or protected by a password: save it as .xlsx without one")
	case bytes.Contains(head, []byte("mimetypeapplication/vnd.oasis.opendocument")):
		return refuse("Tệp có dạng OpenDocument (.ods). Hãy lưu lại dạng Excel (.xlsx).",
			"the file is an OpenDocument: save it as .xlsx")
	case !bytes.HasPrefix(head, []byte("PK")):
		return refuse("Tệp không phải tệp Excel (.xlsx).", "the file is no .xlsx workbook")
	}
	return nil
}

// partName is the form in which parts are looked up: some programs write
// backslashes, a leading slash, or other capitals.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// open unpacks a part, at most so many bytes of it.
func (a *archive) open(name string, most int64) (io.ReadCloser, error) {
	f, ok := a.parts[name]
	if !ok {
		return nil, damaged(fmt.Sprintf("its part %q is missing", clip(name, 100)))
	}
	unpacked, packed := f.UncompressedSize64, max(f.CompressedSize64, 1)
	if unpacked > uint64(most) || unpacked > bombBytes && unpacked/packed > bombRatio {
		return nil, oversized(fmt.Sprintf("%s, from %d to %d bytes", clip(name, 100), packed, unpacked))
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err.Error())
	}
	return &bounded{ReadCloser: in, archive: a, left: most, name: name}, nil
}

// bounded counts what really comes out of a part; the directory may lie.
type bounded struct {
	io.ReadCloser
	archive *archive
	left    int64
	name    string
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	b.archive.left -= int64(n)
	if b.left < 0 || b.archive.left < 0 {
		return 0, oversized(clip(b.name, 100))
	}
	return n, err
}

// traced remembers that the file itself could not be read, which is no fault of
// who made it.
type traced struct {
	io.ReaderAt
	err error
}

func (t *traced) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 { // a place that the directory of a damaged file names
		return 0, zip.ErrFormat
	}
	n, err := t.ReaderAt.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}
