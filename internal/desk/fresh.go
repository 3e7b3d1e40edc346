package desk

import (
	"context"

	"safeconduct/internal/hotline"
)

// manifestAges reports whether half of the manifest's fresh time is over.
// Past the whole of it every page warns the person who writes.
func (s *session) manifestAges() bool {
	m := s.manifest
	return s.hour() >= m.Hour+(m.Expires-m.Hour)/2
}

// keepManifestFresh signs the manifest again in good time, at the desk of an
// administrator. Other desks, and a colleague who was quicker, leave it alone.
func (s *session) keepManifestFresh(ctx context.Context) error {
	var due bool
	err := s.under(func() error {
		due = (s.manifestAges() || s.manifestLags()) && s.administrator() == nil
		return nil
	})
	if err != nil || !due {
		return err
	}
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.publishManifest(ctx); err != nil && hotline.KindOf(err) != hotline.KindConflict {
		return err
	}
	s.d.changed(NoticeState)
	return nil
}
