package desk

import (
	"crypto/rand"

	"safeconduct/internal/hotline"
)

// draft is an answer that is being written. The name of its file is drawn at
// random: the disk does not tell which cases are worked on.
type draft struct {
	Case hotline.CaseID `json:"case"`
	Text string         `json:"text"`
	file string
}

func (s *session) loadDrafts() error {
	names, err := s.d.dir.list(dirDrafts)
	if err != nil {
		return err
	}
	for _, name := range names {
		d := &draft{file: name}
		if err := s.d.dir.readSealed(s.keys.Identity, name, d); err != nil {
			return err
		}
		s.drafts[d.Case] = d
	}
	return nil
}

// SaveDraft keeps an answer that is being written; the empty text drops it.
func (d *Desk) SaveDraft(id hotline.CaseID, text string) error {
	s, done, err := d.open("draft")
	if err != nil {
		return err
	}
	defer done()
	if text == "" {
		return s.dropDraft(id)
	}
	return s.setDraft(id, text)
}

// Draft returns what SaveDraft kept.
func (d *Desk) Draft(id hotline.CaseID) (string, error) {
	s, done, err := d.open("draft")
	if err != nil {
		return "", err
	}
	defer done()
	if dr := s.drafts[id]; dr != nil {
		return dr.Text, nil
	}
	return "", nil
}

func (s *session) setDraft(id hotline.CaseID, text string) error {
	d := s.drafts[id]
	if d != nil && d.Text == text {
		return nil
	}
	if d == nil {
		d = &draft{Case: id, file: dirDrafts + "/" + rand.Text() + suffixAge}
	}
	next := *d
	next.Text = text
	if err := s.d.dir.writeSealed(s.keys.Identity.Recipient(), d.file, next); err != nil {
		return err
	}
	s.drafts[id] = &next
	s.d.changedCase(id)
	return nil
}

func (s *session) dropDraft(id hotline.CaseID) error {
	d := s.drafts[id]
	if d == nil {
		return nil
	}
	delete(s.drafts, id)
	s.d.changedCase(id)
	return s.d.dir.remove(d.file)
}
