package telegramsim

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// method is one method of the Bot API. It runs with the server's lock held.
type method func(*call) (any, error)

// routes is every method that is simulated; names are not case-sensitive, as in
// Telegram's server. Only getUpdates stands elsewhere: it waits.
func (s *Server) routes() map[string]method {
	return map[string]method{
		"getme":                  s.getMe,
		"setmycommands":          s.setMyCommands,
		"deletemycommands":       s.deleteMyCommands,
		"setmydescription":       s.setMyDescription,
		"setmyshortdescription":  s.setMyShortDescription,
		"sendmessage":            s.sendMessage,
		"sendphoto":              s.sendPhoto,
		"senddocument":           s.sendDocument,
		"sendaudio":              s.sendAudio,
		"sendvoice":              s.sendVoice,
		"sendlocation":           s.sendLocation,
		"sendchataction":         s.sendChatAction,
		"editmessagetext":        s.editMessageText,
		"editmessagereplymarkup": s.editMessageReplyMarkup,
		"deletemessage":          s.deleteMessage,
		"deletemessages":         s.deleteMessages,
		"answercallbackquery":    s.answerCallbackQuery,
		"setmessagereaction":     s.setMessageReaction,
		"getfile":                s.getFile,
		"getchat":                s.getChat,
		"leavechat":              s.leaveChat,
		"setwebhook":             s.setWebhook,
		"deletewebhook":          s.deleteWebhook,
		"getwebhookinfo":         s.getWebhookInfo,
	}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		write(w, nil, &apiError{code: http.StatusMethodNotAllowed, text: "Method Not Allowed"})
		return
	}
	path, isFile := strings.CutPrefix(r.URL.Path, "/file/bot")
	if !isFile {
		var ok bool
		if path, ok = strings.CutPrefix(r.URL.Path, "/bot"); !ok {
			write(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
			return
		}
	}
	token, rest, _ := strings.Cut(path, "/")
	b, err := s.authorize(token)
	if err != nil {
		write(w, nil, err)
		return
	}
	if isFile {
		s.serveFile(w, r, b, rest)
		return
	}
	c, err := parseCall(w, r)
	if err != nil {
		write(w, nil, err)
		return
	}
	c.bot, c.method = b, rest
	s.serveCall(w, c)
}

// authorize finds the bot of a token. What cannot be a token is 404, as in
// Telegram's server (ClientManager).
func (s *Server) authorize(token string) (*bot, error) {
	if _, ok := idOf(token); !ok {
		return nil, &apiError{code: http.StatusNotFound, text: "Not Found"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bots[token]; b != nil {
		return b, nil
	}
	return nil, &apiError{code: http.StatusUnauthorized, text: "Unauthorized"}
}

// serveCall runs one call through faults, limits and the method itself.
func (s *Server) serveCall(w http.ResponseWriter, c *call) {
	if !s.enter() {
		write(w, nil, errClosed())
		return
	}
	f := s.faultOf(c.bot, c.method, c.chatID(), callFaults...)
	result, err := s.runCall(c, f)
	switch f.Kind {
	case FaultCutBefore, FaultCutAfter:
		// The way to close a connection without an answer (net/http, ErrAbortHandler).
		panic(http.ErrAbortHandler)
	case FaultGarbage:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head></html>"))
	default:
		write(w, result, err)
	}
}

func errClosed() error {
	return &apiError{code: http.StatusServiceUnavailable, text: "Service Unavailable"}
}

// runCall does what the call asks, unless the fault is that it is not done.
// The call has entered the server, and leaves it here.
func (s *Server) runCall(c *call, f Fault) (any, error) {
	defer s.running.Done()
	err := f.refusal()
	if f.Kind == FaultDelay {
		err = s.delay(c.ctx, f)
	}
	if err != nil || f.Kind == FaultCutBefore || f.Kind == FaultGarbage {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.note(c, f, err)
		return nil, err
	}
	if strings.EqualFold(c.method, "getUpdates") {
		result, err := s.getUpdates(c)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.note(c, f, err)
		return result, err
	}
	// What a limit counts and what it lets through is one step.
	s.mu.Lock()
	defer s.mu.Unlock()
	result, err := s.run(c)
	s.note(c, f, err)
	return result, err
}

// run does one call. The lock is held.
func (s *Server) run(c *call) (any, error) {
	m, known := s.methods[strings.ToLower(c.method)]
	if !known {
		return nil, &apiError{code: http.StatusNotFound, text: "Not Found: method not found"}
	}
	if err := s.withinLimits(c); err != nil {
		return nil, err
	}
	return m(c)
}

// delay waits as long as the fault says, until the client has gone or the
// server is closed. The call takes effect after the first two: a client that
// gave up does not know what became of it.
func (s *Server) delay(ctx context.Context, f Fault) error {
	t := time.NewTimer(f.pause(longestDelay))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-f.lifted:
	case <-s.stopped.Done():
		return errClosed()
	}
	return nil
}

func write(w http.ResponseWriter, result any, err error) {
	a, status := answer{OK: true, Result: result}, http.StatusOK
	if err != nil {
		refusal := &apiError{code: http.StatusInternalServerError, text: "Internal Server Error"}
		errors.As(err, &refusal)
		a, status = answer{Code: refusal.code, Description: refusal.text}, refusal.code
		if refusal.retryAfter > 0 {
			a.Parameters = &parameters{RetryAfter: refusal.retryAfter}
		}
	}
	body, err := json.Marshal(a)
	if err != nil {
		body, status = []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`), http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
