package installation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// Lifetimes of a manifest.
const (
	manifestFresh = 30 * 24 * time.Hour
	manifestUsed  = 90 * 24 * time.Hour
)

// Init says how to make an installation.
type Init struct {
	Dir        string
	Name       string // call-name of the first operator
	Passphrase string // of his key file
	WorkFactor int    // of scrypt; 0 takes the default of a second
	Sheets     int    // n recovery sheets…
	Needed     int    // …of which k open everything
	Database   string // "" for a SQLite file in the folder
	Public     string
	DeskListen string
	Routes     []string
	Neutral    string
	Clock      func() time.Time
}

// Made is what Init made, for who prints it.
type Made struct {
	Sheets []string // files to print and then to destroy
	Config Config
}

// Run makes the installation: a folder, the authority's key, the first
// operator with all roles but the auditor's, the first team keys, the recovery
// sheets, and the database with the first signed documents. It refuses a
// folder that has one already and leaves nothing half made: server.json is
// written last.
func (o Init) Run(ctx context.Context) (Made, error) {
	if err := o.check(); err != nil {
		return Made{}, err
	}
	k, err := o.makeKeys()
	if err != nil {
		return Made{}, err
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, operatorDir), 0o700); err != nil {
		return Made{}, fmt.Errorf("init: %w", err)
	}
	if err := k.secrets.save(filepath.Join(o.Dir, secretDir)); err != nil {
		return Made{}, err
	}
	in := &Installation{Dir: o.Dir, Config: k.config(o), secrets: k.secrets}
	if err := o.bootstrap(ctx, in, k); err != nil {
		return Made{}, err
	}
	keyFile, err := k.operator.Lock(o.Passphrase, o.WorkFactor)
	if err != nil {
		return Made{}, err
	}
	if err := writeNew(filepath.Join(o.Dir, operatorDir, keyName), keyFile); err != nil {
		return Made{}, err
	}
	made := Made{Config: in.Config}
	if made.Sheets, err = o.writeSheets(k); err != nil {
		return Made{}, err
	}
	raw, err := json.MarshalIndent(in.Config, "", "  ")
	if err != nil {
		return Made{}, fmt.Errorf("init: %w", err)
	}
	return made, writeNew(filepath.Join(o.Dir, configFile), append(raw, '\n'))
}

func (o *Init) check() error {
	fail := func(format string, args ...any) error {
		return hotline.Errorf(hotline.KindInvalid, "init", format, args...)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, configFile)); !errors.Is(err, fs.ErrNotExist) {
		return hotline.Errorf(hotline.KindConflict, "init", "%s holds an installation already; nothing was changed", o.Dir)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, secretDir)); !errors.Is(err, fs.ErrNotExist) {
		return hotline.Errorf(hotline.KindConflict, "init",
			"%s holds an installation that was not finished; remove the folder, then run init again", o.Dir)
	}
	if strings.TrimSpace(o.Name) == "" || len(o.Name) > 64 {
		return fail("the first operator needs a call-name of up to 64 bytes")
	}
	if len(o.Passphrase) < 8 {
		return fail("the passphrase needs at least 8 characters; five random words are better")
	}
	if len(o.Routes) == 0 {
		return fail("at least one public address (route) is needed, such as https://example.org")
	}
	for _, r := range o.Routes {
		u, err := url.Parse(r)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || r != u.Scheme+"://"+u.Host {
			return fail("a route is an origin such as https://example.org, without a slash at the end: %q", r)
		}
	}
	for _, addr := range []string{o.Public, o.DeskListen} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fail("an address to listen on is host:port, not %q", addr)
		}
	}
	if o.WorkFactor == 0 {
		o.WorkFactor = 18
	}
	if o.Database == "" {
		o.Database = "safeconduct.db"
	}
	return nil
}

// firstTeams are those that a house begins with: who answers, and who alone
// reads where people are. The first operator is in both; others are invited to
// either.
func firstTeams() []hotline.Team { return []hotline.Team{hotline.TeamDesk, hotline.TeamField} }

// keys is everything that is drawn at the beginning.
type keys struct {
	desk      seal.DeskID
	authority seal.SigningKey
	operator  seal.KeyFile
	teams     []seal.TeamSecret
	recovery  seal.Recovery
	secrets   Secrets
	needed    int
}

func (o *Init) makeKeys() (keys, error) {
	var k keys
	var err error
	if _, err := rand.Read(k.desk[:]); err != nil {
		return k, fmt.Errorf("init: %w", err)
	}
	if k.authority, err = seal.NewSigningKey(); err != nil {
		return k, err
	}
	k.needed = o.Needed
	if k.recovery, err = seal.NewRecovery(o.Needed, o.Sheets); err != nil {
		return k, err
	}
	for _, team := range firstTeams() {
		secret, err := seal.NewTeamSecret(team, 1)
		if err != nil {
			return k, err
		}
		k.teams = append(k.teams, secret)
	}
	if k.secrets, err = newSecrets(k.desk); err != nil {
		return k, err
	}
	serverPin, err := api.Pin(k.secrets.TLS.Public())
	if err != nil {
		return k, err
	}
	k.operator = seal.KeyFile{
		Name: o.Name, Authority: k.authority, Server: o.DeskListen, ServerTLS: serverPin, Desk: k.desk, Trust: k.trust(),
	}
	if k.operator.Identity, err = seal.NewIdentity(); err != nil {
		return k, err
	}
	if k.operator.Signing, err = seal.NewSigningKey(); err != nil {
		return k, err
	}
	k.operator.TLS, err = seal.NewSigningKey()
	return k, err
}

func (k keys) trust() seal.Authority {
	return seal.Authority{Keys: []seal.PublicKey{k.authority.Public()}, Threshold: 1}
}

func (k keys) config(o Init) Config {
	return Config{
		Desk: k.desk, Authority: k.trust(), Database: o.Database, Public: o.Public,
		DeskListen: o.DeskListen, Routes: o.Routes, Neutral: o.Neutral,
	}
}

// genesis signs the first documents.
func (k keys) genesis(o Init) (server.Genesis, error) {
	g := server.Genesis{Authority: k.trust(), RecoveryParts: k.recovery.Parts}
	now := o.Clock()
	hour := hotline.HourOf(now)
	member := seal.Member{
		ID: k.operator.OperatorID(), Name: o.Name,
		Roles: []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor, hotline.RoleAdministrator},
		Teams: firstTeams(), Recipient: k.operator.Identity.Recipient(),
		Key: k.operator.Signing.Public(), Since: hour,
	}
	var err error
	if member.TLS, err = api.Pin(k.operator.TLS.Public()); err != nil {
		return g, err
	}
	sheets, err := seal.RecoverySigningKey(k.recovery.Key)
	if err != nil {
		return g, err
	}
	member.Authority = k.authority.Public()
	roster, err := seal.SignRoster(seal.Roster{
		RecoveryKey: sheets.Public(), Desk: k.desk, Serial: 1, Hour: hour, Authority: k.trust(), Members: []seal.Member{member},
		Journal: k.secrets.Journal.Verifier().String(), ServerTLS: k.operator.ServerTLS, Recovery: k.recovery.Key.Recipient(),
	}, k.authority)
	if err != nil {
		return g, err
	}
	m := seal.Manifest{
		Desk: k.desk, Serial: 1, Hour: hour, Expires: hotline.HourOf(now.Add(manifestFresh)), UseUntil: hotline.HourOf(now.Add(manifestUsed)),
		Routes: o.Routes, Intake: k.secrets.Intake.Recipient(), Teams: map[hotline.Team]seal.TeamKey{},
		GatewayKey: k.secrets.Gateway.Public(), Gateway: k.secrets.GatewayID.Recipient(),
	}
	for _, team := range k.teams {
		m.Teams[team.Team], m.ReplyKeys = team.Public(), append(m.ReplyKeys, team.Reply.Public())
		epoch, err := k.epoch(team, hour)
		if err != nil {
			return g, err
		}
		g.Epochs = append(g.Epochs, epoch)
	}
	manifest, err := seal.SignManifest(m, k.authority)
	g.Roster, g.Manifest = roster.Text(), manifest.Text()
	return g, err
}

func (k keys) epoch(team seal.TeamSecret, hour hotline.Hour) (api.NewEpoch, error) {
	public := team.Public()
	text, err := seal.SignEpoch(seal.Epoch{
		Team: team.Team, Epoch: 1, Recipient: public.Recipient, ReplyKey: public.ReplyKey, Hour: hour,
	}, k.operator.Signing)
	if err != nil {
		return api.NewEpoch{}, err
	}
	e := api.NewEpoch{Announcement: text.Text(), Wraps: map[string][]byte{}}
	for holder, to := range map[string]seal.Recipient{
		api.HolderRecovery:      k.recovery.Key.Recipient(),
		k.operator.OperatorID(): k.operator.Identity.Recipient(),
	} {
		if e.Wraps[holder], err = team.Wrap(to); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (o Init) bootstrap(ctx context.Context, in *Installation, k keys) error {
	g, err := k.genesis(o)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, in.DatabaseURL())
	if err != nil {
		return err
	}
	err = server.Bootstrap(ctx, db, k.secrets.Journal, o.Clock, g)
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	return err
}

// writeSheets writes each sheet as a page to print and as an identity file,
// and the recovery files, which may be kept anywhere.
func (o Init) writeSheets(k keys) ([]string, error) {
	for _, dir := range []string{sheetDir, recoveryDir} {
		if err := os.MkdirAll(filepath.Join(o.Dir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("init: %w", err)
		}
	}
	for name, part := range k.recovery.Parts {
		if err := writeNew(filepath.Join(o.Dir, recoveryDir, name), part); err != nil {
			return nil, err
		}
	}
	var files []string
	for n := 1; n <= len(k.recovery.Sheets); n++ {
		s := newSheet(n, k.needed, k.desk, k.recovery)
		page, err := s.html()
		if err != nil {
			return nil, err
		}
		base := filepath.Join(o.Dir, sheetDir, fmt.Sprintf("sheet-%d", n))
		if err := writeNew(base+".html", page); err != nil {
			return nil, err
		}
		if err := writeNew(base+".txt", s.text()); err != nil {
			return nil, err
		}
		files = append(files, base+".html")
	}
	return files, nil
}
