package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// TestCatalogIsComplete: no word of the pages is missing in any language.
func TestCatalogIsComplete(t *testing.T) {
	t.Parallel()
	en := textsOf("en")
	for _, lang := range languages() {
		missing(t, lang, "texts", reflect.ValueOf(*textsOf(lang)), reflect.ValueOf(*en))
	}
}

// missing compares a catalog with the English one, field by field: nothing
// empty, the same keys, the same verbs of formats.
func missing(t *testing.T, lang, path string, v, en reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Phrases" { // TestPhrases knows better which verbs they need
				missing(t, lang, path+"."+v.Type().Field(i).Name, v.Field(i), en.Field(i))
			}
		}
	case reflect.Array, reflect.Slice:
		if v.Len() == 0 || v.Len() != en.Len() {
			t.Errorf("%s: %s has %d entries", lang, path, v.Len())
			return
		}
		for i := range v.Len() {
			missing(t, lang, fmt.Sprintf("%s[%d]", path, i), v.Index(i), en.Index(i))
		}
	case reflect.Map:
		for _, key := range en.MapKeys() {
			if !v.MapIndex(key).IsValid() {
				t.Errorf("%s: %s lacks %v", lang, path, key)
				continue
			}
			missing(t, lang, fmt.Sprintf("%s[%v]", path, key), v.MapIndex(key), en.MapIndex(key))
		}
		if v.Len() != en.Len() {
			t.Errorf("%s: %s has other keys than English", lang, path)
		}
	case reflect.String:
		if strings.TrimSpace(v.String()) == "" {
			t.Errorf("%s: %s is empty", lang, path)
		}
		verbs := regexp.MustCompile(`%[0-9]*[a-z]`)
		if got, want := verbs.FindAllString(v.String(), -1), verbs.FindAllString(en.String(), -1); !slices.Equal(got, want) {
			t.Errorf("%s: %s has the verbs %q, English has %q", lang, path, got, want)
		}
	default:
		t.Errorf("%s: %s is a %s", lang, path, v.Kind())
	}
}

// TestCatalogKnowsTheDomain: every stage, kind and act has its word.
func TestCatalogKnowsTheDomain(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		x := textsOf(lang)
		for _, s := range hotline.Stages() {
			known(t, lang, "stage", string(s), x.Stages[s])
		}
		for u := hotline.UrgencyCalm; u.Valid(); u++ {
			known(t, lang, "urgency", fmt.Sprint(int(u)), x.Urgencies[u])
		}
		for _, r := range hotline.Roles() {
			known(t, lang, "role", string(r), x.Roles[r])
		}
		for _, c := range []hotline.Channel{hotline.ChannelWeb, hotline.ChannelForm, hotline.ChannelTelegram, hotline.ChannelPhone, hotline.ChannelDesk} {
			known(t, lang, "channel", string(c), x.Channels[c])
		}
		for _, team := range []hotline.Team{hotline.TeamDesk, hotline.TeamField, hotline.TeamRegistry, hotline.TeamClaims} {
			known(t, lang, "team", string(team), x.Teams[team])
		}
		for k := hotline.KindInternal; k <= hotline.KindLocked; k++ {
			known(t, lang, "kind", k.String(), x.Errors[k])
		}
		for _, p := range []desk.ProblemKind{
			desk.ProblemForged, desk.ProblemGap, desk.ProblemFork, desk.ProblemUnreadable, desk.ProblemSwapped, desk.ProblemReplayed, desk.ProblemMoved,
			desk.ProblemOrder, desk.ProblemMissing, desk.ProblemRow, desk.ProblemRollback, desk.ProblemKey, desk.ProblemPending, desk.ProblemFiles, desk.ProblemTie,
		} {
			known(t, lang, "problem", string(p), x.Problems[p])
		}
		for _, a := range []string{
			seal.ActStage, seal.ActUrgency, seal.ActAssign, seal.ActNote, seal.ActHandover, seal.ActFacts, seal.ActWord, seal.ActLink, seal.ActUnlink, seal.ActMerge, seal.ActUnmerge, seal.ActSplit, seal.ActUnsplit, seal.ActReview, "reply", "read",
		} {
			known(t, lang, "act", a, x.Acts[a])
		}
		for _, s := range []string{
			api.InvitationOpen, api.InvitationKeys, api.InvitationContested, api.InvitationSigned, api.InvitationRevoked, api.InvitationExpired,
		} {
			known(t, lang, "invitation", s, x.Invitations[s])
		}
		for _, l := range contactLanguages() {
			known(t, lang, "language", l, x.LanguageNames[l])
		}
		for _, topic := range topics() {
			known(t, lang, "topic", topic, x.Topics[topic])
		}
	}
}

func known(t *testing.T, lang, what, key, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: no word for the %s %q", lang, what, key)
	}
}

// TestTemplatesAskForNothing: every language has every reply, and none of them
// holds what an answer must not hold.
func TestTemplatesAskForNothing(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, lang := range contactLanguages() {
		var have []string
		for _, c := range cannedIn(lang) {
			have = append(have, c.topic)
			if n := len([]rune(c.text)); n < 60 || n > 700 {
				t.Errorf("%s %s has %d characters", lang, c.topic, n)
			}
			// GC III: "voluntary" never leaves, and no reply links surrender to anything but living.
			for _, no := range []string{"доброволь", "добровіль", "добраахвот", "voluntar", "http", "%"} {
				if strings.Contains(strings.ToLower(c.text), no) {
					t.Errorf("%s %s says %q", lang, c.topic, no)
				}
			}
			if other, ok := seen[c.text]; ok {
				t.Errorf("%s %s is the text of %s", lang, c.topic, other)
			}
			seen[c.text] = lang + " " + c.topic
		}
		if !slices.Equal(have, topics()) {
			t.Errorf("%s has the topics %q", lang, have)
		}
	}
}

// TestVendored compares what is served with the table of its README.
func TestVendored(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("static/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"htmx.min.js", "htmx.LICENSE"} {
		b, err := os.ReadFile(filepath.Join("static", name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if !strings.Contains(string(readme), hex.EncodeToString(sum[:])) {
			t.Errorf("%s is not the file that README.md names", name)
		}
	}
}
