package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"safeconduct/internal/gateway/gatewaytest"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

func (l *line) fieldNotes(c gatewaytest.Case) (notes []db.FieldNotesOfCaseRow) {
	l.t.Helper()
	ctx := l.t.Context()
	if err := l.DB.View(ctx, func(tx *store.Tx) (err error) {
		notes, err = tx.FieldNotesOfCase(ctx, c.ID[:])
		return err
	}); err != nil {
		l.t.Fatal(err)
	}
	return notes
}

// A position is for those who run meetings, and for nobody else.
func TestPositionIsForTheField(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.english()
			id := ok[int64](t)(p.Location(botName, 47.987654, 37.246801))
			l.says(p, say.PositionKept)
			l.removed(p, id)
			r := l.event(hotline.ChatPosition)
			notes := l.fieldNotes(l.only())
			if len(notes) != 1 || notes[0].Team != string(hotline.TeamField) {
				t.Fatalf("%d notes", len(notes))
			}
			n, at, signed, err := seal.OpenFieldNote(l.Field.Identity, notes[0].File)
			if err != nil || n.Case != l.only().ID || n.Record != r.Signed.Hash() || !seal.FieldNoteSignedBy(signed, l.Key.Public()) || at.Lat != 47.987654 || at.Lon != 37.246801 || at.Live {
				t.Errorf("the field team opens something else: %v", err)
			}
			for name, key := range map[string]seal.Identity{"the desk": l.Desk.Identity, "the case's key": l.only().Key, "the gateway": l.Identity} {
				if _, _, _, err := seal.OpenFieldNote(key, notes[0].File); err == nil {
					t.Errorf("%s opens a position", name)
				}
			}
			if strings.Contains(fmt.Sprintf("%+v", r.Body), "47.98") || r.Body.Text != "" {
				t.Error("the record tells the position")
			}
			l.Await("all is said", l.Quiet)
			l.Spotless("47.987654", "37.246801")
		})
	}
}

// A phone that goes on sending its position says so; what moves afterwards is not taken.
func TestLivePosition(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	const place = `"message_id":%d,"date":1790000000,"from":{"id":%d,"is_bot":false,"first_name":"A","language_code":"en"},"chat":{"id":%d,"type":"private","first_name":"A"},` +
		`"location":{"latitude":47.1,"longitude":37.2,"horizontal_accuracy":12.5,"live_period":900}`
	ok[int64](t)(p.Start(botName, ""))
	l.says(p, page)
	ok[int64](t)(l.sim.Raw(botName, fmt.Sprintf(`{"message":{`+place+`}}`, 900, p.ID(), p.ID())))
	l.event(hotline.ChatPosition)
	ok[int64](t)(l.sim.Raw(botName, fmt.Sprintf(`{"edited_message":{`+place+`,"edit_date":1790000001}}`, 900, p.ID(), p.ID())))
	l.write(p, "done")
	notes := l.fieldNotes(l.only())
	if len(notes) != 1 {
		t.Fatalf("%d notes", len(notes))
	}
	_, at, _, err := seal.OpenFieldNote(l.Field.Identity, notes[0].File)
	if err != nil || !at.Live || at.Radius != 12.5 {
		t.Errorf("live: %v, radius %v: %v", at.Live, at.Radius, err)
	}
}

// Where nobody runs meetings a position is refused and not kept at all.
func TestPositionWithoutField(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.ChangeManifest(func(m *seal.Manifest) {
				m.Teams = map[hotline.Team]seal.TeamKey{hotline.TeamDesk: m.Teams[hotline.TeamDesk]}
			})
			l.start(l.config())
			p := l.english()
			id := ok[int64](t)(p.Location(botName, 47.987654, 37.246801))
			l.says(p, say.PositionRefused)
			l.removed(p, id)
			if len(l.Cases()) != 0 {
				t.Error("a case was made")
			}
			l.Spotless("47.987654", "37.246801")
		})
	}
}
