package telegramsim

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// A bot gets files of 20 MB at most, at a path that is good for an hour (#getfile).
const (
	maxDownload = 20 << 20
	pathLife    = time.Hour
	slowByte    = 50 * time.Millisecond
)

// file is one that a bot can name by a file_id.
type file struct {
	File
	n         int
	announced int64
	path      string
	good      time.Time // until then
}

// getFile is #getfile.
func (s *Server) getFile(c *call) (any, error) {
	id := c.values["file_id"]
	f := c.bot.files[id]
	if f == nil {
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	}
	if len(f.Content) > maxDownload {
		return nil, badRequest("file is too big")
	}
	f.path = fmt.Sprintf("%ss/file_%d%s", f.Kind, f.n, f.ending())
	f.good = s.now().Add(pathLife)
	return struct {
		FileID   string `json:"file_id"`
		UniqueID string `json:"file_unique_id"`
		Size     int64  `json:"file_size,omitempty"`
		Path     string `json:"file_path"`
	}{id, "AQAD" + strconv.Itoa(f.n), f.announced, f.path}, nil
}

func (f *file) ending() string {
	switch f.Kind {
	case "photo":
		return ".jpg"
	case "voice":
		return ".oga"
	case "video", "video_note":
		return ".mp4"
	case "sticker":
		return ".webp"
	}
	ending := path.Ext(f.Name)
	if strings.Trim(ending, ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return ""
	}
	return ending
}

// serveFile gives out the bytes of a file whose path getFile gave.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, b *bot, name string) {
	s.mu.Lock()
	var content []byte
	found := false
	for _, f := range b.files {
		if f.path != "" && f.path == name && s.now().Before(f.good) {
			content, found = f.Content, true
		}
	}
	s.mu.Unlock()
	if !found {
		write(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	fault := s.faultOf(b, "file", 0, FaultSlowFile, FaultCutFile, FaultFlood, FaultServer, FaultDelay)
	err := fault.refusal()
	if fault.Kind == FaultDelay {
		err = s.delay(r.Context(), fault)
	}
	if err != nil {
		write(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	switch fault.Kind {
	case FaultCutFile:
		_, _ = w.Write(content[:len(content)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case FaultSlowFile:
		s.dribble(w, r, fault, content)
	default:
		_, _ = w.Write(content)
	}
}

// dribble writes byte by byte. It gives up when the server is closed, and hurries
// when the fault is lifted.
func (s *Server) dribble(w http.ResponseWriter, r *http.Request, fault Fault, content []byte) {
	t := time.NewTicker(fault.pause(slowByte))
	defer t.Stop()
	flusher := http.NewResponseController(w)
	for i := range content {
		if _, err := w.Write(content[i : i+1]); err != nil {
			return
		}
		_ = flusher.Flush()
		select {
		case <-t.C:
		case <-fault.lifted:
			_, _ = w.Write(content[i+1:])
			return
		case <-r.Context().Done():
			return
		case <-s.stopped.Done():
			panic(http.ErrAbortHandler)
		}
	}
}
