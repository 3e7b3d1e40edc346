package installation

import (
	"net"
	"net/http"
	"net/netip"

	"safeconduct/internal/doorway"
	"safeconduct/internal/hotline"
)

// Connections bounds how many connections stand open at each door. What is
// left out follows from how many files the process may open.
type Connections struct {
	Public    int `json:"public,omitempty"`     // of contact pages, relays, the form
	Desk      int `json:"desk,omitempty"`       // of desks
	PerSource int `json:"per_source,omitempty"` // from one address; default an eighth of the door's
	// Exempt are the networks of relays and onion services, which bring many
	// people from one address. Left out: this computer. An empty list: none.
	Exempt []netip.Prefix `json:"exempt"`
}

func (c Connections) check() error {
	if c.Public < 0 || c.Desk < 0 || c.PerSource < 0 {
		return hotline.Errorf(hotline.KindInvalid, "serve", "connections in %s: a bound is below zero; leave it out for the default", configFile)
	}
	return nil
}

// guard puts a door with a bound before a server.
func (c Connections) guard(s *http.Server, l net.Listener, most int) net.Listener {
	return doorway.Guard(s, l, doorway.Config{Most: most, PerSource: c.PerSource, Exempt: c.Exempt})
}
