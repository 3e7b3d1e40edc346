package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"

	"safeconduct/internal/desk"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/store/storetest"
)

// TestCanary types random words into the contact page and looks for them, and for
// the receipt, everywhere on the server's side. It says others to the bot, which
// reads them for a moment: they, and who said them, are looked for in all that
// outlives the process.
func TestCanary(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Fatal("the memory of another process is read by root only")
	}
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var options []option
			if engine == storetest.Postgres {
				// Every statement with its values stands in this server's log, also
				// what the database would keep compressed.
				options = append(options, onCluster(storetest.NewCluster(t, "log_statement=all", "wal_compression=off")))
			}
			lookForCanaries(t, newHouse(t, append(options, withBot())...))
		})
	}
}

func lookForCanaries(t *testing.T, h *house) {
	t.Helper()
	words := []string{newWord("абвгдежзиклмнопрст"), newWord("bcdfghklmnprstvw"), newWord("ґєіїжйцущ")}
	p := newPerson(t, h.origin())
	p.language("ru")
	p.first("Меня зовут " + words[0] + ", я из " + words[1] + ".")
	p.proveNoted()
	p.say("Ещё слово: " + words[2])
	d := h.openDesk()
	id := onlyCase(t, d)
	if _, err := d.Reply(t.Context(), id, "Слышу вас, "+words[0]); err != nil {
		t.Fatal(err)
	}
	back := comeBack(t, h.origin(), p.receipt)
	back.untilReply("Слышу вас, " + words[0])

	s := newCanaries()
	for _, w := range words {
		s.add(w, w)
	}
	s.add("receipt", p.receipt)
	s.add("receipt without spaces", strings.ReplaceAll(p.receipt, " ", ""))
	// The channel code travels inside the envelope, so that it can be looked up; it
	// passes through memory and is kept as a keyed hash.
	passing := newCanaries()
	passing.add("channel code", p.code)
	passing.add("channel code without spaces", strings.ReplaceAll(p.code, " ", ""))
	h.chatWithCanaries(t, d, passing)
	for _, place := range h.serverSide() {
		bytes := place.bytes(t)
		found := s.find(bytes)
		if place.kept {
			maps.Copy(found, passing.find(bytes))
		}
		for name, form := range found {
			t.Errorf("%s is in %s, as %s", name, place.name, form)
		}
	}
	h.checkToken(t)
	h.checkNoDump(t)
	h.checkThatCanariesAreFound(t, d)
}

// chatWithCanaries speaks with the bot in all ways in which text and files come in
// and go out.
func (h *house) chatWithCanaries(t *testing.T, d *desk.Desk, s *canaries) {
	t.Helper()
	word := func(what string) string {
		w := newWord("bcdfghklmnprstvw")
		s.add(what+" in the chat", w)
		return w
	}
	p := h.telegram.Phone(telegramsim.PersonConfig{ID: 3e12 + rand.Int64N(1e12), Name: word("the name"), Language: "ru"})
	s.add("the chat's number", strconv.FormatInt(p.ID(), 10))
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	next, err := rehearsal.Expect(d, hotline.ChannelTelegram)
	try(err)
	_, err = p.Start(t.Context())
	try(err)
	code, err := p.Register(t.Context(), nil)
	try(err)
	s.add("the code in the chat", strings.Join(code.Groups(), " "))
	s.add("the code in the chat without spaces", code.Digits())
	try(p.TypeBack(t.Context(), code))
	try(p.Say("Меня зовут " + word("a message")))
	id, err := next.Case(t.Context())
	try(err)
	_, err = p.Document(h.telegram.Bot, word("a caption"), word("a file's name"), "text/plain", []byte(strings.Repeat(word("a file")+" ", 500)))
	try(err)
	caseWith(t, d, id, "the file is on the desk", func(v desk.CaseView) bool {
		return len(v.Messages) > 0 && len(v.Messages[len(v.Messages)-1].Files) == 1
	})
	answer := "Слышу вас, " + word("an answer")
	_, err = d.Reply(t.Context(), id, answer)
	try(err)
	try(p.Hear(t.Context(), answer))
	try(p.Erase(t.Context()))
}

// checkToken looks for the bot's token: it stands in its own file, and is needed in
// memory, and is nowhere else.
func (h *house) checkToken(t *testing.T) {
	t.Helper()
	_, secret, _ := strings.Cut(h.telegram.Token(), ":")
	c := newCanaries()
	c.add("the bot's token", secret)
	for _, place := range h.serverSide() {
		if !place.kept {
			continue
		}
		bytes := place.bytes(t)
		if place.name == serverFiles {
			bytes = filesBelow(t, h.dir, "secret")
		}
		for name, form := range c.find(bytes) {
			t.Errorf("%s is in %s, as %s", name, place.name, form)
		}
	}
	if len(c.find(filesBelow(t, filepath.Join(h.dir, "secret"), ""))) == 0 {
		t.Error("the search does not find the token where it stands: it shows nothing")
	}
}

// checkNoDump reads that the system writes no memory of the server to a disk.
func (h *house) checkNoDump(t *testing.T) {
	t.Helper()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", h.server.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if rest, found := strings.CutPrefix(line, "Max core file size"); found {
			if f := strings.Fields(rest); len(f) < 2 || f[0] != "0" || f[1] != "0" {
				t.Errorf("a dump of the server may have %s", rest)
			}
			return
		}
	}
	t.Error("the system does not say how large a dump may be")
}

// TestServerIsNotDumpable watches the server say that it is not dumpable (prctl(2)),
// before it has read anything.
func TestServerIsNotDumpable(t *testing.T) {
	t.Parallel()
	strace := program(t, "strace", "scripts/setup installs it")
	trace := filepath.Join(t.TempDir(), "trace")
	h := newHouse(t, under(strace, "-f", "-qq", "-e", "trace=prctl", "-o", trace))
	h.server.stop()
	said, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(said), "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE") {
		t.Errorf("the server never says it:\n%s", said)
	}
}

// newWord draws a word that stands nowhere else.
func newWord(letters string) string {
	all := []rune(letters)
	word := make([]rune, 14)
	for i := range word {
		word[i] = all[rand.N(len(all))]
	}
	return string(word)
}

// place is somewhere on the server's side where bytes may stay.
type place struct {
	name  string
	kept  bool // outlives the process
	bytes func(*testing.T) [][]byte
}

const serverFiles = "the files of the server"

// serverSide lists all of them: every file of the installation but the
// operator's folder, which is on another computer; what the server prints; its memory.
func (h *house) serverSide() []place {
	files := place{serverFiles, true, func(t *testing.T) [][]byte { return filesBelow(t, h.dir, "operator") }}
	logs := place{"what the server prints", true, func(*testing.T) [][]byte {
		return [][]byte{[]byte(h.server.out.String()), []byte(h.server.err.String())}
	}}
	memory := place{"the server's memory", false, func(t *testing.T) [][]byte { return memoryOf(t, h.server.cmd.Process.Pid) }}
	all := []place{files, logs, memory}
	if h.cluster != nil {
		all = append(all, place{"PostgreSQL's files and log", true, h.clusterFiles})
	}
	return all
}

// clusterFiles reads all that PostgreSQL has on disk (tables, indexes, its log of
// changes, its log of statements) after it was told to write down what it holds.
func (h *house) clusterFiles(t *testing.T) [][]byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.cluster.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = conn.Exec(t.Context(), "CHECKPOINT"); err == nil {
		err = conn.Close(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return filesBelow(t, h.cluster.Dir, "")
}

// filesBelow reads every file of a folder, but not those in folders called so.
func filesBelow(t *testing.T, dir, without string) [][]byte {
	t.Helper()
	var all [][]byte
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone meanwhile
		case err != nil:
			return err
		case e.IsDir() && e.Name() == without:
			return filepath.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		all = append(all, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// memoryOf reads every mapping of a process that can be read.
func memoryOf(t *testing.T, pid int) [][]byte {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	var all [][]byte
	for line := range strings.Lines(string(maps)) {
		f := strings.Fields(line)
		if f[1][0] != 'r' || strings.HasSuffix(line, "[vvar]\n") || strings.HasSuffix(line, "[vsyscall]\n") || strings.Contains(line, "[vvar_") {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		begin, err1 := strconv.ParseInt(from, 16, 64)
		end, err2 := strconv.ParseInt(to, 16, 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("/proc/%d/maps: %q", pid, line)
		}
		b := make([]byte, end-begin)
		n, err := memory.ReadAt(b, begin)
		if err != nil && n == 0 {
			t.Logf("cannot be read: %s", strings.TrimSpace(line)) // gone meanwhile
			continue
		}
		all = append(all, b[:n])
	}
	return all
}

// canaries looks for texts in every form in which a program may hold them.
type canaries struct{ needles []canary }

type canary struct {
	name, form string
	bytes      []byte
}

func newCanaries() *canaries { return &canaries{} }

func (c *canaries) add(name, text string) {
	wide := func(order func(uint16) []byte) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, order(u)...)
		}
		return b
	}
	little := wide(func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} })
	big := wide(func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} })
	escaped := strconv.QuoteToASCII(text)
	forms := map[string][]byte{
		"UTF-8": []byte(text), "UTF-16LE": little, "UTF-16BE": big, "hexadecimal": []byte(hex.EncodeToString([]byte(text))),
		"escaped": []byte(escaped[1 : len(escaped)-1]),
	}
	for shift := range 3 { // the three ways in which a text can meet base64's groups
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), text...))
		// The first and the last group also hold bits of what stands beside the text.
		first, last := []int{0, 2, 3}[shift], len(encoded)-1
		forms[fmt.Sprintf("base64, shifted by %d", shift)] = []byte(encoded[first:last])
	}
	for form, b := range forms {
		c.needles = append(c.needles, canary{name, form, b})
	}
}

// find returns what was found and in which form.
func (c *canaries) find(places [][]byte) map[string]string {
	found := map[string]string{}
	for _, n := range c.needles {
		for _, b := range places {
			if bytes.Contains(b, n.bytes) {
				found[n.name] = n.form
			}
		}
	}
	return found
}

// checkThatCanariesAreFound shows that the same search finds what is there: what is
// public, and a word that somebody is sending through the form at this moment.
func (h *house) checkThatCanariesAreFound(t *testing.T, d *desk.Desk) {
	t.Helper()
	found := func(p place, text string) bool {
		c := newCanaries()
		c.add("it", text)
		return len(c.find(p.bytes(t))) > 0
	}
	places := h.serverSide()
	files, logs, memory := places[0], places[1], places[2]
	if !found(files, h.config.Routes[0]) || !found(memory, h.config.Routes[0]) {
		t.Error("the search does not find the public route in the files and in memory: it shows nothing")
	}
	if !found(logs, h.config.Public) {
		t.Error("the search does not find the public door in what the server prints: it shows nothing")
	}
	if len(places) > 3 && (!found(places[3], h.config.Routes[0]) || !found(places[3], "INSERT INTO hotline_case")) {
		t.Error("the search does not find the public route and what the database was told in PostgreSQL's files: it shows nothing")
	}
	word := newWord("bcdfghklmnprstvw")
	finish := h.halfAForm(t, word)
	tries := 0
	for ; !found(memory, word); tries++ {
		if tries == 50 { // each takes as long as reading the memory
			t.Fatal("the search does not find in memory what is being sent through the form: it shows nothing")
		}
	}
	finish()
	until(t, d, "what came through the form is on the desk", func() bool {
		hits, err := d.Search(word, 0)
		return err == nil && len(hits) == 1 && hits[0].Row.Channel == hotline.ChannelForm
	})
	for _, p := range places {
		if p.kept && found(p, word) {
			t.Errorf("what came through the form is in %s", p.name)
		}
	}
}

// TestCanariesInEveryForm shows the search each form that it claims to know.
func TestCanariesInEveryForm(t *testing.T) {
	t.Parallel()
	const word = "слово-abc"
	wide := new(bytes.Buffer)
	if err := binary.Write(wide, binary.BigEndian, utf16.Encode([]rune("<"+word+">"))); err != nil {
		t.Fatal(err)
	}
	forms := []string{"<" + word + ">", wide.String(), fmt.Sprintf("%x", word), fmt.Sprintf("%+q", word)}
	for shift := range 3 {
		forms = append(forms, base64.StdEncoding.EncodeToString([]byte("<<<<"[:shift]+word+">>")))
	}
	c := newCanaries()
	c.add("it", word)
	for _, form := range forms {
		if len(c.find([][]byte{[]byte(form)})) == 0 {
			t.Errorf("%q is not found", form)
		}
	}
	if f := c.find([][]byte{[]byte("something else")}); len(f) > 0 {
		t.Errorf("found where it is not: %v", f)
	}
}

// halfAForm begins to send the plain form and returns what sends the rest.
func (h *house) halfAForm(t *testing.T, word string) (finish func()) {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", h.config.Public)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	body := "sending=" + strings.Repeat("0a", 16) + "&people=1&text=" + word + "+end"
	half := len(body) - len("end")
	head := "POST /form?lang=en HTTP/1.1\r\nHost: " + h.config.Public + "\r\nConnection: close\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	if _, err := conn.Write([]byte(head + body[:half])); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.Write([]byte(body[half:])); err != nil {
			t.Fatal(err)
		}
		answer := new(bytes.Buffer)
		if _, err := answer.ReadFrom(conn); err != nil || !bytes.HasPrefix(answer.Bytes(), []byte("HTTP/1.1 200 ")) {
			t.Fatalf("the form was not taken: %v\n%.300s", err, answer)
		}
	}
}
