package channel

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// store is an SSH server with a folder.
type store struct {
	hostKeys []ssh.Signer
	clerk    ssh.PublicKey // whose key is let in, besides the password
	handlers *sftp.Handlers
	noSFTP   bool
	question bool // asks for the password instead of taking it
}

func signer(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open runs the server on loopback; config is how to reach it.
func (s *store) open(t testing.TB) (config SFTPConfig) {
	t.Helper()
	if s.hostKeys == nil {
		s.hostKeys = []ssh.Signer{signer(t)}
	}
	server := &ssh.ServerConfig{}
	right := func(user, password string) (*ssh.Permissions, error) {
		if user != "doisoat" || password != "hunter2" {
			return nil, errors.New("no")
		}
		return nil, nil
	}
	if s.question {
		server.KeyboardInteractiveCallback = func(conn ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 {
				return nil, errors.New("no")
			}
			return right(conn.User(), answers[0])
		}
	} else {
		server.PasswordCallback = func(conn ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return right(conn.User(), string(password))
		}
	}
	server.PublicKeyCallback = func(conn ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if s.clerk == nil || conn.User() != "doisoat" || string(key.Marshal()) != string(s.clerk.Marshal()) {
			return nil, errors.New("no")
		}
		return nil, nil
	}
	for _, key := range s.hostKeys {
		server.AddHostKey(key)
	}
	l := answering(t, func(conn net.Conn) { s.serve(conn, server) })
	return SFTPConfig{
		Host: "127.0.0.1", Port: portOf(l), User: "doisoat", Password: "hunter2", Path: t.TempDir(), Timeout: 10 * time.Second,
		KnownHosts: knownHosts(t, l.Addr().String(), s.hostKeys[len(s.hostKeys)-1].PublicKey()),
	}
}

func (s *store) serve(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "no")
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem" && !s.noSFTP, nil)
			}
		}()
		if s.noSFTP {
			continue
		}
		go func() {
			defer channel.Close()
			if s.handlers != nil {
				_ = sftp.NewRequestServer(channel, *s.handlers).Serve()
				return
			}
			server, err := sftp.NewServer(channel)
			if err == nil {
				_ = server.Serve()
			}
		}()
	}
}

func knownHosts(t testing.TB, address string, key ssh.PublicKey) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte(knownhosts.Line([]string{address}, key)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSFTPHoldsEachFileOnceHoweverOftenItIsDelivered(t *testing.T) {
	c := new(store).open(t)
	channel := SFTP(c)
	m := letter(t)
	if err := os.Mkdir(filepath.Join(c.Path, "KT"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Path, "KT", "."+listInFolder+".part"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{
		"KT/" + listInFolder: string(contentOf(t, m.Files[0])),
		"KT/" + pdfInFolder:  string(contentOf(t, m.Files[1])),
	}
	if diff := cmp.Diff(want, tree(t, c.Path)); diff != "" {
		t.Errorf("files (-want +got):\n%.2000s", diff)
	}
	if info, err := os.Stat(filepath.Join(c.Path, "KT", pdfInFolder)); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, error %v", info, err)
	}
	if err := channel.Close(); err != nil {
		t.Error(err)
	}
}

// A server that knows nothing but the protocol's first version.
func TestSFTPOfAPlainServer(t *testing.T) {
	handlers := sftp.InMemHandler()
	c := (&store{handlers: &handlers}).open(t)
	c.Path, c.Into = "/", "phong-kinh-te"
	for range 2 {
		if err := SFTP(c).Send(t.Context(), letter(t)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	list, err := handlers.FileList.Filelist(sftp.NewRequest("List", "/phong-kinh-te"))
	if err != nil {
		t.Fatal(err)
	}
	found := make([]os.FileInfo, 10)
	n, err := list.ListAt(found, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	for _, info := range found[:n] {
		names = append(names, info.Name())
	}
	if diff := cmp.Diff([]string{listInFolder, pdfInFolder}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWaysToLogIn(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clerk, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(t *testing.T, block *pem.Block, err error) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "key")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaHost, err := ssh.NewSignerFromKey(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	locked, err := (&remote{SFTPConfig{KeyFile: "testdata/locked-key", Passphrase: "hunter2"}}).key(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		store  store
		change func(t *testing.T, c *SFTPConfig)
	}{
		{"a password that is asked for", store{question: true}, func(*testing.T, *SFTPConfig) {}},
		{"a key", store{clerk: clerk.PublicKey()}, func(t *testing.T, c *SFTPConfig) {
			block, err := ssh.MarshalPrivateKey(private, "")
			c.Password, c.KeyFile = "", write(t, block, err)
		}},
		// Its passphrase is hunter2, and cheap to try: ssh-keygen -t ed25519 -a 1.
		{"a key with a passphrase", store{clerk: locked.PublicKey()}, func(_ *testing.T, c *SFTPConfig) {
			c.Password, c.KeyFile, c.Passphrase = "", "testdata/locked-key", "hunter2"
		}},
		// The server would rather show the first of its keys; the second is the known one.
		{"a server with two keys", store{hostKeys: []ssh.Signer{signer(t), rsaHost}}, func(*testing.T, *SFTPConfig) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.store.open(t)
			test.change(t, &c)
			if err := SFTP(c).Send(t.Context(), letter(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSFTPServersThatAreNotWhatTheyShouldBe(t *testing.T) {
	tests := []struct {
		name   string
		store  *store
		change func(t *testing.T, c *SFTPConfig)
		words  []string
	}{
		{"another key", &store{}, func(t *testing.T, c *SFTPConfig) {
			c.KnownHosts = knownHosts(t, c.address(), signer(t).PublicKey())
		}, []string{"is not the one in", "somebody may stand between"}},
		{"an unknown key", &store{}, func(t *testing.T, c *SFTPConfig) {
			c.KnownHosts = knownHosts(t, "files.example.vn", signer(t).PublicKey())
		}, []string{"is not in", "add it there"}},
		{"no known_hosts", &store{}, func(t *testing.T, c *SFTPConfig) { c.KnownHosts = filepath.Join(t.TempDir(), "none") }, []string{"none", "no such file"}},
		{"a wrong password", &store{}, func(_ *testing.T, c *SFTPConfig) { c.Password = "hunter3" }, []string{"does not let doisoat in"}},
		{"a wrong answer", &store{question: true}, func(_ *testing.T, c *SFTPConfig) { c.Password = "hunter3" }, []string{"does not let doisoat in"}},
		{"no key", &store{}, func(t *testing.T, c *SFTPConfig) { c.KeyFile = filepath.Join(t.TempDir(), "none") }, []string{"sftp: key", "no such file"}},
		{"a locked key", &store{}, func(_ *testing.T, c *SFTPConfig) { c.KeyFile = "testdata/locked-key" }, []string{"sftp: key", "passphrase"}},
		{"another passphrase", &store{}, func(_ *testing.T, c *SFTPConfig) {
			c.KeyFile, c.Passphrase = "testdata/locked-key", "hunter3"
		}, []string{"sftp: key", "incorrect"}},
		{"no folder", &store{}, func(_ *testing.T, c *SFTPConfig) { c.Path += "/none" }, []string{"/none", "it is not there; make it"}},
		{"a file for a folder", &store{}, func(t *testing.T, c *SFTPConfig) {
			c.Path += "/file"
			if err := os.WriteFile(c.Path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"is no folder"}},
		{"the department's is a file", &store{}, func(t *testing.T, c *SFTPConfig) {
			if err := os.WriteFile(c.Path+"/KT", nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"/KT: is no folder"}},
		{"SSH without SFTP", &store{noSFTP: true}, func(*testing.T, *SFTPConfig) {}, []string{"sftp"}},
		{"nobody there", &store{}, func(t *testing.T, c *SFTPConfig) {
			l := listen(t)
			c.Port = portOf(l)
			l.Close()
		}, []string{"connect", "refused"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.store.open(t)
			test.change(t, &c)
			expect(t, SFTP(c).Send(t.Context(), letter(t)), false, append(test.words, "sftp")...)
		})
	}
}

// fullDisk takes some bytes and no more.
type fullDisk struct{ sftp.FileWriter }

func (d fullDisk) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	to, err := d.FileWriter.Filewrite(r)
	return full{to}, err
}

type full struct{ io.WriterAt }

func (f full) WriteAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > 40_000 {
		return 0, errors.New("no space left on device, says hunter2")
	}
	return f.WriterAt.WriteAt(p, off)
}

func TestSFTPOfAFullDiskLeavesNoHalfFile(t *testing.T) {
	handlers := sftp.InMemHandler()
	handlers.FilePut = fullDisk{handlers.FilePut}
	c := (&store{handlers: &handlers}).open(t)
	c.Path = "/"
	expect(t, SFTP(c).Send(t.Context(), letter(t)), false, "write /KT/", "no space left")
	list, err := handlers.FileList.Filelist(sftp.NewRequest("List", "/KT"))
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := list.ListAt(make([]os.FileInfo, 10), 0); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestSFTPWhoseFileFails(t *testing.T) {
	c := new(store).open(t)
	m := letter(t)
	m.Files[1].Write = func(io.Writer) error { return errors.New("font is missing") }
	expect(t, SFTP(c).Send(t.Context(), m), false, "font is missing")
	for name := range tree(t, c.Path) {
		if !strings.HasSuffix(name, ".xlsx") {
			t.Errorf("left: %s", name)
		}
	}
	m.Department = "../TP"
	expect(t, SFTP(c).Send(t.Context(), m), true, "no name of a folder")
	m.ID = ""
	expect(t, SFTP(c).Send(t.Context(), m), true, "id")
}

func TestSFTPServersThatHang(t *testing.T) {
	silent := answering(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	c := new(store).open(t)
	c.KnownHosts = knownHosts(t, silent.Addr().String(), signer(t).PublicKey())
	c.Port, c.Timeout = portOf(silent), 200*time.Millisecond
	expect(t, SFTP(c).Send(t.Context(), letter(t)), false, "no answer in time")

	ctx, cancel := context.WithCancel(t.Context())
	m := letter(t)
	m.Files[0].Write = func(w io.Writer) error {
		cancel()
		_, err := w.Write(make([]byte, 1<<20))
		return err
	}
	expect(t, SFTP(new(store).open(t)).Send(ctx, m), false, "interrupted")
}
