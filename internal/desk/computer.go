package desk

import (
	"bytes"
	"path/filepath"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// MinPassphrase is the shortest passphrase in characters, as at the making of
// an installation. scrypt makes each guess take a second.
const MinPassphrase = 8

// Computer is what this computer holds and whose it is.
type Computer struct {
	Name        string
	ID          seal.OperatorID
	Fingerprint string        // of the operator's keys, as it is read aloud at enrolment
	Authority   bool          // the authority's key is here too
	Folder      string        // where the files are
	Server      string        // "host:port" or an address with a scheme
	IdleLock    time.Duration // 0: the desk never locks by itself
}

// Computer says what this computer holds.
func (d *Desk) Computer() (Computer, error) {
	s, done, err := d.open("computer")
	if err != nil {
		return Computer{}, err
	}
	defer done()
	pin, err := api.Pin(s.keys.TLS.Public())
	if err != nil {
		return Computer{}, err
	}
	bundle, err := s.keys.Bundle(pin).Encode()
	if err != nil {
		return Computer{}, err
	}
	fingerprint, err := seal.Fingerprint(s.keys.Trust, bundle)
	if err != nil {
		return Computer{}, err
	}
	dir, err := filepath.Abs(d.cfg.Dir)
	if err != nil {
		dir = d.cfg.Dir // as it was given
	}
	return Computer{
		Name: s.keys.Name, ID: s.keys.OperatorID(), Fingerprint: fingerprint, Authority: !s.keys.Authority.IsZero(),
		Folder: dir, Server: s.keys.Server, IdleLock: d.cfg.IdleLock,
	}, nil
}

// ChangePassphrase locks the key file under another passphrase. Unless the
// error is KindUnknown, after an error the old one opens it as before. The old
// one stays good for copies of the key file made before.
func (d *Desk) ChangePassphrase(old, passphrase string) error {
	if err := checkPassphrase(passphrase); err != nil {
		return err
	}
	if old == passphrase {
		return hotline.Errorf(hotline.KindInvalid, "change passphrase", "the new passphrase is the old one")
	}
	d.changing.Lock() // a second change must not open what the first is about to replace
	defer d.changing.Unlock()
	file, err := d.dir.read(fileKey)
	if err != nil {
		return err
	}
	if file == nil {
		return hotline.Errorf(hotline.KindNotFound, "change passphrase", "this computer has no keys yet")
	}
	keys, err := seal.Unlock(file, old)
	if err != nil {
		return err
	}
	locked, err := keys.Lock(passphrase, d.cfg.WorkFactor)
	if err != nil {
		return err
	}
	err = d.dir.write(fileKey, locked)
	if err == nil {
		return nil
	}
	// A rename can have happened although it could not be flushed.
	if now, readErr := d.dir.read(fileKey); readErr != nil || !bytes.Equal(now, file) {
		return hotline.Errorf(hotline.KindUnknown, "change passphrase",
			"the disk did not confirm the change: keep both passphrases in mind until one of them has opened this computer after a restart: %w", err)
	}
	return hotline.Errorf(hotline.KindUnavailable, "change passphrase", "the key file could not be written: %w", err)
}
