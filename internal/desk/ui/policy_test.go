package ui

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/doctest"
	"safeconduct/internal/hotline"
)

// Every page names an action of the policy, and answers exactly those whose
// roles allow it; nothing is done for the others.
func TestPagesAskThePolicy(t *testing.T) {
	t.Parallel()
	for _, roles := range hotline.RoleSets() {
		f := supervised()
		f.st.Roles = roles
		u := newUI(t, f, "en")
		w := launched(t, u)
		for _, rt := range u.routes() {
			if rt.path == "/people/renew" {
				continue // goes on in the background: what it does would be put down to another page
			}
			if rt.open || (rt.phases != nil && !slices.Contains(rt.phases, desk.PhaseReady)) || rt.path == "/lock" {
				continue
			}
			allowed := hotline.Allowed(rt.needs, roles...)
			before := len(f.called())
			res := w.send(rt.method, pathOf(u, rt), map[string][]string{}, func(r *http.Request) {
				if rt.method == http.MethodGet {
					r.Body = http.NoBody
				}
			})
			u.renewal.wait() // it goes on behind the page
			if (res.Code == http.StatusForbidden) == allowed {
				t.Errorf("%s %s as %v: status %d, allowed %v", rt.method, rt.path, roles, res.Code, allowed)
			}
			if !allowed && len(f.called()) != before {
				t.Errorf("%s %s as %v did something: %v", rt.method, rt.path, roles, f.called()[before:])
			}
		}
	}
}

// A page that is not open to everybody on this computer names what it needs.
func TestEveryPageNamesAnAction(t *testing.T) {
	t.Parallel()
	for _, rt := range newUI(t, newFake(), "en").routes() {
		early := rt.open || (rt.phases != nil && !slices.Contains(rt.phases, desk.PhaseReady))
		if early != (rt.needs == "") || (!early && !slices.Contains(hotline.Actions(), rt.needs)) {
			t.Errorf("%s %s needs %q", rt.method, rt.path, rt.needs)
		}
	}
}

func TestPolicyDocument(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| page | needs | operator | supervisor | administrator | auditor |\n|---|---|---|---|---|---|\n")
	for _, rt := range newUI(t, newFake(), "en").routes() {
		if rt.needs == "" {
			continue
		}
		fmt.Fprintf(&b, "| `%s %s` | %s |", rt.method, rt.path, rt.needs)
		for _, r := range hotline.Roles() {
			if hotline.Allowed(rt.needs, r) {
				b.WriteString(" yes |")
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	doctest.Section(t, "policy.md", "pages", b.String())
}
