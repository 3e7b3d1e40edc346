package desk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// invitationPrefix begins an invitation: one line, to be handed over on paper
// or by a channel that both trust.
const invitationPrefix = "scinvite1."

// invitation is what a newcomer's desk needs to know of a house. The secret
// lets one newcomer knock; it opens nothing: keys count only after both
// people have compared the fingerprint.
type invitation struct {
	Server    string         `json:"server"`
	Pin       seal.Hash      `json:"pin"`
	Desk      seal.DeskID    `json:"desk"`
	Authority seal.Authority `json:"authority"`
	Secret    []byte         `json:"secret"`
	// Administrator asks for an own key of the authority.
	Administrator bool `json:"administrator,omitzero"`
}

func (i invitation) encode() (string, error) {
	b, err := json.Marshal(i) //nolint:gosec // G117: handing the secret over is what an invitation is for
	if err != nil {
		return "", fmt.Errorf("invitation: %w", err)
	}
	return invitationPrefix + base64.RawURLEncoding.EncodeToString(b), nil
}

func parseInvitation(text string) (invitation, error) {
	var i invitation
	bad := hotline.Errorf(hotline.KindInvalid, "invitation", "this is not an invitation, or a part of it is missing")
	encoded, ok := strings.CutPrefix(strings.Join(strings.Fields(text), ""), invitationPrefix)
	if !ok {
		return i, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || json.Unmarshal(b, &i) != nil {
		return invitation{}, bad
	}
	if i.Server == "" || i.Pin.IsZero() || len(i.Secret) != 32 || len(i.Authority.Keys) == 0 || i.Authority.Threshold < 1 {
		return invitation{}, bad
	}
	return i, nil
}

// enrolling is what state.age keeps until the roster names this desk.
type enrolling struct {
	Secret      []byte `json:"secret"`
	Bundle      []byte `json:"bundle"`
	Fingerprint string `json:"fingerprint"`
	Sent        bool   `json:"sent"`
}

// Enrol makes the keys of a new desk and sends their public halves. The
// fingerprint that it returns is read aloud to the administrator, who reads
// his. Afterwards the desk is unlocked and enrolling; a lost connection or a
// restart costs nothing. It works in PhaseNoKeys only.
func (d *Desk) Enrol(_ context.Context, text, name, passphrase string) (fingerprint string, err error) {
	in, err := parseInvitation(text)
	if err != nil {
		return "", err
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 64 || !utf8.ValidString(name) {
		return "", hotline.Errorf(hotline.KindInvalid, "enrol", "a call-name of up to 64 bytes is needed")
	}
	if err := checkPassphrase(passphrase); err != nil {
		return "", err
	}
	d.mu.Lock()
	taken := d.hasKeys
	d.mu.Unlock()
	if taken {
		return "", hotline.Errorf(hotline.KindConflict, "enrol",
			"this folder holds keys already. To start anew, close the desk, put the folder aside, and enrol with a new invitation")
	}
	keys, err := newKeys(in, name)
	if err != nil {
		return "", err
	}
	pin, err := api.Pin(keys.TLS.Public())
	if err != nil {
		return "", err
	}
	bundle, err := keys.Bundle(pin).Encode()
	if err != nil {
		return "", err
	}
	if fingerprint, err = seal.Fingerprint(in.Authority, bundle); err != nil {
		return "", err
	}
	locked, err := keys.Lock(passphrase, d.cfg.WorkFactor)
	if err != nil {
		return "", err
	}
	s, err := d.newSession(keys)
	if err != nil {
		return "", err
	}
	s.kept.Enrolling = &enrolling{Secret: in.Secret, Bundle: bundle, Fingerprint: fingerprint}
	if err := s.keep(); err != nil { // before the key file: without it nothing has happened
		return "", err
	}
	if err := d.dir.write(fileKey, locked); err != nil {
		return "", err
	}
	d.mu.Lock()
	d.hasKeys = true
	d.mu.Unlock()
	return fingerprint, d.start(s)
}

func newKeys(in invitation, name string) (seal.KeyFile, error) {
	k := seal.KeyFile{Name: name, Server: in.Server, ServerTLS: in.Pin, Desk: in.Desk, Trust: in.Authority}
	var err error
	if k.Identity, err = seal.NewIdentity(); err != nil {
		return k, err
	}
	if k.Signing, err = seal.NewSigningKey(); err != nil {
		return k, err
	}
	if k.TLS, err = seal.NewSigningKey(); err == nil && in.Administrator {
		k.Authority, err = seal.NewSigningKey()
	}
	return k, err
}

// finishEnrolment knocks, waits for the roster and verifies it. It returns at
// once for a desk that is enrolled.
func (s *session) finishEnrolment(ctx context.Context) error {
	for {
		var e *enrolling
		err := s.under(func() error {
			if s.kept.Enrolling != nil {
				c := *s.kept.Enrolling
				e = &c
			}
			return nil
		})
		if err != nil || e == nil {
			return err
		}
		if done, err := s.knock(ctx, e); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.kick:
		case <-s.d.cfg.Clock.After(enrolPoll):
		}
	}
}

func (s *session) knock(ctx context.Context, e *enrolling) (bool, error) {
	if !e.Sent {
		if err := s.client.Enrol(ctx, api.Enrol{Secret: e.Secret, Bundle: e.Bundle}); err != nil {
			return false, s.alreadyIn(ctx, err)
		}
		err := s.under(func() error {
			s.kept.Enrolling.Sent = true
			return s.keep()
		})
		if err != nil {
			return false, err
		}
	}
	answer, err := s.client.Enrolment(ctx)
	if err != nil {
		return false, err
	}
	switch answer.State {
	case api.InvitationSigned:
		r, err := seal.DraftRoster(answer.Roster)
		if err != nil {
			return false, err
		}
		// Others can have come, and changed the authority, since this desk was let in.
		if err := s.catchUp(ctx, api.Document{Serial: r.Serial, Text: answer.Roster}); err != nil {
			return false, err
		}
		return true, s.welcome(answer.Roster)
	case api.InvitationRevoked, api.InvitationExpired:
		return false, hotline.Errorf(hotline.KindDenied, "enrol", "the administrator did not confirm these keys; ask for a new invitation")
	}
	return false, s.under(func() error {
		s.lastContact = s.d.cfg.Clock.Now()
		if s.online || !s.offline.IsZero() {
			s.online, s.offline = true, hotline.Sentence{}
			s.d.changed(NoticeState)
		}
		return nil
	})
}

// alreadyIn looks whether a refusal to take the keys only means that the
// server has had them for long: the answer was lost, and the administrator
// was quick.
func (s *session) alreadyIn(ctx context.Context, refusal error) error {
	answer, err := s.client.Enrolment(ctx)
	if err != nil || answer.State != api.InvitationSigned {
		return refusal
	}
	return s.under(func() error {
		s.kept.Enrolling.Sent = true
		poke(s.kick)
		return s.keep()
	})
}

// welcome verifies the first roster by the authority of the invitation, and
// that this desk is in it with its own keys.
func (s *session) welcome(roster []byte) error {
	return s.under(func() error {
		if err := s.takeRoster(roster); err != nil {
			return err
		}
		m, ok := s.roster.Member(s.keys.OperatorID())
		if !ok || m.Recipient.String() != s.keys.Identity.Recipient().String() || m.Key != s.keys.Signing.Public() {
			return hotline.Errorf(hotline.KindForged, "enrol", "the roster that the server shows does not name this desk's keys")
		}
		s.kept.Enrolling = nil
		s.online, s.offline = false, hotline.Say("connecting")
		s.d.changed(NoticeState)
		return s.keep()
	})
}

// WaitEnrolled waits until the administrator has confirmed this desk.
func (d *Desk) WaitEnrolled(ctx context.Context) error {
	notices, stop := d.Subscribe()
	defer stop()
	for {
		switch st := d.State(); st.Phase {
		case PhaseReady:
			return nil
		case PhaseEnrolling:
		default:
			return hotline.Errorf(hotline.KindLocked, "enrol", "the desk is locked, or has no keys")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-notices:
		}
	}
}
