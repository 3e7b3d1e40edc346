package ui

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// notice says what became of an act.
type notice struct {
	Tone   string // "ok", "wait" or "bad"
	Head   string
	Detail spoken
}

// done answers an act on a case: the case as it is now, and a notice. form
// names the form to be emptied, once what was in it is on disk.
func (u *UI) done(w http.ResponseWriter, r *http.Request, res desk.Result, err error, form string) {
	if err != nil {
		u.fail(w, r, err)
		return
	}
	n := u.noticeOf(res)
	if form != "" && (res.Outcome == desk.OutcomeSent || res.Outcome == desk.OutcomeQueued) {
		w.Header().Set("HX-Trigger", `{"desk:done":{"form":"`+form+`"}}`)
	}
	u.again(w, r, &n)
}

func (u *UI) noticeOf(res desk.Result) notice {
	t := u.outside().T
	switch res.Outcome {
	case desk.OutcomeSent:
		return notice{Tone: "ok", Head: t.Outcomes.Sent}
	case desk.OutcomeQueued:
		return notice{Tone: "wait", Head: t.Outcomes.Queued}
	case desk.OutcomeConflict:
		return notice{Tone: "bad", Head: t.Outcomes.Conflict, Detail: t.say(res.Text)}
	case desk.OutcomeRefused:
		return notice{Tone: "bad", Head: t.Outcomes.Refused, Detail: t.say(res.Text)}
	}
	return notice{Tone: "ok", Head: t.Outcomes.Sent}
}

// onCase runs an act on the case of the address.
func (u *UI) onCase(w http.ResponseWriter, r *http.Request, form string, act func(context.Context, hotline.CaseID) (desk.Result, error)) {
	id, err := u.caseOf(r)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	res, err := act(r.Context(), id)
	u.done(w, r, res, err, form)
}

// reply sends an answer. A conflict sends nothing: what is new is drawn, and
// the text stays where it was typed.
func (u *UI) reply(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "reply", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		door, seq, err := u.doorOf(r, id)
		if err != nil {
			return desk.Result{}, err
		}
		res, err := u.answer(ctx, id, door, r, seq)
		if err == nil && (res.Outcome == desk.OutcomeSent || res.Outcome == desk.OutcomeQueued) {
			u.mu.Lock()
			delete(u.dividers, id) // who has answered has read
			u.mu.Unlock()
		}
		return res, err
	})
}

// answer sends what was typed, with the chosen file if the page showed one.
func (u *UI) answer(ctx context.Context, id, door hotline.CaseID, r *http.Request, seq int64) (desk.Result, error) {
	if token := r.PostFormValue("file"); token != "" {
		if door != id {
			return desk.Result{}, hotline.Errorf(hotline.KindConflict, "reply", "a file goes by the door of the case that is shown: open the other case to send it there. Nothing was sent")
		}
		return u.desk.ReplyWithFile(ctx, id, typed(r), token, seq)
	}
	return u.desk.ReplyBy(ctx, id, door, typed(r), seq)
}

// doorOf is the case by which a reply goes, and what the page showed of it. A
// case with one door has no choice.
func (u *UI) doorOf(r *http.Request, id hotline.CaseID) (hotline.CaseID, int64, error) {
	door, shown := id, r.PostFormValue("deskseq")
	if ref := r.PostFormValue("door"); ref != "" {
		var err error
		if door, err = u.refs.id(ref); err != nil {
			return door, 0, err
		}
		shown = r.PostFormValue("deskseq-" + ref)
	}
	seq, err := strconv.ParseInt(shown, 10, 64)
	if err != nil {
		err = hotline.Errorf(hotline.KindInvalid, "reply", "the page is incomplete: load it again")
	}
	return door, seq, err
}

// typed is the text that was typed; browsers send CR LF.
func typed(r *http.Request) string {
	return strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n")
}

// draft keeps what is being written, sealed, on this computer.
func (u *UI) draft(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err == nil {
		err = u.desk.SaveDraft(id, typed(r))
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// markRead says that an operator sees the case. The page asks for it, once
// what is unread is on a screen that somebody looks at.
func (u *UI) markRead(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err == nil {
		_, err = u.desk.MarkRead(r.Context(), id)
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (u *UI) urgency(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		n, err := strconv.Atoi(r.PostFormValue("urgency"))
		if err != nil || !hotline.Urgency(n).Valid() {
			return desk.Result{}, hotline.Errorf(hotline.KindInvalid, "urgency", "there is no such urgency")
		}
		return u.desk.SetUrgency(ctx, id, hotline.Urgency(n))
	})
}

func (u *UI) stage(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		return u.desk.SetStage(ctx, id, hotline.Stage(r.PostFormValue("stage")))
	})
}

// assign gives the case to "me", to nobody, or to a colleague.
func (u *UI) assign(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		to := seal.OperatorID(r.PostFormValue("to"))
		if to == "me" {
			to = u.desk.State().ID
		}
		return u.desk.Assign(ctx, id, to)
	})
}

func (u *UI) note(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "note", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		return u.desk.Note(ctx, id, typed(r))
	})
}

func (u *UI) handover(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "handover", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		return u.desk.Handover(ctx, id, typed(r), r.PostFormValue("to"))
	})
}

func (u *UI) facts(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "facts", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		f := desk.Facts{Language: r.PostFormValue("language"), Title: r.PostFormValue("title")}
		if s := strings.TrimSpace(r.PostFormValue("people")); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil {
				return desk.Result{}, hotline.Errorf(hotline.KindInvalid, "facts", "that is no number of people")
			}
			f.People = &n
		}
		return u.desk.SetFacts(ctx, id, f)
	})
}

func (u *UI) words(w http.ResponseWriter, r *http.Request) {
	u.onCase(w, r, "words", func(ctx context.Context, id hotline.CaseID) (desk.Result, error) {
		return u.desk.SetWords(ctx, id, r.PostFormValue("word"), r.PostFormValue("duress"))
	})
}

// checkWord compares what was said with the words agreed on.
func (u *UI) checkWord(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	c, err := u.desk.CheckWord(id, r.PostFormValue("said"))
	if err != nil {
		u.fail(w, r, err)
		return
	}
	w.Header().Set("HX-Trigger", `{"desk:done":{"form":"check"}}`)
	u.write(w, r, http.StatusOK, "work", "wordresult", struct {
		base
		Check string
	}{u.base(r, "queue"), string(c)})
}
