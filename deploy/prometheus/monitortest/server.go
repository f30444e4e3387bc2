package monitortest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Prometheus starts one on a configuration file and gives its address once it is
// ready. data is the folder of its database, "" for a new one; args are added to
// its command line.
//
// For a rule to reach Alertmanager within seconds it needs
// --rules.alert.resend-delay=200ms, else a first message that was missed is sent
// again after a minute only.
func Prometheus(t testing.TB, config, data string, args ...string) string {
	t.Helper()
	if data == "" {
		data = t.TempDir()
	}
	return start(t, "prometheus", append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + data, "--log.level=warn",
		"--web.listen-address=" + listen,
	}, args...))
}

// Alertmanager starts one on a configuration file and gives its address once it is
// ready, so that no first message is missed. It is a cluster of its own.
func Alertmanager(t testing.TB, config string, args ...string) string {
	t.Helper()
	return start(t, "prometheus-alertmanager", append([]string{
		"--config.file=" + config, "--storage.path=" + t.TempDir(), "--log.level=warn",
		"--web.listen-address=" + listen, "--cluster.listen-address=",
	}, args...))
}

// listen stands for the address until a port is known.
const listen = "@listen@"

// start runs a server until the test ends. Somebody may take the port between the
// moment it was found free and the server's own listening: then another is tried.
func start(t testing.TB, tool string, args []string) string {
	t.Helper()
	path := Tool(t, tool)
	var said string
	for range 5 {
		address := freeAddress(t)
		filled := make([]string, len(args))
		for i, a := range args {
			if name, ok := cutListen(a); ok {
				a = name + address
			}
			filled[i] = a
		}
		log, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		// Not t.Context, which is done before the clean-up begins.
		ctx, stop := context.WithCancel(context.Background())
		cmd := exec.CommandContext(ctx, path, filled...)
		cmd.Stdout, cmd.Stderr = log, log
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 10 * time.Second
		if err := cmd.Start(); err != nil {
			stop()
			t.Fatalf("%s: %v", tool, err)
		}
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait() // how it ended is of no interest once it was told to
			close(ended)
		}()
		if base := "http://" + address; ready(base, ended) {
			t.Cleanup(func() {
				stop()
				<-ended
				_ = log.Close()
			})
			return base
		}
		stop()
		<-ended
		_ = log.Close()
		text, _ := os.ReadFile(log.Name())
		said = string(text)
	}
	t.Fatalf("%s does not start; its last words:\n%s", tool, said)
	return ""
}

func cutListen(arg string) (string, bool) {
	n := len(arg) - len(listen)
	if n < 0 || arg[n:] != listen {
		return "", false
	}
	return arg[:n], true
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// ready waits until the server says that it is, for half a minute at most.
func ready(base string, ended <-chan struct{}) bool {
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		if _, err := Get(base + "/-/ready"); err == nil {
			return true
		}
		select {
		case <-ended:
			return false
		case <-deadline:
			return false
		case <-look.C:
		}
	}
}

// Get reads an address within ten seconds; every status but 200 is an error.
func Get(address string) ([]byte, error) {
	client := http.Client{Timeout: 10 * time.Second}
	reply, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", address, reply.Status, body)
	}
	return body, err
}
