package channel

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

const sftpTimeout = time.Minute

// SFTP writes each file as Folder does, on an SSH server. A server whose key is not
// the one in KnownHosts is told nothing.
func SFTP(c SFTPConfig) Channel {
	if c.Timeout <= 0 {
		c.Timeout = sftpTimeout
	}
	return &remote{c}
}

type remote struct{ c SFTPConfig }

func (*remote) Close() error { return nil }

func (r *remote) Send(ctx context.Context, m *Message) error {
	if err := m.check(); err != nil {
		return err
	}
	name, err := m.subfolder(r.c.Into)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.c.Timeout)
	defer cancel()
	client, closing, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closing()
	if info, err := client.Stat(r.c.Path); err != nil {
		return r.fault(ctx, err, "folder "+r.c.Path)
	} else if !info.IsDir() {
		return r.fault(ctx, errors.New("is no folder"), r.c.Path)
	}
	folder := path.Join(r.c.Path, name)
	if info, err := client.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		if err := client.Mkdir(folder); err != nil {
			return r.fault(ctx, err, "make folder "+folder)
		}
	} else if err == nil && !info.IsDir() {
		return r.fault(ctx, errors.New("is no folder"), folder)
	}
	for _, file := range m.files() {
		to := path.Join(folder, m.fileName(file))
		if err := upload(ctx, client, to, file); err != nil {
			return r.fault(ctx, err, "write "+to)
		}
	}
	return nil
}

// fault is never for good: nothing here is the message's own.
func (r *remote) fault(ctx context.Context, err error, what string) error {
	text := because(ctx, err, r.c.Password, r.c.Passphrase)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text = "it is not there; make it, or correct deliver.sftp.path in the configuration"
	case errors.Is(err, fs.ErrPermission):
		text = "permission denied for " + r.c.User
	}
	return temporary("sftp server %s: %s: %s", r.c.address(), what, text)
}

// connect logs in. closing ends all of it.
func (r *remote) connect(ctx context.Context) (client *sftp.Client, closing func(), err error) {
	config, err := r.sshConfig(ctx)
	if err != nil {
		return nil, nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.c.address())
	if err != nil {
		return nil, nil, r.fault(ctx, err, "connect")
	}
	// Whatever is waited for then ends with an error.
	unhook := context.AfterFunc(ctx, func() { _ = conn.Close() })
	end := func() {
		unhook()
		_ = conn.Close()
	}
	defer func() {
		if err != nil {
			end()
		}
	}()
	transport, channels, requests, err := ssh.NewClientConn(conn, r.c.address(), config)
	if err != nil {
		return nil, nil, r.refused(ctx, err)
	}
	over := ssh.NewClient(transport, channels, requests)
	if client, err = sftp.NewClient(over); err != nil {
		return nil, nil, r.fault(ctx, err, "sftp")
	}
	return client, end, nil
}

// refused tells the two faults apart that only people can mend.
func (r *remote) refused(ctx context.Context, err error) error {
	var key *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &key) && len(key.Want) == 0:
		return temporary("sftp server %s: its key is not in %s; compare the server's key and add it there", r.c.address(), r.c.KnownHosts)
	case errors.As(err, &key):
		return temporary("sftp server %s: its key is not the one in %s; somebody may stand between: ask whoever runs the server before that file is changed", r.c.address(), r.c.KnownHosts)
	case errors.As(err, &revoked):
		return temporary("sftp server %s: its key is marked as revoked in %s", r.c.address(), r.c.KnownHosts)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return temporary("sftp server %s: does not let %s in; see the password or the key in the configuration", r.c.address(), r.c.User)
	}
	return r.fault(ctx, err, "log in")
}

func (r *remote) sshConfig(ctx context.Context) (*ssh.ClientConfig, error) {
	known, err := knownhosts.New(r.c.KnownHosts)
	if err != nil {
		return nil, temporary("sftp server %s: %s: %s", r.c.address(), r.c.KnownHosts, because(ctx, reason(err)))
	}
	config := &ssh.ClientConfig{User: r.c.User, HostKeyCallback: known, Timeout: r.c.Timeout, HostKeyAlgorithms: algorithms(known, r.c.address())}
	if r.c.KeyFile != "" {
		signer, err := r.key(ctx)
		if err != nil {
			return nil, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if r.c.Password != "" {
		config.Auth = append(config.Auth, ssh.Password(r.c.Password), ssh.KeyboardInteractive(r.answer))
	}
	return config, nil
}

// answer gives the password to a server that asks for it as a question.
func (r *remote) answer(_, _ string, questions []string, echos []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range questions {
		if echos[i] {
			return nil, errors.New("the server asks for more than a password")
		}
		answers[i] = r.c.Password
	}
	return answers, nil
}

func (r *remote) key(ctx context.Context) (signer ssh.Signer, err error) {
	pem, err := os.ReadFile(r.c.KeyFile)
	if err == nil && r.c.Passphrase != "" {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(r.c.Passphrase))
	} else if err == nil {
		signer, err = ssh.ParsePrivateKey(pem)
	}
	if err != nil {
		return nil, temporary("sftp: key %s: %s", r.c.KeyFile, because(ctx, reason(err), r.c.Passphrase))
	}
	return signer, nil
}

// algorithms are those of the keys that are known of the server: asked for another
// one it would show a key that cannot be compared. nil where none is known.
func algorithms(known ssh.HostKeyCallback, address string) (list []string) {
	var key *knownhosts.KeyError
	if err := known(address, &net.TCPAddr{IP: net.IPv4zero}, noKey{}); !errors.As(err, &key) {
		return nil
	}
	for _, want := range key.Want {
		for _, algorithm := range signatures(want.Key.Type()) {
			if !slices.Contains(list, algorithm) {
				list = append(list, algorithm)
			}
		}
	}
	return list
}

// signatures are the ways in which a key of a type signs.
func signatures(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

// noKey is a key that is nobody's.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

// upload writes a file under another name and then gives it its own.
func upload(ctx context.Context, client *sftp.Client, to string, file File) (err error) {
	part := path.Join(path.Dir(to), "."+path.Base(to)+".part")
	if err := client.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an attempt that was killed
		return err
	}
	out, err := client.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			err = errors.Join(err, ignoreMissing(client.Remove(part)))
		}
	}()
	if err := fill(ctx, out, file); err != nil {
		return errors.Join(err, out.Close())
	}
	// Not every server knows this, or lets it be done; the file is whole without.
	_ = out.Chmod(fileMode)
	if _, ok := client.HasExtension("fsync@openssh.com"); ok {
		if err := out.Sync(); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	if _, ok := client.HasExtension("posix-rename@openssh.com"); ok {
		return client.PosixRename(part, to)
	}
	// The plain one does not replace; for a moment there is neither.
	if err := client.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return client.Rename(part, to)
}
