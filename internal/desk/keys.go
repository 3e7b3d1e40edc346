package desk

import (
	"context"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Unlock opens the key file and starts to connect. A wrong passphrase is
// KindDenied. It does not wait for the server.
func (d *Desk) Unlock(_ context.Context, passphrase string) error {
	d.mu.Lock()
	if d.s != nil {
		d.mu.Unlock()
		return nil
	}
	d.mu.Unlock()
	file, err := d.dir.read(fileKey)
	if err != nil {
		return err
	}
	if file == nil {
		return hotline.Errorf(hotline.KindNotFound, "unlock", "this computer has no keys yet: ask an administrator for an invitation")
	}
	keys, err := seal.Unlock(file, passphrase) // takes about a second
	if err != nil {
		return err
	}
	s, err := d.newSession(keys)
	if err != nil {
		return err
	}
	return d.start(s)
}

// start makes s the desk's session.
func (d *Desk) start(s *session) error {
	cert, err := api.Certificate(s.keys.TLS)
	if err != nil {
		return err
	}
	pin := s.keys.ServerTLS
	if !s.roster.ServerTLS.IsZero() {
		pin = s.roster.ServerTLS // the authority has signed a newer one than the key file's
	}
	s.client = d.cfg.Client(s.keys.Server, cert, pin)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.s != nil {
		s.cancel()
		return nil
	}
	d.s, d.touched = s, d.cfg.Clock.Now()
	s.wg.Go(s.readTexts)
	s.wg.Go(s.stayConnected)
	s.wg.Go(s.uploader)
	if d.cfg.IdleLock > 0 {
		go d.lockWhenIdle(s)
	}
	d.changed(NoticeState)
	d.changed(NoticeQueue)
	return nil
}

// Lock drops the keys and everything that was opened, and ends the
// connection. Acts that were not sent stay in the sealed outbox.
func (d *Desk) Lock() {
	var rest leaving
	d.mu.Lock()
	s := d.s
	if s != nil {
		var err error
		if rest, err = s.leaving(); err != nil {
			d.cfg.Log.Error("the heads of cases could not be kept", "kind", hotline.KindOf(err).String())
		}
		d.s = nil
		s.cancel()
		s.wipe()
	}
	d.mu.Unlock()
	if s == nil {
		return
	}
	s.wg.Wait()
	if s.reader != nil {
		s.reader.Close()
	}
	if err := rest.write(d.dir); err != nil {
		d.cfg.Log.Error("the heads of cases could not be kept", "kind", hotline.KindOf(err).String())
	}
	if s.client.HTTP != nil {
		s.client.HTTP.CloseIdleConnections()
	}
	d.changed(NoticeState)
	d.changed(NoticeQueue)
}

// Touch says that the operator is there.
func (d *Desk) Touch() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched = d.cfg.Clock.Now()
}

// lockWhenIdle locks the desk once nobody has touched it for the whole time.
func (d *Desk) lockWhenIdle(s *session) {
	wait := d.cfg.IdleLock
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-d.cfg.Clock.After(wait):
		}
		d.mu.Lock()
		wait = d.cfg.IdleLock - d.cfg.Clock.Now().Sub(d.touched)
		mine := s.live()
		d.mu.Unlock()
		if !mine {
			return
		}
		if wait <= 0 {
			d.Lock()
			return
		}
		wait = max(wait, time.Second)
	}
}

func checkPassphrase(p string) error {
	if len([]rune(strings.TrimSpace(p))) < MinPassphrase {
		return hotline.Errorf(hotline.KindInvalid, "passphrase", "too short: take at least %d characters, five random words are better", MinPassphrase)
	}
	return nil
}
