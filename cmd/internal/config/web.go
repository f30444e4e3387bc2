package config

import (
	"net"
	"strconv"
	"strings"
)

// defaultListen is reachable from the machine itself only.
const defaultListen = "127.0.0.1:8080"

func (v value) web() Web {
	s := v.section(`write {listen: "127.0.0.1:8080"}`)
	w := Web{
		Listen: s.get("listen").listen(),
		ConfigFile: s.get("config_file").existing(
			"name a web configuration file with tls_server_config or basic_auth_users, or leave the key out"),
	}
	const remedy = "list the names under which it is asked, such as [doisoat.example.vn]"
	for _, item := range s.get("hosts").list(remedy) {
		host := item.text(remedy)
		if strings.ContainsAny(host, ":/ @") {
			item.fault("is no host name", "write the name alone, without scheme or port")
			continue
		}
		if host != "" {
			w.Hosts = append(w.Hosts, strings.ToLower(host))
		}
	}
	s.done()
	return w
}

// listen is an address to listen at; an empty host is every address.
func (v value) listen() string {
	const remedy = "write HOST:PORT, such as 127.0.0.1:8080, or :8080 for every address of the machine"
	text := v.text(remedy)
	if text == "" {
		return defaultListen
	}
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		v.fault("is no address to listen at", remedy)
		return defaultListen
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		v.fault("has no port from 0 to 65535", remedy)
		return defaultListen
	}
	return text
}
