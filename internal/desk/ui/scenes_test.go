package ui

import (
	"encoding/hex"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// hostile is what somebody may write to break a page.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}` + "\u202eabc\u202c' onmouseover='x"

func hoursAgo(n int) hotline.Hour { return hotline.HourOf(testNow) - hotline.Hour(n) }

func (f *fakeDesk) add(n byte, change func(c *desk.CaseView)) *desk.CaseView {
	id := caseID(n)
	c := &desk.CaseView{
		Row: desk.Row{
			ID: id, Short: id.Short(), Channel: hotline.ChannelWeb, Stage: hotline.StageNew, Opened: true, Language: "ru",
		},
		Created: hoursAgo(30), Team: hotline.TeamDesk, CanReply: true, DeskSeq: -1, Code: []string{"4417", "0922", "5803"},
	}
	change(c)
	f.cases[id] = c
	return c
}

func said(seq int64, ago int, text string) desk.Message {
	return desk.Message{Side: hotline.SideContact, Seq: seq, Hour: hoursAgo(ago), Arrived: hoursAgo(ago), Text: text, Signer: "the person", Verified: true, Language: "ru"}
}

func answered(seq int64, ago int, by, text string, away bool) desk.Message {
	return desk.Message{Side: hotline.SideDesk, Seq: seq, Hour: hoursAgo(ago), Arrived: hoursAgo(ago), Text: text, Signer: by, Verified: true, Language: "ru", PutAway: away}
}

// busy is an evening: cases of every urgency, with and without problems.
func busy() *fakeDesk {
	f := newFake()
	f.people = []desk.Person{
		{ID: "vesna", Name: "Весна", Roles: []hotline.Role{hotline.RoleOperator}, Teams: []hotline.Team{hotline.TeamDesk}, Since: hoursAgo(900), Me: true},
		{ID: "klen", Name: "Клен", Roles: []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor}, Teams: []hotline.Team{hotline.TeamDesk, hotline.TeamField}, Since: hoursAgo(2100)},
		{ID: "ruta", Name: "Рута", Roles: []hotline.Role{hotline.RoleAdministrator}, Since: hoursAgo(2300)},
		{ID: "bereh", Name: "Берег", Roles: []hotline.Role{hotline.RoleAuditor}, Since: hoursAgo(1300)},
		{ID: "yavir", Name: "Явір", Roles: []hotline.Role{hotline.RoleOperator}, Teams: []hotline.Team{hotline.TeamDesk}, Since: hoursAgo(2000), Until: hoursAgo(160)},
	}
	f.add(1, func(c *desk.CaseView) {
		c.Urgency, c.Stage, c.Waiting, c.Unread, c.People = hotline.UrgencyNow, hotline.StageStandby, testNow.Add(-4*time.Minute), 2, 3
		c.Title, c.Snippet = "Троє, лісосмуга, вночі", "Нас трое. Батарея 8 процентов. Слово я помню."
		c.WordSet, c.DuressSet, c.Assignee, c.Mine = true, true, "Весна", true
		f.words[c.ID] = [2]string{"абрикос", "листопад"}
		c.Answered = true
		c.Messages = []desk.Message{
			said(0, 700, "Здравствуйте. Это не ловушка? Меня отправят на следующей неделе, я хочу знать, как это вообще происходит. Имени не скажу."),
			answered(0, 699, "Клен", "Понимаем, почему вы спрашиваете. Имени, части и места не нужно. Сначала ответим на то, что вас пугает. Что важнее всего?", true),
			said(1, 698, "Будут ли снимать? И что с семьёй, если узнают?"),
			answered(1, 698, "Клен", "Во всех бумагах стоит одно слово: взят в плен. На публику никого не показывают, это запрещено. О нас не рассказывайте никому, даже близким.", true),
			answered(2, 697, "Клен", "Запомните код. С ним вы вернётесь с любого телефона, хоть через месяцы. Переписку удалите.", true),
			func() desk.Message {
				m := said(2, 1, "Это снова я. Мы на месте, вторая линия. Телефон один на всех, командир забрал остальные.")
				m.People, m.New = 3, true
				return m
			}(),
			func() desk.Message {
				m := said(3, 0, "Нас трое. Батарея 8 процентов. Слово я помню.")
				m.New = true
				return m
			}(),
		}
		c.DeskSeq = 2
		note := desk.StatementView{Seq: 3, Act: seal.ActNote, By: "Клен", Verified: true, Hour: hoursAgo(690), Text: "Спокійний, відповідає по суті. На провокацію не схоже."}
		hand := desk.StatementView{Seq: 5, Act: seal.ActHandover, By: "Клен", Verified: true, Hour: hoursAgo(2), Text: "Якщо озветься, одразу кликати старшого: команда зустрічі попереджена."}
		people := 3
		c.History = []desk.StatementView{
			{Seq: 0, Act: seal.ActStage, By: "Клен", Verified: true, Hour: hoursAgo(699), Stage: hotline.StageRegistered},
			{Seq: 1, Act: seal.ActWord, By: "Клен", Verified: true, Hour: hoursAgo(697), Word: true, Duress: true},
			{Seq: 2, Act: seal.ActStage, By: "Клен", Verified: true, Hour: hoursAgo(697), Stage: hotline.StageStandby},
			note,
			{Seq: 4, Act: seal.ActFacts, By: "Клен", Verified: true, Hour: hoursAgo(2), Title: "Троє, лісосмуга, вночі", Language: "ru", People: &people},
			hand,
			{Seq: 6, Act: seal.ActUrgency, By: "Весна", Verified: true, Hour: hoursAgo(0), Urgency: hotline.UrgencyNow},
			{Seq: 7, Act: seal.ActAssign, By: "Весна", Verified: true, Hour: hoursAgo(0), Assignee: "Весна", Delivery: desk.DeliveryWaiting, OutboxID: "o7"},
		}
		c.Notes = []desk.StatementView{note, hand}
		c.Handover = &c.History[5]
	})
	troubles(f)
	texts := []struct {
		u       hotline.Urgency
		st      hotline.Stage
		ch      hotline.Channel
		lang    string
		waits   time.Duration
		unread  int
		people  int
		who     string
		snippet string
	}{
		{hotline.UrgencyUrgent, hotline.StageRegistered, hotline.ChannelWeb, "ru", 96 * time.Minute, 0, 2, "Клен", "А если ночью штурм, телефон лучше выбросить?"},
		{hotline.UrgencySoon, hotline.StageNew, hotline.ChannelTelegram, "ru", 38 * time.Minute, 1, 1, "", "Повестка на понедельник. Что делать сначала?"},
		{hotline.UrgencySoon, hotline.StageRegistered, hotline.ChannelWeb, "be", 3 * time.Hour, 1, 1, "", "Я з Беларусі, нас рыхтуюць. Ці можна загадзя?"},
		{hotline.UrgencySoon, hotline.StageRegistered, hotline.ChannelPhone, "ru", 0, 0, 4, "Весна", "Нас четверо, все согласны. Кто держит код?"},
		{hotline.UrgencyCalm, hotline.StageNew, hotline.ChannelWeb, "ru", 12 * time.Minute, 1, 0, "", "Я мать. Сын в учебке. Куда ему писать, если решит?"},
		{hotline.UrgencyCalm, hotline.StageNew, hotline.ChannelForm, "en", 50 * time.Minute, 1, 1, "", "Is it true that you pay for a tank?"},
		{hotline.UrgencyCalm, hotline.StageNew, hotline.ChannelWeb, "ru", 5 * time.Hour, 2, 0, "", "Просто хочу понять, как это работает."},
		{hotline.UrgencyCalm, hotline.StageStandby, hotline.ChannelWeb, "uk", 0, 0, 1, "", "Дякую. Код запам’ятав, листування видалив."},
		{hotline.UrgencyCalm, hotline.StageStandby, hotline.ChannelTelegram, "ru", 0, 0, 1, "", "Хорошо. Напишу, когда будем на месте."},
		{hotline.UrgencyCalm, hotline.StageStandby, hotline.ChannelWeb, "ru", 0, 0, 2, "Клен", "Понял. Спасибо, что ответили."},
	}
	for i, x := range texts {
		f.add(byte(i+4), func(c *desk.CaseView) {
			c.Urgency, c.Stage, c.Channel, c.Language, c.Unread, c.People = x.u, x.st, x.ch, x.lang, x.unread, x.people
			c.Assignee, c.Mine, c.Snippet = x.who, x.who == "Весна", x.snippet
			if x.waits > 0 {
				c.Waiting = testNow.Add(-x.waits)
			}
			m := said(0, int(x.waits/time.Hour), x.snippet)
			m.New, m.Language = x.unread > 0, x.lang
			if !x.ch.Sealed() {
				m.Side, m.Signer = hotline.SideGateway, "gateway"
			}
			c.Messages = []desk.Message{m}
		})
	}
	f.st.Cases, f.st.Synced = len(f.cases), len(f.cases)
	return f
}

// troubles adds cases in which something does not verify, every kind of it.
func troubles(f *fakeDesk) {
	f.add(2, func(c *desk.CaseView) {
		c.Urgency, c.Stage, c.Waiting, c.Unread, c.Problems = hotline.UrgencyUrgent, hotline.StageRegistered, testNow.Add(-25*time.Minute), 1, 4
		c.Snippet, c.Language, c.Draft, c.Row.Draft = "Вот наши координаты, приезжайте сейчас.", "ru", "Подождите минуту.", true
		c.Summary = []desk.Problem{{Kind: desk.ProblemRollback, Text: hotline.Say("The server shows fewer keys of this case than before.")}}
		gap := said(2, 3, "Вы меня слышите? Я писал про мост.")
		gap.Problems = []desk.Problem{{Kind: desk.ProblemGap, Text: hotline.Say("The message before this one is missing.")}}
		fork := said(3, 2, "Кто это пишет с моего кода?")
		fork.Problems = []desk.Problem{{Kind: desk.ProblemFork, Text: hotline.Say("Two devices wrote under the same number: perhaps somebody else holds the receipt, perhaps the person has two.")}}
		forged := said(3, 2, "Вот наши координаты, приезжайте сейчас.")
		forged.Verified, forged.Signer, forged.New = false, "unknown", true
		forged.Problems = []desk.Problem{{Kind: desk.ProblemForged, Text: hotline.Say("The signature is not that of who should have written this.")}}
		unreadable := said(4, 1, "")
		unreadable.Problems = []desk.Problem{{Kind: desk.ProblemUnreadable, Text: hotline.Say("No key on this desk opens this message yet.")}}
		lost := answered(2, 0, "Весна", "Не идите никуда, пока мы не ответим.", false)
		lost.Delivery, lost.OutboxID = desk.DeliveryConflict, "o1"
		waits := answered(3, 0, "Весна", "Мы читаем. Ответим здесь же.", false)
		waits.Delivery, waits.OutboxID = desk.DeliveryWaiting, "o2"
		c.Messages = []desk.Message{
			said(0, 9, "Мы у моста. Связь плохая, приходит не всё."), answered(0, 8, "Клен", "Понял. Пишите коротко.", true),
			answered(1, 8, "Весна", "Сколько вас?", false), gap, fork, forged, unreadable, lost, waits,
		}
		c.History = []desk.StatementView{
			{Act: seal.ActStage, By: "unknown", Hour: hoursAgo(5), Stage: hotline.StageMeeting, Problems: []desk.Problem{{Kind: desk.ProblemForged, Text: hotline.Say("Nobody who worked here at that time has signed this act.")}}},
			{Act: seal.ActUrgency, By: "Весна", Verified: true, Hour: hoursAgo(0), Urgency: hotline.UrgencyUrgent, Delivery: desk.DeliveryConflict, OutboxID: "o3"},
			{Act: seal.ActNote, By: "Весна", Verified: true, Hour: hoursAgo(0), Text: hostile, Delivery: desk.DeliveryRefused},
		}
		c.Notes = c.History[2:]
		c.DeskSeq = 1
	})
	f.add(3, func(c *desk.CaseView) {
		c.Urgency, c.Channel, c.Waiting, c.Unread, c.People = hotline.UrgencyNow, hotline.ChannelTelegram, testNow.Add(-70*time.Second), 1, 1
		c.Title, c.Snippet = hostile, hostile
		m := said(0, 0, hostile)
		m.Side, m.Signer, m.New, m.Effort = hotline.SideGateway, "gateway", true, true
		c.Messages = []desk.Message{m}
		c.CanReply, c.WhyNot = false, hotline.Say("no key on this desk opens this case yet")
	})
}

// supervised gives the operator every page.
func supervised() *fakeDesk {
	f := busy()
	f.st.Roles = []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor, hotline.RoleAdministrator}
	var h1, h2, h3 seal.Hash
	h1[0], h2[0], h3[0] = 0x11, 0x22, 0x33
	f.enrolments = []desk.EnrolmentView{
		{ID: h1, Name: "Мальва", Proposed: "Мальва", Roles: []hotline.Role{hotline.RoleOperator}, Teams: []hotline.Team{hotline.TeamDesk}, Expires: testNow.Add(40 * time.Hour), State: api.InvitationKeys, Fingerprint: testFingerprint, Ours: true},
		{ID: h2, Name: "Тополя", Roles: []hotline.Role{hotline.RoleAuditor}, Expires: testNow.Add(70 * time.Hour), State: api.InvitationOpen, Ours: true},
		{ID: h3, Name: "Гай", Proposed: hostile, Roles: []hotline.Role{hotline.RoleOperator}, State: api.InvitationContested, Fingerprint: testFingerprint, Ours: true},
		{ID: seal.Hash{0x44}, Name: "Явір", State: api.InvitationSigned},
		{ID: seal.Hash{0x55}, Name: "Степ", State: api.InvitationKeys, Fingerprint: testFingerprint},
	}
	f.renewal = desk.RenewalView{Epochs: []hotline.Team{hotline.TeamDesk}, Manifest: true, Cases: 12}
	id := caseID(2)
	f.alarms = []desk.Alarm{
		{ID: "a1", When: testNow.Add(-20 * time.Minute), Blocking: true, Text: hotline.Say("The journal was rewritten: it does not continue the one that this desk saw before. Speak with the others and with an auditor before you go on.")},
		{ID: "a2", When: testNow.Add(-80 * time.Hour), Text: hotline.Say("The server showed a roster that the authority has not signed. The one known before stays in force."), Case: &id, Acknowledged: true},
		{
			ID: "a3", When: testNow.Add(-2 * time.Hour), Blocking: true, By: []string{"Мальва"}, Open: []string{"Тополя", hostile},
			Text: hotline.Say("The server was restored from a backup of %s. %d acts that this desk knew of are missing since. Until this is accepted, nothing is sent.", "2026-03-01 12:00 UTC", 12),
		},
	}
	f.outbox = []desk.OutboxItem{
		{ID: "o1", Case: id, Act: "reply", Text: "Не идите никуда, пока мы не ответим.", At: testNow.Add(-9 * time.Minute), Outcome: desk.OutcomeConflict, Why: hotline.Say("Somebody has answered meanwhile. Read it, then decide whether to send yours.")},
		{ID: "o2", Case: id, Act: "reply", Text: hostile, At: testNow.Add(-8 * time.Minute), Outcome: desk.OutcomeQueued},
		{ID: "o3", Case: caseID(1), Act: seal.ActStage, At: testNow.Add(-7 * time.Minute), Outcome: desk.OutcomeRefused, Why: hotline.Say("your roles do not allow this")},
	}
	f.st.Waiting, f.st.Undecided, f.st.Alarms, f.st.Blocked = 1, 2, 1, true
	f.st.Checkpoint = "4211 " + hex.EncodeToString(make([]byte, 32))
	watched(f)
	return f
}

// offline is a desk after a power cut.
func offline() *fakeDesk {
	f := busy()
	f.st.Online, f.st.Offline, f.st.LastContact, f.st.Waiting = false, hotline.Say("the server closed the connection"), testNow.Add(-47*time.Minute), 3
	return f
}

// opening is a desk that has just been unlocked.
func opening() *fakeDesk {
	f := newFake()
	f.st.Online, f.st.LastContact, f.st.Cases, f.st.Synced = true, testNow, 300, 120
	return f
}

func locked() *fakeDesk {
	f := newFake()
	f.st = desk.Status{Phase: desk.PhaseLocked}
	return f
}

func fresh() *fakeDesk {
	f := newFake()
	f.st = desk.Status{Phase: desk.PhaseNoKeys}
	return f
}

func enrolling() *fakeDesk {
	f := newFake()
	f.st = desk.Status{Phase: desk.PhaseEnrolling, Name: "Мальва", Online: true, LastContact: testNow, Fingerprint: testFingerprint}
	return f
}

// idle is a desk that locks by itself.
func idle() *fakeDesk {
	f := supervised()
	f.st.LockAt = testNow.Add(14 * time.Minute)
	f.computer.Authority = true
	return f
}

// watched adds alarms of tripwires, canaries and a journal that was checked.
func watched(f *fakeDesk) {
	id := caseID(9)
	f.st.Tripped = 2
	f.watch = desk.WatchView{Known: true, Alarms: []desk.TripView{
		{ID: seal.Hash{0x71}, Wire: hotline.WireCanary, Who: "Явір", WhoID: "yavir", Case: &id, Count: 2, Since: testNow.Add(-9 * time.Minute), Last: testNow.Add(-2 * time.Minute), Leaf: 4190, Open: true},
		{ID: seal.Hash{0x72}, Wire: hotline.WireBrowse, Who: hostile, WhoID: "klen", Count: 47, Bound: 30, Minutes: 720, Since: testNow.Add(-5 * time.Hour), Last: testNow.Add(-time.Hour), Leaf: 4021, Open: true},
		{ID: seal.Hash{0x73}, Wire: hotline.WireLost, Who: "Весна", Count: 11, Bound: 8, Minutes: 60, Since: testNow.Add(-50 * time.Hour), Last: testNow.Add(-50 * time.Hour), Leaf: 3300, By: "Рута", Hour: hoursAgo(49), Note: "Людина диктувала код із помилкою. " + hostile},
		{ID: seal.Hash{0x74}, Wire: hotline.WireExport, Who: "Клен", Count: 1, Leaf: 3200, Since: testNow, Last: testNow},
	}, Canaries: []desk.CanaryView{{Case: id, By: "Клен", Hour: hoursAgo(400)}}}
	f.ledger = desk.LedgerState{
		Loaded: 4211, Goal: 4211, Size: 4211, Root: hex.EncodeToString(make([]byte, 32)), Key: "safeconduct/54502+86+AYWq", Checkpoint: []byte("safeconduct/54502\n4211\n"),
		Checked: testNow, Unproved: 1,
	}
	for i := range 150 {
		act := []string{"case.sync", "case.read", "case.reply", "tripwire.alarm", "epoch.new"}[i%5]
		f.ledgerRows = append(f.ledgerRows, desk.LedgerRow{Index: int64(4210 - i), Hour: hoursAgo(i / 8), Actor: "vesna", Name: "Весна", Act: act, Case: caseID(byte(i % 9)).String(), Proved: i != 3, Gone: i == 7})
	}
	f.ledgerRows[7].Act = ""
	f.ledgerRows = append(f.ledgerRows, desk.LedgerRow{Index: 1, Raw: hostile})
	f.reads = []desk.ReadCount{
		{Day: hoursAgo(20), Actor: "vesna", Name: "Весна", Opened: 34, Openings: 51, Replies: 29, Acts: 40, Located: 2, Fetched: 312},
		{Day: hoursAgo(20), Actor: "yavir", Name: "Явір", Opened: 61, Openings: 66, Replies: 3, Acts: 1, Located: 9, Fetched: 300, Alarms: 2},
	}
}
