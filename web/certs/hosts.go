package certs

import (
	"net"
	"os"
	"slices"
	"strings"
)

// permittedNames are what an authority of host may vouch for: names that mean nothing beyond a local network.
func permittedNames(host string) []string {
	names := []string{"localhost", "local", "lan", "home.arpa", "internal"}
	if host = strings.ToLower(host); host != "" && !slices.Contains(names, host) {
		names = append(names, host)
	}
	return names
}

// privateRanges are the addresses that mean nothing beyond a local network: RFC 1918, 4193, 3927, 4291 and 6598.
func privateRanges() []*net.IPNet {
	var all []*net.IPNet
	for _, text := range []string{
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
	} {
		_, n, err := net.ParseCIDR(text)
		if err == nil { // they are constants
			all = append(all, n)
		}
	}
	return all
}

// localHosts are this machine's addresses on local networks and its names, the likeliest for another device first.
func localHosts() []string {
	var hosts, last []string
	addresses, _ := net.InterfaceAddrs() // without them the names remain
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if !ok || !slices.ContainsFunc(privateRanges(), func(r *net.IPNet) bool { return r.Contains(n.IP) }) {
			continue
		}
		if n.IP.IsLoopback() || n.IP.IsLinkLocalUnicast() {
			last = append(last, n.IP.String())
		} else {
			hosts = append(hosts, n.IP.String())
		}
	}
	slices.Sort(hosts)
	slices.Sort(last)
	if name, err := os.Hostname(); err == nil && name != "" {
		name = strings.ToLower(name)
		hosts = append(hosts, name)
		if !strings.Contains(name, ".") {
			hosts = append(hosts, name+".local")
		}
	}
	all := slices.Concat(hosts, []string{"localhost"}, last)
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(h string) bool {
		twice := seen[h]
		seen[h] = true
		return twice
	})
}
