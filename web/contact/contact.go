// Package contact holds the contact page: one HTML file that a person opens
// from a server, a mirror or a copy, and that seals what he writes before it
// leaves his phone. The committed dist/contact.html is a template; [Stamp]
// fills in an authority, its manifest and the ways to the server, so that the
// same input gives the same bytes for everybody who checks a published hash.
//
// The package must not know any secret: all that is stamped is public.
package contact

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

//go:embed dist/contact.html
var template []byte

// Config is what a page is stamped with.
type Config struct {
	Manifest  []byte         // the signed text
	Authority seal.Authority // who must have signed it, and every later one
	Neutral   string         // where "leave now" goes, http or https; empty for about:blank
	FormURL   string         // the form for those without JavaScript, http, https or a path; empty for none
	Routes    []string       // origins of intake; empty for those of the manifest
}

// places are the marks in the template, each with how often it stands there.
var places = map[string]int{"%CSP%": 1, "%CONFIG%": 1, "%MANIFEST%": 1, "%FORM%": 2}

// Stamp makes the page. A manifest that the authority did not sign is refused,
// and so is every address that could say something to the browser.
func Stamp(c Config) ([]byte, error) {
	m, err := seal.VerifyManifest(c.Manifest, c.Authority)
	if err != nil {
		return nil, fmt.Errorf("stamp the contact page: %w", err)
	}
	routes := c.Routes
	if len(routes) == 0 {
		routes = m.Routes
	}
	if err := checkAddresses(c, routes); err != nil {
		return nil, err
	}
	config, err := dataBlock(struct {
		Authority seal.Authority `json:"authority"`
		Routes    []string       `json:"routes"`
		Neutral   string         `json:"neutral"`
		Form      string         `json:"form"`
	}{c.Authority, routes, c.Neutral, c.FormURL})
	if err != nil {
		return nil, err
	}
	manifest, err := dataBlock(string(c.Manifest))
	if err != nil {
		return nil, err
	}
	return fill(template, map[string]string{
		"%CSP%":      html.EscapeString(policy(template, routes)),
		"%CONFIG%":   config,
		"%MANIFEST%": manifest,
		"%FORM%":     formNotice(c.FormURL),
	})
}

// Hash names a page in the published list: SHA-256 in hexadecimal.
func Hash(page []byte) string {
	sum := sha256.Sum256(page)
	return hex.EncodeToString(sum[:])
}

// fill replaces every mark of the template in one pass, so that a stamped
// value that looks like a mark stays what it is.
func fill(template []byte, values map[string]string) ([]byte, error) {
	for place, want := range places {
		if n := bytes.Count(template, []byte(place)); n != want {
			return nil, hotline.Errorf(hotline.KindInternal, "stamp the contact page", "%s stands %d times in the template", place, n)
		}
	}
	var pairs []string
	for place, value := range values {
		pairs = append(pairs, place, value)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(template))), nil
}

// dataBlock writes v as JSON for a script element of a type that does not run.
// encoding/json writes <, > and & as \u003c, \u003e and \u0026, so that no
// value can end the element (HTML, "Restrictions for contents of script
// elements").
func dataBlock(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("stamp the contact page: %w", err)
	}
	return string(b), nil
}

var (
	scripts = regexp.MustCompile(`(?s)<script(?: id="[a-z]+")?>(.*?)</script>`)
	styles  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
)

// policy is the content security policy: the scripts and the style of this
// very page, and connections to the stamped routes. The worker that derives
// keys is made from the text of a script of this page (blob:). WebAssembly
// needs its own word; "eval" of text stays forbidden.
func policy(template []byte, routes []string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src" + hashes(scripts, template) + " 'wasm-unsafe-eval'",
		"style-src" + hashes(styles, template),
		"img-src data: blob:",
		"worker-src blob:",
		"connect-src " + strings.Join(routes, " "),
		"base-uri 'none'",
		"form-action 'none'",
	}, "; ")
}

func hashes(element *regexp.Regexp, template []byte) string {
	var out strings.Builder
	for _, found := range element.FindAllSubmatch(template, -1) {
		sum := sha256.Sum256(found[1])
		out.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return out.String()
}

// checkAddresses refuses what is not a plain address of the web: a route with
// a space or a semicolon would write its own policy, a javascript: address
// would run.
func checkAddresses(c Config, routes []string) error {
	fail := func(what string) error {
		return hotline.Errorf(hotline.KindInvalid, "stamp the contact page", "%s", what)
	}
	if len(routes) == 0 {
		return fail("the manifest names no route, and none was given")
	}
	for _, r := range routes {
		u, ok := webAddress(r)
		if !ok || u.Scheme+"://"+u.Host != r || !plainHost.MatchString(u.Host) {
			return fail("a route is an origin, such as https://example.org, and nothing else")
		}
	}
	if _, ok := webAddress(c.Neutral); c.Neutral != "" && !ok {
		return fail("the neutral page is not an http or https address")
	}
	if _, ok := webAddress(c.FormURL); c.FormURL != "" && !ok && !plainPath.MatchString(c.FormURL) {
		return fail("the form is neither an http or https address nor a path")
	}
	return nil
}

var plainHost = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$`)

var plainPath = regexp.MustCompile(`^/(?:[A-Za-z0-9._~-]+/?)*$`)

func webAddress(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return nil, false
	}
	return u, true
}
