package intake

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"safeconduct/internal/store"
)

// level is how much work is asked for now.
func (i *Intake) level() int {
	return i.effort.see(max(i.doorstep.fill(), i.room.fill()))
}

// serveChallenge is asked for before every POST. It works while the store is
// down, so that a page can tell "no network" from "not kept".
func (i *Intake) serveChallenge(w http.ResponseWriter, r *http.Request) {
	now := i.cfg.Clock()
	challenge, err := i.challenger.New(i.level(), now.Add(i.limits.Challenge))
	if err != nil {
		problemOf(err).write(w, 0)
		return
	}
	serial := int64(0)
	if _, m, err := i.documents.get(r.Context()); err == nil {
		serial = m.Serial
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"challenge":"` + base64.StdEncoding.EncodeToString(challenge) +
		`","hour":` + strconv.FormatInt(now.Unix()/3600, 10) +
		`,"manifest":` + strconv.FormatInt(serial, 10) + "}\n"))
}

func (i *Intake) serveManifest(w http.ResponseWriter, r *http.Request) {
	text, _, err := i.documents.get(r.Context())
	if err != nil {
		problemOf(err).write(w, 0)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(text)
}

func (i *Intake) servePage(w http.ResponseWriter, r *http.Request) {
	page, err := i.cfg.Page(r.Context())
	if err != nil {
		problemOf(err).write(w, 0)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	_, _ = w.Write(page)
}

// serveHealth says whether the store can be read.
func (i *Intake) serveHealth(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) error {
		_, err := tx.LastVersion(ctx)
		return err
	})
	if err != nil {
		problemOf(err).write(w, 0)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}
