package doorway

import (
	"container/list"
	"context"
	"hash/maphash"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Config says how many connections there may be. Zero values are replaced by
// those of [Defaults].
type Config struct {
	Most      int            // open at once
	PerSource int            // open at once from one address, or one IPv6 network of 64 bits
	Exempt    []netip.Prefix // sources without a share of their own: relays, an onion service
}

// Loopback is where relays and onion services on this computer come from.
func Loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// Defaults are safe for a process that may open so many files: a part of
// them, and an eighth of that for one source. Carriers put thousands of
// telephones behind one address, so a share is large.
func Defaults(files, parts int) Config {
	most := min(max((files-reserved)/max(parts, 1), least), limit)
	return Config{Most: most, PerSource: max(most/8, least), Exempt: Loopback()}
}

const (
	reserved = 256   // files for the database, the journal, desks, the log
	least    = 64    // below this nothing works
	limit    = 16384 // a connection costs about 20 KiB
)

func (c Config) withDefaults() Config {
	d := Defaults(openFiles(), 2)
	if c.Most <= 0 {
		c.Most = d.Most
	}
	if c.PerSource <= 0 {
		c.PerSource = max(c.Most/8, 1)
	}
	if c.Exempt == nil {
		c.Exempt = d.Exempt
	}
	return c
}

// Door is a listener with a bound.
type Door struct {
	net.Listener
	cfg  Config
	seed maphash.Seed

	mu      sync.Mutex
	open    int
	sources map[uint64]*source
	waiting [2]list.List // of *conn, the oldest first: idle, and without a request
	counts  Counts
}

// Counts say what a door has done.
type Counts struct {
	Open    int   // now
	Sources int   // now; exempt ones are one
	MadeWay int64 // closed to make room
	Refused int64 // closed at once, as there was no room
}

// source counts the connections of one address. Its waiting ones are here too.
type source struct {
	key     uint64
	exempt  bool
	open    int
	waiting [2]list.List
}

// state is what a connection is doing.
type state int

const (
	idle    state = iota // between two requests
	fresh                // connected, perhaps in the middle of a request's head
	serving              // a request is being answered
	closed
)

// conn is a connection that is counted.
type conn struct {
	net.Conn
	door  *Door
	from  *source
	state state         // guarded by Door.mu, as the places
	all   *list.Element // in Door.waiting
	own   *list.Element // in source.waiting
}

// Guard puts a door before a server: serve what it returns, with this server.
func Guard(s *http.Server, l net.Listener, c Config) *Door {
	d := &Door{Listener: l, cfg: c.withDefaults(), seed: maphash.MakeSeed(), sources: map[uint64]*source{}}
	next, state, within := s.Handler, s.ConnState, s.ConnContext
	if next == nil {
		next = http.DefaultServeMux
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(key{}).(*conn); ok {
			c.become(serving)
		}
		next.ServeHTTP(w, r)
	})
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if within != nil {
			ctx = within(ctx, c)
		}
		return context.WithValue(ctx, key{}, under(c))
	}
	s.ConnState = func(c net.Conn, now http.ConnState) {
		if own := under(c); own != nil {
			switch now {
			case http.StateActive:
				own.begins()
			case http.StateIdle:
				own.become(idle)
			case http.StateHijacked:
				own.become(serving)
			case http.StateNew, http.StateClosed:
			}
		}
		if state != nil {
			state(c, now)
		}
	}
	return d
}

type key struct{}

// under finds the door's connection below TLS.
func under(c net.Conn) *conn {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = t.NetConn()
	}
	own, _ := c.(*conn)
	return own
}

// Counts returns what the door has done so far.
func (d *Door) Counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.counts
	c.Open, c.Sources = d.open, len(d.sources)
	return c
}

// Accept returns the next connection for which there is room.
func (d *Door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		own, out := d.admit(c)
		if out != nil {
			_ = out.Conn.Close() // its server notices and ends it
		}
		if own != nil {
			return own, nil
		}
		_ = c.Close() // whoever it was tries again
	}
}

// admit counts a connection. It may name another one that has to make way; nil
// is returned when there is no room.
func (d *Door) admit(c net.Conn) (own, out *conn) {
	key, exempt := d.sourceOf(c.RemoteAddr())
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sources[key]
	if s == nil {
		s = &source{key: key, exempt: exempt}
	}
	switch {
	case !s.exempt && s.open >= d.cfg.PerSource:
		out = first(&s.waiting)
	case d.open >= d.cfg.Most:
		out = first(&d.waiting)
	default:
		return d.add(c, s), nil
	}
	if out == nil {
		d.counts.Refused++
		return nil, nil
	}
	d.counts.MadeWay++
	d.remove(out)
	return d.add(c, s), out
}

func (d *Door) add(c net.Conn, s *source) *conn {
	own := &conn{Conn: c, door: d, from: s, state: closed}
	d.open++
	s.open++
	d.sources[s.key] = s
	own.move(fresh)
	return own
}

// remove forgets a connection, and its source with the last one.
func (d *Door) remove(c *conn) {
	if c.state == closed {
		return
	}
	c.move(closed)
	d.open--
	if c.from.open--; c.from.open == 0 {
		delete(d.sources, c.from.key)
	}
}

// first is the oldest idle connection, or else the oldest without a request.
func first(waiting *[2]list.List) *conn {
	for i := range waiting {
		if e := waiting[i].Front(); e != nil {
			return e.Value.(*conn) //nolint:forcetypeassert // the lists hold nothing else
		}
	}
	return nil
}

// sourceOf is the keyed hash of an address, and whether it is exempt; what is
// exempt counts as one.
func (d *Door) sourceOf(a net.Addr) (uint64, bool) {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return 0, false // all that has no address shares one share
	}
	ip := at.Addr().Unmap().WithZone("")
	for _, p := range d.cfg.Exempt {
		if p.Contains(ip) {
			return 1, true
		}
	}
	bits := 128
	if ip.Is4() {
		bits = 32
	} else if ip.Is6() {
		bits = 64 // one subscriber has at least that many addresses
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return 0, false
	}
	return maphash.Comparable(d.seed, p), false
}

// become changes what a connection is doing, unless it is closed.
func (c *conn) become(s state) {
	c.door.mu.Lock()
	defer c.door.mu.Unlock()
	if c.state != closed {
		c.move(s)
	}
}

// begins says that the first byte of a request has come: time counts from then.
func (c *conn) begins() {
	c.door.mu.Lock()
	defer c.door.mu.Unlock()
	if c.state == idle {
		c.move(fresh)
	}
}

// move puts a connection into the lists of its state. Door.mu must be held.
func (c *conn) move(s state) {
	if c.all != nil {
		c.door.waiting[c.state].Remove(c.all)
		c.from.waiting[c.state].Remove(c.own)
		c.all, c.own = nil, nil
	}
	if c.state = s; s == idle || s == fresh {
		c.all, c.own = c.door.waiting[s].PushBack(c), c.from.waiting[s].PushBack(c)
	}
}

// Close closes a connection and gives its place back.
func (c *conn) Close() error {
	c.door.mu.Lock()
	c.door.remove(c)
	c.door.mu.Unlock()
	return c.Conn.Close()
}
