package contact_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/web/contact"
)

// stampable is a manifest and what else a page needs.
func stampable(t *testing.T, change func(*seal.Manifest)) contact.Config {
	t.Helper()
	authority := newKey(t)
	m := newManifest(t, newIdentity(t), must[seal.TeamSecret](t)(seal.NewTeamSecret(hotline.TeamDesk, 1)), "https://a.example", "http://b.example:8080")
	if change != nil {
		change(&m)
	}
	return contact.Config{
		Manifest:  must[seal.Signed](t)(seal.SignManifest(m, authority)).Text(),
		Authority: seal.Authority{Keys: []seal.PublicKey{authority.Public()}, Threshold: 1},
		Neutral:   "https://weather.example/", FormURL: "https://a.example/form",
	}
}

func TestStampIsReproducible(t *testing.T) {
	t.Parallel()
	c := stampable(t, nil)
	one, two := must[[]byte](t)(contact.Stamp(c)), must[[]byte](t)(contact.Stamp(c))
	if !bytes.Equal(one, two) || contact.Hash(one) != contact.Hash(two) || len(contact.Hash(one)) != 64 {
		t.Error("the same input gives two pages")
	}
	c.Neutral = "https://other.example/"
	if contact.Hash(must[[]byte](t)(contact.Stamp(c))) == contact.Hash(one) {
		t.Error("another input gives the same hash")
	}
}

func TestStampRefusesWhatTheAuthorityDidNotSign(t *testing.T) {
	t.Parallel()
	c := stampable(t, nil)
	c.Authority.Keys = []seal.PublicKey{newKey(t).Public()}
	if _, err := contact.Stamp(c); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("signed by a stranger: %v", err)
	}
	c = stampable(t, nil)
	c.Manifest = bytes.Replace(c.Manifest, []byte(`"serial":7`), []byte(`"serial":8`), 1)
	if _, err := contact.Stamp(c); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("changed: %v", err)
	}
}

func TestStampRefusesHostileAddresses(t *testing.T) {
	t.Parallel()
	for _, route := range []string{
		"https://a.example/path", "https://a.example; script-src *", "https://*", "https://a.example https://b.example", "a.example",
		"javascript:alert(1)", "https://user@a.example", "data:text/html,x", "", "https://a.example'", "*", "https://a.example\n", "https://", "https://a.example,b",
	} {
		c := stampable(t, nil)
		c.Routes = []string{route}
		if _, err := contact.Stamp(c); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("route %q: %v", route, err)
		}
	}
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", `"><script>`, "file:///etc/passwd", "form"} {
		c := stampable(t, nil)
		c.Neutral = address
		if _, err := contact.Stamp(c); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("neutral %q: %v", address, err)
		}
		c = stampable(t, nil)
		c.FormURL = address
		if _, err := contact.Stamp(c); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("form %q: %v", address, err)
		}
	}
}

// A text that ends a script element, or looks like a mark of the template,
// stays a text.
func TestStampedTextsStayTexts(t *testing.T) {
	t.Parallel()
	hostile := `</script><script>alert(1)</script><!--<script>%CSP% %FORM% ` + "\u2028"
	c := stampable(t, func(m *seal.Manifest) {
		m.Channels = []seal.ChannelAddress{{Channel: hotline.ChannelTelegram, Address: hostile}}
	})
	c.Neutral = "https://weather.example/?a=</script>&b=%CONFIG%"
	c.FormURL = `https://a.example/form?"><script>alert(1)</script>`
	page := must[[]byte](t)(contact.Stamp(c))
	if n := bytes.Count(bytes.ToLower(page), []byte("<script")); n != 5 {
		t.Errorf("%d script elements begin in the page", n)
	}
	if bytes.Contains(page, []byte("alert(1)</")) {
		t.Error("markup of the manifest stands in the page")
	}
	var text string
	if err := json.Unmarshal(block(t, page, "manifest"), &text); err != nil || text != string(c.Manifest) {
		t.Errorf("the manifest is not kept as it was: %v", err)
	}
}

func block(t *testing.T, page []byte, id string) []byte {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="` + id + `">(.*?)</script>`).FindSubmatch(page)
	if found == nil {
		t.Fatalf("no block %s", id)
	}
	return found[1]
}

var allScripts = regexp.MustCompile(`(?s)<script.*?</script>`)

func TestPolicyIsStrict(t *testing.T) {
	t.Parallel()
	page := must[[]byte](t)(contact.Stamp(stampable(t, nil)))
	found := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindSubmatch(page)
	if found == nil {
		t.Fatal("no policy")
	}
	policy := html.UnescapeString(string(found[1]))
	for _, never := range []string{"unsafe-inline", "'unsafe-eval'", "*", "strict-dynamic", "unsafe-hashes", "http: ", "https: "} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy says %q: %s", never, policy)
		}
	}
	for _, always := range []string{"default-src 'none'", "connect-src https://a.example http://b.example:8080;", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, always) {
			t.Errorf("the policy does not say %q: %s", always, policy)
		}
	}
	scripts := regexp.MustCompile(`(?s)<script(?: id="kdf")?>(.*?)</script>`).FindAllSubmatch(page, -1)
	if len(scripts) != 3 {
		t.Errorf("%d scripts", len(scripts))
	}
	for _, s := range scripts {
		sum := sha256.Sum256(s[1])
		if !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Error("a script that the policy does not name")
		}
	}
	outside := regexp.MustCompile(`(?i)(?:src|href|action|srcset|poster)\s*=\s*["']?(?:https?:)?//`).FindAll(allScripts.ReplaceAll(page, nil), -1)
	if len(outside) != 8 { // the form, for no script and for old browsers, in four languages
		t.Errorf("%d addresses stand in the page's markup", len(outside))
	}
}
