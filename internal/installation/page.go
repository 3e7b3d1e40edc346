package installation

import (
	"context"
	"errors"
	"sync"
	"time"

	"safeconduct/internal/seal"
	contactpage "safeconduct/web/contact"
)

// formPath is where the form without JavaScript stands under each route.
const formPath = "/form"

// StampPage makes the contact page for the newest manifest in the database.
func (in *Installation) StampPage(ctx context.Context) ([]byte, error) {
	db, err := in.Open(ctx, time.Now)
	if err != nil {
		return nil, err
	}
	text, m, by, err := newNode(in, Run{}, db).house.Manifest(ctx)
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	return in.stamp(text, m, by)
}

// Authorities returns the authority that counts now, by the chain of rosters in
// the database from the one in server.json on, and those before it.
func (in *Installation) Authorities(ctx context.Context) (now seal.Authority, before []seal.Authority, err error) {
	db, err := in.Open(ctx, time.Now)
	if err != nil {
		return now, nil, err
	}
	now, before, err = newNode(in, Run{}, db).house.Authorities(ctx)
	return now, before, errors.Join(err, db.Close())
}

// stamp makes a page that believes the authority that signed its manifest.
func (in *Installation) stamp(text []byte, m seal.Manifest, by seal.Authority) ([]byte, error) {
	return contactpage.Stamp(contactpage.Config{
		Manifest: text, Authority: by, Neutral: in.Config.Neutral,
		FormURL: m.Routes[0] + formPath, Routes: m.Routes,
	})
}

// pages stamps the page once for each manifest, so that whoever loads the
// page after a change of keys gets the new ones.
type pages struct {
	node   *node
	mu     sync.Mutex
	serial int64
	page   []byte
}

// current returns the page of the newest manifest.
func (p *pages) current(ctx context.Context) ([]byte, error) {
	text, m, by, err := p.node.house.Manifest(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.serial == m.Serial {
		return p.page, nil
	}
	page, err := p.node.in.stamp(text, m, by)
	if err != nil {
		return nil, err
	}
	p.serial, p.page = m.Serial, page
	return page, nil
}
