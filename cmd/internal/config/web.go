package config

import (
	"net"
	"strconv"
	"strings"
)

// defaultListen is reachable from the machine itself only.
const defaultListen = "127.0.0.1:8080"

// defaultTitle is what pages are headed by where no organisation is named.
const defaultTitle = "Đối soát hồ sơ"

func (v value) web(departments []Department) Web {
	s := v.section(`write {listen: "127.0.0.1:8080"}`)
	w := Web{
		Listen: s.get("listen").listen(defaultListen),
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
	w.Title = s.get("title").oneLine("write what the pages are headed by, or leave it out for the organisation's name")
	w.Operations = s.get("operations").operations(w.Listen)
	w.Access = s.get("access").access(departments)
	s.done()
	return w
}

// settleTitle heads the pages by the organisation's name where nothing is said.
func (c *Config) settleTitle() {
	if c.Web.Title == "" && c.Deliver != nil {
		c.Web.Title = c.Deliver.Organisation.Name
	}
	c.Web.Title = orText(c.Web.Title, defaultTitle)
}

// listen is an address to listen at; an empty host is every address.
func (v value) listen(standard string) string {
	_, port, _ := net.SplitHostPort(standard)
	remedy := "write HOST:PORT, such as " + standard + ", or :" + port + " for every address of the machine"
	text := v.text(remedy)
	if text == "" {
		return standard
	}
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		v.fault("is no address to listen at", remedy)
		return standard
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		v.fault("has no port from 0 to 65535", remedy)
		return standard
	}
	return text
}
