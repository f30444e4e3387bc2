package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdFreeAddr puts a free address of the machine itself into a variable.
func cmdFreeAddr(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeaddr VARIABLE")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], listener.Addr().String())
	ts.Check(listener.Close())
}

// cmdAsk asks a daemon at $ADDR until it answers with the status, and a body in
// which the expression is found, and prints that.
func cmdAsk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: ask METHOD path status expression")
	}
	method, url, status := args[0], "http://"+ts.Getenv("ADDR")+args[1], number(ts, args[2])
	want, err := regexp.Compile("(?m)" + args[3])
	ts.Check(err)
	deadline := time.Now().Add(20 * time.Second)
	for {
		body, err := asked(method, url, status)
		if err == nil && want.MatchString(body) {
			fmt.Fprint(ts.Stdout(), body)
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s %s: %v; no %s in:\n%s", method, url, err, args[3], body)
		}
		<-time.After(50 * time.Millisecond)
	}
}

func asked(method, url string, status int) (body string, err error) {
	request, err := http.NewRequest(method, url, http.NoBody)
	if err != nil {
		return "", err
	}
	client := http.Client{Timeout: 10 * time.Second}
	reply, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != status {
		err = fmt.Errorf("status %d", reply.StatusCode)
	}
	return string(text), err
}
