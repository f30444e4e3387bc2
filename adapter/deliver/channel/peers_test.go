package channel

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The secrets of this package's tests all hold this word.
const secretWord = "hunter"

const listName = `Danh sách hồ sơ cần xử lý "KT" 02-07-2018.xlsx`

// letter is a message as departments get it.
func letter(t testing.TB) *Message {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("PK\x03\x04 .\r\n..\n\x00\xff"), 5000)
	return &Message{
		ID: "letter-12-email@doisoat.example.vn", Department: "KT",
		Subject: "Phiếu đôn đốc số 12/PĐĐ-TTHCC (lần 2) – Phòng Kinh tế, các hồ sơ cần xử lý trên hệ thống một cửa",
		Text:    "Kính gửi Phòng Kinh tế,\n\nĐề nghị kiểm tra các hồ sơ trong danh sách kèm theo.\n.\nTrân trọng.\n",
		HTML:    "<p>Kính gửi Phòng Kinh tế,</p>", Made: time.Date(2018, 7, 2, 7, 30, 0, 0, zone),
		Files: []File{
			{Name: listName, ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: writing(content)},
			{Name: "phieu-don-doc.pdf", Write: writing([]byte("%PDF-1.7\n"))},
		},
	}
}

func writing(content []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}
}

func contentOf(t testing.TB, f File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// authority is who signs the servers' certificates, as a file, and a certificate.
func authority(t testing.TB, hosts ...string) (caFile string, certificate tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return caFile, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// answering is a server that takes one connection after the other and speaks by itself.
func answering(t testing.TB, speak func(net.Conn)) net.Listener {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				speak(conn)
			}()
		}
	}()
	return l
}

// expect wants a fault of this kind that says these words and no secret.
func expect(t testing.TB, err error, final bool, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("delivered")
		return
	}
	if Permanent(err) != final {
		t.Errorf("permanent is %t, want %t: %v", Permanent(err), final, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("does not say %q: %v", word, err)
		}
	}
	if strings.Contains(err.Error(), secretWord) || strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("holds a secret or a line break: %q", err)
	}
}
