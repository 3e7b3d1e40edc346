package desk

import (
	"regexp"
	"slices"

	"safeconduct/internal/seal"
)

// FileKind says what an attachment claims to be, as far as the desk has a word for it.
type FileKind string

// The kinds of attachments.
const (
	FilePhoto    FileKind = "photo"    // JPEG or PNG
	FileSound    FileKind = "sound"    // WAV, OGG, MP3 or M4A
	FileDocument FileKind = "document" // PDF
	FileOther    FileKind = "file"     // anything else
)

// Shown reports whether the desk can show such a file. What it cannot check or
// draw by itself stays sealed.
func (k FileKind) Shown() bool { return k != FileOther }

// Attachment is a file that went with a message: sealed, until it is opened.
type Attachment struct {
	ID   seal.ObjectID
	Kind FileKind
	Type string // as its writer claims, "" when it is no media type
	Size int64  // in bytes, without padding
}

// claimable is a media type that may be shown as it was claimed.
var claimable = regexp.MustCompile(`^[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,60}$`)

// kindOf is the kind of a claimed media type.
func kindOf(claimed string) FileKind {
	switch claimed {
	case "image/jpeg", "image/png":
		return FilePhoto
	case "audio/wav", "audio/ogg", "audio/mpeg", "audio/mp4":
		return FileSound
	case "application/pdf":
		return FileDocument
	}
	return FileOther
}

func attachments(files []seal.File) []Attachment {
	var out []Attachment
	for _, f := range files {
		a := Attachment{ID: f.Object.ID, Kind: kindOf(f.Type), Size: f.Size}
		if claimable.MatchString(f.Type) {
			a.Type = f.Type
		}
		out = append(out, a)
	}
	return out
}

// newestFiles are the kinds of files of the message that the snippet shows.
func (f *caseFile) newestFiles() []FileKind {
	for _, r := range slices.Backward(f.records) {
		if !r.readable {
			continue
		}
		var out []FileKind
		for _, a := range attachments(r.body.Files) {
			out = append(out, a.Kind)
		}
		return out
	}
	return nil
}
