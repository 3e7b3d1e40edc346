package installation

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
)

// Names inside an installation's folder.
const (
	configFile  = "server.json"
	secretDir   = "secret"
	sheetDir    = "sheets"
	recoveryDir = "recovery"
	operatorDir = "operator"
	pageFile    = "contact.html"
	keyName     = "operator.key"
	objectsDir  = "objects"
)

// Config is what `serve` needs to know besides its secrets. It holds no
// secret, except that a database URL may contain a password.
type Config struct {
	Desk        seal.DeskID    `json:"desk"`
	Authority   seal.Authority `json:"authority"`   // in force at the beginning
	Database    string         `json:"database"`    // path of a SQLite file (relative to the folder) or postgres://…
	Public      string         `json:"public"`      // host:port of the public door
	DeskListen  string         `json:"desk_listen"` // host:port of the desks' door
	Routes      []string       `json:"routes"`      // origins under which the public door is reached
	Neutral     string         `json:"neutral"`     // where "leave now" leads
	Backup      Backups        `json:"backup,omitzero"`
	Connections Connections    `json:"connections,omitzero"`
	Telegram    Telegram       `json:"telegram,omitzero"`
	Objects     string         `json:"objects,omitempty"`    // attachments: a folder (relative to this one; default "objects")
	S3          *S3            `json:"s3,omitempty"`         // attachments: a bucket instead of a folder, for several nodes
	CaseBytes   int64          `json:"case_bytes,omitempty"` // bound for the attachments of one side of a case; default 100 MiB
}

// Secrets are the server's own keys. None of them opens what a person wrote
// in a browser.
type Secrets struct {
	Intake    seal.Identity   // opens envelopes
	Gateway   seal.SigningKey // signs what gateways sealed
	GatewayID seal.Identity   // opens what desks seal to gateways
	TLS       seal.SigningKey
	Journal   *journal.Signer
	Challenge []byte // HMAC of challenges
	Index     []byte // keyed hash of channel codes
	FormSeed  []byte // makes a resent form find its own case
}

// String shows nothing.
func (Secrets) String() string { return "server secrets(hidden)" }

// GoString shows nothing.
func (Secrets) GoString() string { return "server secrets(hidden)" }

// Installation is an opened folder.
type Installation struct {
	Dir     string
	Config  Config
	secrets Secrets
}

// Open reads an installation's folder.
func Open(dir string) (*Installation, error) {
	raw, err := os.ReadFile(filepath.Join(dir, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hotline.Errorf(hotline.KindNotFound, "open installation",
			"no installation in %s; make one with: safeconduct init --dir %s", dir, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open installation: %w", err)
	}
	in := &Installation{Dir: dir}
	if err := json.Unmarshal(raw, &in.Config); err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "open installation", "%s is damaged: %w", configFile, err)
	}
	if in.secrets, err = readSecrets(filepath.Join(dir, secretDir)); err != nil {
		return nil, err
	}
	return in, nil
}

// DatabaseURL is the database's URL with a relative path resolved.
func (in *Installation) DatabaseURL() string {
	if strings.Contains(in.Config.Database, "://") || filepath.IsAbs(in.Config.Database) {
		return in.Config.Database
	}
	return filepath.Join(in.Dir, in.Config.Database)
}

// ObjectsDir is the folder of attachments.
func (in *Installation) ObjectsDir() string {
	dir := in.Config.Objects
	if dir == "" {
		dir = objectsDir
	}
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(in.Dir, dir)
}

// DeskDir is the first operator's desk folder.
func (in *Installation) DeskDir() string { return filepath.Join(in.Dir, operatorDir) }

// JournalKey is the journal's public key in the signed note format.
func (in *Installation) JournalKey() string { return in.secrets.Journal.Verifier().String() }

func newSecrets(desk seal.DeskID) (Secrets, error) {
	var s Secrets
	var err error
	if s.Intake, err = seal.NewIdentity(); err != nil {
		return s, err
	}
	if s.GatewayID, err = seal.NewIdentity(); err != nil {
		return s, err
	}
	if s.Gateway, err = seal.NewSigningKey(); err != nil {
		return s, err
	}
	if s.TLS, err = seal.NewSigningKey(); err != nil {
		return s, err
	}
	if s.Journal, err = journal.GenerateSigner(journal.Origin(desk[:])); err != nil {
		return s, err
	}
	for _, b := range []*[]byte{&s.Challenge, &s.Index, &s.FormSeed} {
		key, err := seal.NewSigningKey() // 32 random bytes
		if err != nil {
			return s, err
		}
		*b = key.Seed()
	}
	return s, nil
}

// secretFiles lists each secret's file, how it is written and how it is read.
func (s *Secrets) files() []secretFile {
	return []secretFile{
		identityFile("intake.age", &s.Intake),
		identityFile("gateway.age", &s.GatewayID),
		signingFile("gateway.ed25519", &s.Gateway),
		signingFile("tls.ed25519", &s.TLS),
		{
			"journal.key",
			func() []byte { return s.Journal.SecretFile() },
			func(b []byte) (err error) { s.Journal, err = journal.ParseSigner(b); return err },
		},
		bytesFile("challenge.key", &s.Challenge),
		bytesFile("index.key", &s.Index),
		bytesFile("form.key", &s.FormSeed),
	}
}

type secretFile struct {
	name  string
	write func() []byte
	read  func([]byte) error
}

func identityFile(name string, id *seal.Identity) secretFile {
	return secretFile{
		name,
		func() []byte { return []byte(id.Secret() + "\n") },
		func(b []byte) (err error) { *id, err = seal.ParseIdentity(strings.TrimSpace(string(b))); return err },
	}
}

func signingFile(name string, key *seal.SigningKey) secretFile {
	return secretFile{
		name,
		func() []byte { return []byte(hex.EncodeToString(key.Seed()) + "\n") },
		func(b []byte) error {
			seed, err := hex.DecodeString(strings.TrimSpace(string(b)))
			if err != nil {
				return hotline.Errorf(hotline.KindInvalid, "secret", "must be hexadecimal")
			}
			*key, err = seal.SigningKeyFromSeed(seed)
			return err
		},
	}
}

func bytesFile(name string, key *[]byte) secretFile {
	return secretFile{
		name,
		func() []byte { return []byte(hex.EncodeToString(*key) + "\n") },
		func(b []byte) (err error) {
			*key, err = hex.DecodeString(strings.TrimSpace(string(b)))
			if err == nil && len(*key) != seal.SeedSize {
				err = hotline.Errorf(hotline.KindInvalid, "secret", "must have %d bytes", seal.SeedSize)
			}
			return err
		},
	}
}

func readSecrets(dir string) (Secrets, error) {
	var s Secrets
	for _, f := range s.files() {
		raw, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			return s, hotline.Errorf(hotline.KindNotFound, "open installation", "the secret %s cannot be read: %w", f.name, err)
		}
		if err := f.read(raw); err != nil {
			return s, hotline.Errorf(hotline.KindInvalid, "open installation", "the secret %s is damaged", f.name)
		}
	}
	return s, nil
}

func (s *Secrets) save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save secrets: %w", err)
	}
	for _, f := range s.files() {
		if err := writeNew(filepath.Join(dir, f.name), f.write()); err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes a file for its owner alone, which must not exist yet, and
// flushes it to disk.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
