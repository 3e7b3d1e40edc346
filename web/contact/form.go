package contact

import (
	"html"
	"strings"
)

// notice is what somebody sees whose browser cannot run the page. It stands in
// all languages, because without a script nobody can choose one.
type notice struct{ lang, cannot, label, link string }

var notices = []notice{
	{
		"ru", "Этот браузер не может запечатать ваше сообщение: JavaScript выключен или браузер слишком старый.",
		"Есть простая форма. Пока сообщение идёт к нам, наш сервер может его прочитать. Вы получите короткий код.", "Простая форма",
	},
	{
		"uk", "Цей браузер не може запечатати ваше повідомлення: JavaScript вимкнено або браузер застарий.",
		"Є проста форма. Поки повідомлення йде до нас, наш сервер може його прочитати. Ви отримаєте короткий код.", "Проста форма",
	},
	{
		"be", "Гэты браўзер не можа запячатаць ваша паведамленне: JavaScript выключаны або браўзер занадта стары.",
		"Ёсць простая форма. Пакуль паведамленне ідзе да нас, наш сервер можа яго прачытаць. Вы атрымаеце кароткі код.", "Простая форма",
	},
	{
		"en", "This browser cannot seal your message: JavaScript is off, or the browser is too old.",
		"There is a plain form. Our server can read your message while it arrives. You get a short code.", "Plain form",
	},
}

// formNotice says honestly what the form is, and links to it if there is one.
func formNotice(formURL string) string {
	var out strings.Builder
	for _, n := range notices {
		out.WriteString(`<section lang="` + n.lang + `"><p>` + n.cannot + `</p>`)
		if formURL != "" {
			out.WriteString(`<p>` + n.label + ` <a href="` + html.EscapeString(formURL) + `">` + n.link + `</a></p>`)
		}
		out.WriteString(`</section>`)
	}
	return out.String()
}
