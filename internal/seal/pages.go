package seal

import (
	"slices"

	"safeconduct/internal/hotline"
)

const kindPages = "pages"

// PageList names the stamped contact pages that the authority stands behind,
// by SHA-256, so that somebody who got a page from a mirror or from a friend's
// phone can compare.
type PageList struct {
	preamble
	Desk  DeskID       `json:"desk"`
	Hour  hotline.Hour `json:"hour"`
	Pages []Hash       `json:"pages"`
}

// SignPageList makes a list.
func SignPageList(l PageList, keys ...SigningKey) (Signed, error) {
	l.preamble = preamble{1, kindPages}
	return signLine(kindPages, l, keys...)
}

// VerifyPageList reads a list signed by the authority.
func VerifyPageList(text []byte, a Authority) (PageList, error) {
	var l PageList
	s, err := ParseSigned(text)
	if err != nil {
		return l, err
	}
	if err := a.verify(s, kindPages); err != nil {
		return l, err
	}
	return l, s.decode(kindPages, &l)
}

// Has reports whether the list names a page.
func (l PageList) Has(page Hash) bool { return slices.Contains(l.Pages, page) }

// ReadPageList reads a list that is not signed by enough keys yet.
func ReadPageList(text []byte) (PageList, error) {
	var l PageList
	s, err := ParseSigned(text)
	if err != nil {
		return l, err
	}
	return l, s.decode(kindPages, &l)
}

// CosignPageList adds another administrator's signature to a list.
func CosignPageList(text []byte, key SigningKey) (Signed, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return s, err
	}
	var l PageList
	if err := s.decode(kindPages, &l); err != nil {
		return s, err
	}
	if !s.SignedBy(kindPages, key.Public()) {
		s.Add(kindPages, key)
	}
	return s, nil
}
