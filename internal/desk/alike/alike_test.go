package alike

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// honest returns every message that a person writes in the scenarios, and
// others on the same few questions that stand close to each other.
func honest(tb testing.TB) []string {
	tb.Helper()
	b, err := os.ReadFile("../../rehearsal/scenarios.json")
	if err != nil {
		tb.Fatal(err)
	}
	var file struct {
		Scenarios []struct {
			Messages []struct{ From, Text string }
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		tb.Fatal(err)
	}
	out := []string{
		"Здравствуйте. Я хочу сдаться в плен. Что мне для этого нужно сделать? Я на учениях, нас скоро отправят.",
		"Здравствуйте, хочу сдаться в плен, что для этого нужно делать и как с вами связаться, если нет интернета?",
		"Добрый день! Хочу узнать, как сдаться в плен. Меня мобилизовали, я не хочу воевать. Что нужно делать?",
		"Меня мобилизовали неделю назад, я не хочу воевать. Как сдаться в плен, чтобы не убили свои?",
		"Добрый вечер. Я мобилизованный, не хочу воевать и убивать. Подскажите, как мне безопасно сдаться в плен?",
		"Подскажите пожалуйста, как безопасно сдаться в плен? Нас трое, командира нет, связи почти нет.",
		"Нас трое, хотим сдаться. Командира нет, связи почти нет, батарея садится. Что нам делать?",
		"Здравствуйте, мой муж мобилизован, он хочет сдаться в плен, как ему это сделать, чтобы его не убили?",
		"Здравствуйте! Мой сын на фронте, он хочет сдаться в плен. Как ему безопасно это сделать, чтобы не убили?",
		"Правда ли что в плену не бьют и можно позвонить домой? Я хочу сдаться, но боюсь за семью.",
		"Правда ли, что в плену не бьют и кормят? Хочу сдаться, но боюсь за семью дома, что с ними будет?",
		"Как сдаться в плен через дрон? Что надо показать, чтобы дрон не сбросил? Есть белая тряпка.",
		"Если я увижу дрон и подниму руки, он не сбросит гранату? Как показать, что я сдаюсь в плен?",
		"Hello, I do not want to fight any more. I am near the front and I want to surrender. What do I have to do?",
		"Hello. I want to surrender but I am afraid that my own people will shoot. What should I do at the front?",
		"Добрий день. Мій брат мобілізований, він не хоче воювати, як йому безпечно здатися в полон?",
	}
	for _, s := range file.Scenarios {
		for _, m := range s.Messages {
			if m.From == "contact" {
				out = append(out, m.Text)
			}
		}
	}
	return out
}

const template = "Уважаемая горячая линия я очень хочу узнать про условия содержания и прошу срочно ответить потому что у меня мало " +
	"времени и я не знаю куда ещё обратиться расскажите пожалуйста подробно сколько человек у вас работает и где находится ваш штаб"

// flood makes n variants of the template: each word is another one with a
// probability of part, case and punctuation are drawn, and some letters are
// Latin twins.
func flood(n int, part float64, others []string) []string {
	r := rand.New(rand.NewPCG(7, uint64(part*100)))
	words := strings.Fields(strings.Join(others, " "))
	latin := strings.NewReplacer("а", "a", "о", "o", "е", "e")
	out := make([]string, n)
	for i := range out {
		text := strings.Fields(template)
		for k := range text {
			if r.Float64() < part {
				text[k] = words[r.IntN(len(words))]
			}
			switch r.IntN(12) {
			case 0:
				text[k] += ","
			case 1:
				text[k] = strings.ToUpper(text[k])
			case 2:
				text[k] = latin.Replace(text[k])
			}
		}
		out[i] = strings.Join(text, " ") + fmt.Sprint(" ", r.IntN(1000000))
	}
	return out
}

// grouped returns which part of the texts is in groups of at least three, and
// in how many groups.
func grouped(g *Groups[int], from, to int) (part float64, groups int) {
	n, seen := 0, map[int64]bool{}
	for i := from; i < to; i++ {
		if at := g.Of(i); at != nil && at.Size >= 3 {
			n++
			seen[at.Number] = true
		}
	}
	return float64(n) / float64(to-from), len(seen)
}

func TestHonestMessagesStandAlone(t *testing.T) {
	t.Parallel()
	texts := honest(t)
	nearest := 0.0
	h := newHasher()
	for i := range texts {
		for j := range i {
			nearest = max(nearest, likeness(h.markOf(Normal(texts[i])), h.markOf(Normal(texts[j]))))
		}
	}
	t.Logf("%d messages, the two that are most alike: %.2f", len(texts), nearest)
	if nearest >= enough {
		t.Errorf("two honest messages have a likeness of %.2f", nearest)
	}
	// In the middle of a flood too.
	g := New[int]()
	all := append(flood(500, 0.1, texts), texts...)
	order := rand.Perm(len(all))
	for _, i := range order {
		g.Add(i, all[i])
	}
	for i := 500; i < len(all); i++ {
		if at := g.Of(i); at != nil && at.Size > 1 {
			t.Errorf("grouped: %s", all[i])
		}
	}
}

func TestFloodIsGrouped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part, least float64
		most        int
	}{{0, 1, 1}, {0.05, 0.99, 3}, {0.1, 0.95, 10}, {0.15, 0.75, 60}} {
		g := New[int]()
		for i, text := range flood(1000, c.part, honest(t)) {
			g.Add(i, text)
		}
		part, groups := grouped(g, 0, 1000)
		t.Logf("%.0f %% of the words replaced: %.1f %% of 1,000 messages in %d groups", c.part*100, part*100, groups)
		if part < c.least || groups > c.most {
			t.Errorf("%.0f %% replaced: %.3f grouped in %d groups", c.part*100, part, groups)
		}
	}
}

// TestShortTextsAreNeverGrouped: what many people say in the same words hides
// nobody.
func TestShortTextsAreNeverGrouped(t *testing.T) {
	t.Parallel()
	g := New[int]()
	for i := range 100 {
		g.Add(i, []string{"Хочу сдаться.", "I want to surrender!", "Здравствуйте, я хочу сдаться в плен, что мне делать?", "", "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890"}[i%5])
	}
	for i := range 100 {
		if g.Of(i) != nil {
			t.Errorf("%d is in a group", i)
		}
	}
	if len(g.tables) != 0 {
		t.Error("short texts take memory")
	}
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	g := New[int]()
	for i := range 5 {
		g.Add(i, template+fmt.Sprint(i))
	}
	first := g.Of(0)
	if first == nil || first.Size != 5 {
		t.Fatalf("%+v", first)
	}
	g.Remove(0) // the example itself: the others stay together
	g.Remove(0)
	g.Remove(99)
	g.Add(7, template)
	if g.Of(0) != nil || g.Of(7) != first || first.Size != 5 {
		t.Errorf("%+v", first)
	}
	for _, i := range []int{1, 2, 3, 4, 7} {
		g.Remove(i)
	}
	if len(g.tables) != 0 || len(g.members) != 0 || g.kept != 0 {
		t.Errorf("%d places, %d members, %d examples are left", len(g.tables), len(g.members), g.kept)
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"Хочу  СДАТЬСЯ!!!", "хочу сдаться"},
		{"Xoчy cдатьcя", "Хочу сдаться"},
		{"ё\u200bж й", "еж и"},
		{"＊Ｈｉ＊", "hi"},
		{"в 05:40, 47.98765", "в 1 2 - 3 4"},
		{"", " \n.,"},
		{"їжак", "іжак"},
	} {
		if a, b := Normal(c[0]), Normal(c[1]); a != b {
			t.Errorf("%q is %q, %q is %q", c[0], a, c[1], b)
		}
	}
	if n := lettersOf(Normal(strings.Repeat("слово ", 100_000))); n != longest {
		t.Errorf("%d letters", n)
	}
}

// FuzzGroups: whatever is written, sizes add up and nothing is left behind.
func FuzzGroups(f *testing.F) {
	f.Add(template, template+"!", "other")
	f.Add("\xff\xfe", strings.Repeat("a", 5000), strings.Repeat("б1 ", 500))
	f.Fuzz(func(t *testing.T, a, b, c string) {
		g := New[int]()
		for i, text := range []string{a, b, c, a, b, a} {
			g.Add(i, text)
		}
		if g.Of(0) != g.Of(3) || g.Of(0) != g.Of(5) || g.Of(1) != g.Of(4) {
			t.Error("equal texts are apart")
		}
		sizes := map[*Group]int{}
		for i := range 6 {
			if at := g.Of(i); at != nil {
				sizes[at]++
			}
		}
		for at, n := range sizes {
			if at.Size != n {
				t.Errorf("size %d, members %d", at.Size, n)
			}
		}
		for i := range 6 {
			g.Remove(i)
		}
		if len(g.tables)+len(g.members)+g.kept != 0 {
			t.Error("something is left")
		}
	})
}

// BenchmarkGroups takes in 35,000 messages, one after the other: a flood, and
// the same number of messages that have nothing in common.
func BenchmarkGroups(b *testing.B) {
	const n = 35_000
	others := honest(b)
	mixed := make([]string, n)
	words := strings.Fields(strings.Join(others, " "))
	for i := range mixed {
		var text []string
		for range 35 {
			text = append(text, words[rand.IntN(len(words))])
		}
		mixed[i] = strings.Join(text, " ")
	}
	for _, c := range []struct {
		name  string
		texts []string
	}{{"flood", flood(n, 0.1, others)}, {"different", mixed}} {
		b.Run(c.name, func(b *testing.B) {
			var g *Groups[int]
			var before, after runtime.MemStats
			for b.Loop() {
				g = nil
				runtime.GC()
				runtime.ReadMemStats(&before)
				g = New[int]()
				for i, text := range c.texts {
					g.Add(i, text)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
			}
			_, groups := grouped(g, 0, n)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/message")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
			b.ReportMetric(float64(groups), "groups")
			runtime.KeepAlive(slices.Clone(c.texts[:1]))
		})
	}
}
