package ui

import (
	"net/http"
	"slices"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// maxRows bounds what is drawn at once; the rest is found by a filter.
const maxRows = 300

// rowView is a case in the queue as the page draws it.
type rowView struct {
	Ref      string
	Title    string
	Untitled bool // Title is the case's number
	Snippet  string
	Files    string // what went with the newest message, in words
	Event    string // what happened last, in words, where that was no text

	Blocked, Quiet, Undelivered bool // of a conversation through a gateway

	Urgency  int
	Urgent   string
	Stage    string
	Channel  string
	Sealed   bool
	Door     bool // the person can be answered in it
	Parts    int  // cases that are one with it
	Linked   bool
	Language string
	People   int
	Assignee string
	Mine     bool
	Unread   int
	Waiting  string // empty: nobody waits
	Problems int
	Draft    bool
	Opened   bool
	Current  bool
	T        *texts
	Group    *groupView // nil: a case of its own
}

// queueView is the list of the queue.
type queueView struct {
	base
	Rows   []rowView
	Total  int
	More   int
	Kind   string // "queue", "search" or "code"
	Asked  bool   // a filter or a search is set
	Opened string // reference of the case that is shown
	Bulk   *bulkView
}

// workView is the whole page of the queue: list, case, facts.
type workView struct {
	base
	Queue     queueView
	Case      *caseView // nil: none is open
	Stages    []choice
	Languages []choice
}

// choice is an entry of a list to choose from.
type choice struct{ Value, Text string }

func (u *UI) showQueue(w http.ResponseWriter, r *http.Request) {
	u.showWork(w, r, nil)
}

func (u *UI) showWork(w http.ResponseWriter, r *http.Request, c *caseView) {
	v := workView{base: u.base(r, "queue"), Case: c}
	opened := ""
	if c != nil {
		opened = c.Ref
	}
	rows, err := u.desk.Queue(desk.Filter{OpenOnly: true})
	if err != nil {
		u.fail(w, r, err)
		return
	}
	v.Queue = u.queueView(v.base, rows, nil, listing{"queue", opened, ""})
	for _, s := range hotline.Stages() {
		v.Stages = append(v.Stages, choice{string(s), v.T.Stages[s]})
	}
	for _, l := range contactLanguages() {
		v.Languages = append(v.Languages, choice{l, v.T.LanguageNames[l]})
	}
	u.page(w, r, http.StatusOK, "work", v)
}

// contactLanguages are those in which people write and templates exist.
func contactLanguages() []string { return []string{"ru", "uk", "be", "en"} }

// queue draws the list anew, by the filters and the search of the request.
func (u *UI) queue(w http.ResponseWriter, r *http.Request) {
	u.drawQueue(w, r, false)
}

// drawQueue is queue; ask gives the focus to the question that was just asked.
func (u *UI) drawQueue(w http.ResponseWriter, r *http.Request, ask bool) {
	f := desk.Filter{
		OpenOnly: r.PostFormValue("which") != "all",
		Unread:   r.PostFormValue("unread") != "",
		Mine:     r.PostFormValue("mine") != "",
		Free:     r.PostFormValue("free") != "",
		Language: r.PostFormValue("language"),
	}
	if s := hotline.Stage(r.PostFormValue("stage")); s.Valid() {
		f.Stages, f.OpenOnly = []hotline.Stage{s}, false
	}
	text := strings.TrimSpace(r.PostFormValue("text"))
	rows, snippets, kind, err := u.find(r, f, text)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	if r.PostFormValue("groups") != "" {
		rows = slices.DeleteFunc(rows, func(row desk.Row) bool { return row.People < 2 })
	}
	opened := r.PostFormValue("opened")
	v := u.queueView(u.base(r, "queue"), rows, snippets, listing{kind, opened, r.PostFormValue("unfolded")})
	if v.Bulk != nil {
		v.Bulk.Ask = ask
	}
	v.Asked = kind != "queue" || f.Unread || f.Mine || f.Free || f.Language != "" || len(f.Stages) > 0 || r.PostFormValue("groups") != ""
	u.write(w, r, http.StatusOK, "work", "queuelist", v)
}

// find lists the queue, searches what has been opened, or, when somebody reads
// out a channel code, asks the server which cases it names. A search finds
// closed cases too.
func (u *UI) find(r *http.Request, f desk.Filter, text string) (rows []desk.Row, snippets map[hotline.CaseID]string, kind string, err error) {
	if text == "" {
		rows, err = u.desk.Queue(f)
		return rows, nil, "queue", err
	}
	if _, err := hotline.ParseChannelCode(text); err == nil {
		rows, err := u.desk.Locate(r.Context(), text)
		if err == nil {
			return rows, nil, "code", nil
		}
		// Without a connection the cases opened here are searched.
		if k := hotline.KindOf(err); k != hotline.KindUnavailable && k != hotline.KindUnknown && k != hotline.KindBusy {
			return nil, nil, "", err
		}
	}
	hits, err := u.desk.Search(text, maxRows)
	if err != nil {
		return nil, nil, "", err
	}
	snippets = make(map[hotline.CaseID]string, len(hits))
	for _, h := range hits {
		if passes(f, h.Row) {
			rows = append(rows, h.Row)
			snippets[h.Row.ID] = h.Snippet
		}
	}
	return rows, snippets, "search", nil
}

func passes(f desk.Filter, r desk.Row) bool {
	return (len(f.Stages) == 0 || slices.Contains(f.Stages, r.Stage)) &&
		(!f.Unread || r.Unread > 0) && (!f.Mine || r.Mine) && (!f.Free || r.Assignee == "") &&
		(f.Language == "" || strings.EqualFold(f.Language, r.Language))
}

// listing says how the queue is listed.
type listing struct {
	kind     string // "queue", "search" or "code"
	opened   string // reference of the case that is shown
	unfolded string // numbers of the groups whose members are shown
}

func (u *UI) queueView(b base, rows []desk.Row, snippets map[hotline.CaseID]string, how listing) queueView {
	v := queueView{base: b, Total: len(rows), Kind: how.kind, Opened: how.opened, Bulk: u.bulkNow(b.T)}
	draw := func(r desk.Row) rowView {
		row := u.rowView(b.T, r)
		if s, ok := snippets[r.ID]; ok {
			row.Snippet = s
			if s != "" {
				row.Event = ""
			}
		}
		row.Current = row.Ref == how.opened
		return row
	}
	if how.kind == "queue" {
		total := 0
		v.Rows, total = u.fold(b.T, rows, how.unfolded, draw)
		v.More = max(0, total-maxRows)
		return v
	}
	v.More = max(0, len(rows)-maxRows) // a search shows each case that it finds
	for _, r := range rows[:min(len(rows), maxRows)] {
		v.Rows = append(v.Rows, draw(r))
	}
	return v
}

func (u *UI) rowView(t *texts, r desk.Row) rowView {
	v := rowView{
		Ref: u.refs.of(r.ID), Title: r.Title, Snippet: r.Snippet, Files: filesInWords(t, r.Files), Event: t.Chats.Short[r.Event],
		Blocked: r.Blocked, Quiet: r.QuietPlease, Undelivered: r.Undelivered,
		Urgency: int(r.Urgency), Urgent: t.Urgencies[r.Urgency], Stage: t.Stages[r.Stage],
		Channel: t.Channels[r.Channel], Sealed: r.Channel.Sealed() || !r.Channel.Door(), Door: r.Channel.Door(), Parts: r.Parts, Linked: r.Linked, Language: r.Language, People: r.People,
		Assignee: r.Assignee, Mine: r.Mine, Unread: r.Unread, Problems: r.Problems, Draft: r.Draft, Opened: r.Opened, T: t,
	}
	if v.Title == "" {
		v.Title = t.Chats.Events[r.Began]
	}
	if v.Title == "" {
		v.Title, v.Untitled = r.Short, true
	}
	if !r.Waiting.IsZero() {
		v.Waiting = waited(t, u.clock.Now().Sub(r.Waiting))
	}
	return v
}
