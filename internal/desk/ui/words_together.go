package ui

import (
	"fmt"
	"strings"

	"safeconduct/internal/desk"
)

// togetherTexts is the words of a house in which two administrators sign.
type togetherTexts struct {
	Joins, Leaves, Keys string // what waits
	Waits               string // proposer, for whom, until when
	Or                  string // between call-names
	Look                string
	Signs, SignsText    string            // of the page's head: the date
	Reasons             map[string]string // what a desk gives as the reason by itself
}

func togetherEN() togetherTexts {
	return togetherTexts{
		Joins:     "The keys were compared. The newcomer is in as soon as another administrator has signed.",
		Leaves:    "The end of access waits for a signature; until then this person can still work.",
		Keys:      "The new keys wait for a signature. It goes on by itself afterwards.",
		Waits:     "%s has signed. Waits for %s, until %s.",
		Or:        "or",
		Look:      "Approvals",
		Signs:     "What pages know must be signed again before %s.",
		SignsText: "After that, everybody who writes is warned.",
		Reasons: map[string]string{
			desk.ReasonJoins:     "A newcomer is let in.",
			desk.ReasonLeaves:    "Somebody's access ends.",
			desk.ReasonManifest:  "The published keys are signed again.",
			desk.ReasonAddresses: "The official addresses change.",
		},
	}
}

func togetherUK() togetherTexts {
	return togetherTexts{
		Joins:     "Ключі звірено. Новий працівник увійде, щойно підпише інший адміністратор.",
		Leaves:    "Кінець доступу чекає підпису; доти ця людина ще може працювати.",
		Keys:      "Нові ключі чекають підпису. Далі все піде саме.",
		Waits:     "Підпис є: %s. Чекає на: %s, до %s.",
		Or:        "або",
		Look:      "Подання",
		Signs:     "Те, що знають сторінки, треба підписати знову до %s.",
		SignsText: "Після цього кожен, хто пише, побачить застереження.",
		Reasons: map[string]string{
			desk.ReasonJoins:     "Входить новий працівник.",
			desk.ReasonLeaves:    "Комусь закривають доступ.",
			desk.ReasonManifest:  "Оприлюднені ключі підписують знову.",
			desk.ReasonAddresses: "Змінюються офіційні адреси.",
		},
	}
}

func togetherRU() togetherTexts {
	return togetherTexts{
		Joins:     "Ключи сверены. Новый сотрудник войдёт, как только подпишет другой администратор.",
		Leaves:    "Конец доступа ждёт подписи; до неё этот человек ещё может работать.",
		Keys:      "Новые ключи ждут подписи. Дальше всё пойдёт само.",
		Waits:     "Подпись есть: %s. Ждёт: %s, до %s.",
		Or:        "или",
		Look:      "Представления",
		Signs:     "То, что знают страницы, надо подписать снова до %s.",
		SignsText: "После этого каждый, кто пишет, увидит предупреждение.",
		Reasons: map[string]string{
			desk.ReasonJoins:     "Входит новый сотрудник.",
			desk.ReasonLeaves:    "Кому-то закрывают доступ.",
			desk.ReasonManifest:  "Опубликованные ключи подписывают снова.",
			desk.ReasonAddresses: "Меняются официальные адреса.",
		},
	}
}

// waits says for whom something waits and until when; empty for nil.
func (u *UI) waits(t *texts, w *desk.Waiting) string {
	if w == nil {
		return ""
	}
	return fmt.Sprintf(t.Together.Waits, w.By, strings.Join(w.For, " "+t.Together.Or+" "), u.hour(t, w.Until))
}
