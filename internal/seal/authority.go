package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"slices"

	"safeconduct/internal/hotline"
)

// RecoverySigningKey is the authority's key that is derived from the recovery
// key R, so that whoever joins k sheets holds it too:
// HKDF-SHA256(R as its Bech32 text, no salt, "safeconduct v1 recovery authority").
func RecoverySigningKey(r Identity) (SigningKey, error) {
	seed, err := hkdf.Key(sha256.New, []byte(r.Secret()), nil, "safeconduct v1 recovery authority", SeedSize)
	if err != nil {
		return SigningKey{}, fmt.Errorf("recovery key: %w", err)
	}
	return SigningKeyFromSeed(seed)
}

// NextAuthority is the authority of a house with these members: the keys of
// its active administrators, one for each person. One key signs alone; two
// or more sign by two, and then the sheets' key stands among them.
func (r Roster) NextAuthority() Authority {
	var a Authority
	for _, m := range r.Members {
		if m.Active() && !m.Authority.IsZero() && slices.Contains(m.Roles, hotline.RoleAdministrator) {
			a.Keys = append(a.Keys, m.Authority)
		}
	}
	a.Threshold = min(2, len(a.Keys))
	if len(a.Keys) > 1 && !r.RecoveryKey.IsZero() {
		a.Keys = append(a.Keys, r.RecoveryKey)
	}
	return a
}

// checkAuthority refuses what would make one person two: two keys of the
// authority in one hand, a key of somebody who is no administrator, a person
// who is nobody, or two keys of which one is enough.
func (r Roster) checkAuthority() error {
	bad := func(format string, args ...any) error {
		return hotline.Errorf(hotline.KindInvalid, kindRoster, format, args...)
	}
	holder := map[OperatorID]string{}
	owner := map[PublicKey]bool{}
	for _, m := range r.Members {
		if m.Person != "" {
			first, ok := r.Member(m.Person)
			if !ok || first.Person != "" || m.Person == m.ID {
				return bad("%s is entered as a second computer of nobody", m.Name)
			}
		}
		if m.Authority.IsZero() || !m.Active() {
			continue
		}
		switch {
		case !slices.Contains(m.Roles, hotline.RoleAdministrator):
			return bad("%s has a key of the authority and is no administrator", m.Name)
		case owner[m.Authority] || m.Authority == r.RecoveryKey:
			return bad("%s has a key of the authority that is somebody else's", m.Name)
		case holder[m.Who()] != "":
			return bad("%s and %s are one person with two keys of the authority", holder[m.Who()], m.Name)
		case !slices.Contains(r.Authority.Keys, m.Authority):
			return bad("the authority leaves out the key of %s", m.Name)
		}
		holder[m.Who()], owner[m.Authority] = m.Name, true
	}
	for _, m := range r.Members {
		if m.Active() && slices.Contains(m.Roles, hotline.RoleAdministrator) && holder[m.Who()] == "" && r.administrators() > 1 {
			return bad("%s is an administrator without a key of the authority", m.Name)
		}
	}
	return r.checkKeys(owner)
}

// administrators counts the persons who are administrators now.
func (r Roster) administrators() int {
	rule, _ := hotline.SharedRoster.Rule()
	return r.Persons(rule)
}

// checkKeys refuses an authority that names a key twice, or a key of nobody
// beside others, or two keys of which one is enough.
func (r Roster) checkKeys(owner map[PublicKey]bool) error {
	keys := r.Authority.Keys
	for i, k := range keys {
		if k.IsZero() || slices.Contains(keys[:i], k) {
			return hotline.Errorf(hotline.KindInvalid, kindRoster, "the authority names a key twice, or none")
		}
		// The only key of a house may be an administrator's whose entry does not say so.
		if len(keys) > 1 && !owner[k] && k != r.RecoveryKey {
			return hotline.Errorf(hotline.KindInvalid, kindRoster, "the authority has a key that is nobody's")
		}
	}
	if r.Authority.Threshold != min(2, len(keys)) {
		return hotline.Errorf(hotline.KindInvalid, kindRoster, "an authority of %d keys signs by %d, not %d", len(keys), min(2, len(keys)), r.Authority.Threshold)
	}
	return nil
}

// VerifyManifestIn reads the manifest that is in force in a house: signed by
// its authority, or the one that its roster has taken over from an earlier one.
func VerifyManifestIn(text []byte, r Roster) (Manifest, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return Manifest{}, err
	}
	if !r.Manifest.IsZero() && s.Hash() == r.Manifest {
		return decodeManifest(s)
	}
	return VerifyManifest(text, r.Authority)
}

// DraftRoster reads a roster that is not signed by enough keys yet, and checks
// all but its signatures.
func DraftRoster(text []byte) (Roster, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return Roster{}, err
	}
	return decodeRoster(s)
}

// DraftManifest reads a manifest that is not signed by enough keys yet.
func DraftManifest(text []byte) (Manifest, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return Manifest{}, err
	}
	return decodeManifest(s)
}

// ManifestSignedBy reports whether enough keys of an authority signed a manifest.
func ManifestSignedBy(text []byte, a Authority) bool {
	s, err := ParseSigned(text)
	return err == nil && a.verify(s, kindManifest) == nil
}

// Cosign adds an authority's signature to a roster or a manifest.
func Cosign(text []byte, act hotline.Shared, key SigningKey) (Signed, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return s, err
	}
	kind, err := documentKind(act)
	if err != nil {
		return s, err
	}
	s = s.Only() // without signatures of which nothing is known
	s.Add(kind, key)
	return s, nil
}

// SignedByOne returns the key of the authority that signed a roster or a
// manifest, if exactly one signature stands under it and is one of theirs.
func (a Authority) SignedByOne(text []byte, act hotline.Shared) (PublicKey, Signed, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return PublicKey{}, s, err
	}
	kind, err := documentKind(act)
	if err != nil {
		return PublicKey{}, s, err
	}
	for _, k := range a.Keys {
		if len(s.Sigs) == 1 && s.SignedBy(kind, k) {
			return k, s, nil
		}
	}
	return PublicKey{}, s, hotline.Errorf(hotline.KindForged, kind, "not signed by one key of the authority")
}

// Joined puts the signatures of two texts with one line under it.
func Joined(a, b Signed) (Signed, error) {
	if a.Hash() != b.Hash() {
		return Signed{}, hotline.Errorf(hotline.KindForged, "signatures", "two texts were signed, not one")
	}
	for _, sig := range b.Sigs {
		if !slices.ContainsFunc(a.Sigs, func(other Signature) bool { return other.Key == sig.Key }) {
			a.Sigs = append(slices.Clone(a.Sigs), sig)
		}
	}
	return a, nil
}

func documentKind(act hotline.Shared) (string, error) {
	switch act {
	case hotline.SharedRoster:
		return kindRoster, nil
	case hotline.SharedManifest:
		return kindManifest, nil
	default:
		return "", hotline.Errorf(hotline.KindInvalid, "document", "%s is no document", act)
	}
}
