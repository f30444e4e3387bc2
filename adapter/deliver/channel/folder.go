package channel

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// Folder writes each file into a folder of the department below the one given. The
// latter must exist: a share that is away would else be written beside. Whoever
// looks into it sees whole files only, and each file once, however often it is
// delivered. No link leads out of it.
func Folder(c FolderConfig) Channel { return folder{c} }

type folder struct{ c FolderConfig }

func (folder) Close() error { return nil }

// Modes of what is made: for the group that the folder belongs to, too.
const (
	fileMode   = 0o640
	folderMode = 0o750
)

func (f folder) Send(ctx context.Context, m *Message) error {
	if err := m.check(); err != nil {
		return err
	}
	name, err := m.subfolder(f.c.Into)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(f.c.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return temporary("folder %s: it is not there; mount the share or make the folder, it is not made by itself", f.c.Path)
	case err != nil:
		return temporary("folder %s: %s", f.c.Path, because(ctx, reason(err)))
	}
	defer root.Close()
	if err := root.Mkdir(name, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return temporary("folder %s: make %s: %s", f.c.Path, name, because(ctx, reason(err)))
	}
	below, err := root.OpenRoot(name)
	if err != nil {
		return temporary("folder %s: %s: %s; it must be a folder, and no link that leads out", f.c.Path, name, because(ctx, reason(err)))
	}
	defer below.Close()
	for _, file := range m.files() {
		if err := put(ctx, below, m.fileName(file), file); err != nil {
			return temporary("folder %s: write %s: %s", f.c.Path, path.Join(name, m.fileName(file)), because(ctx, reason(err)))
		}
	}
	return nil
}

// reason is an error without the path, which the message names already.
func reason(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// put writes a file under another name and then gives it its own.
func put(ctx context.Context, root *os.Root, name string, file File) (err error) {
	part := "." + name + ".part"
	if err := root.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an attempt that was killed
		return err
	}
	out, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(root.Remove(part)))
		}
	}()
	if err := fill(ctx, out, file); err != nil {
		return errors.Join(err, out.Close())
	}
	// Whatever the umask; a share may have modes of its own.
	if err := out.Chmod(fileMode); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errors.ErrUnsupported) {
		return errors.Join(err, out.Close())
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := root.Rename(part, name); err != nil {
		return err
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	// Some shares cannot, and say so in one of these ways.
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return errors.Join(err, dir.Close())
	}
	return dir.Close()
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fill writes a file's content, until ctx ends.
func fill(ctx context.Context, to io.Writer, file File) error {
	out := bufio.NewWriterSize(interruptible{ctx, to}, 64<<10)
	if err := file.contents(out); err != nil {
		return err
	}
	return out.Flush()
}

// interruptible is a writer that ends with its context.
type interruptible struct {
	ctx context.Context
	to  io.Writer
}

func (w interruptible) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}
