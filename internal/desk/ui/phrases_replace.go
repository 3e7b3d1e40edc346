package ui

// phrasesOfReplacing: an administrator is lost, and recovery sheets sign in his place.
var phrasesOfReplacing = []phrase{
	{
		"these sheets are not those of this house",
		"Ці аркуші не з цієї установи.", "Эти листы не из этого учреждения.",
	},
	{
		"this house has one administrator: no sheets are needed, end the access on the page People",
		"В установі один адміністратор: аркуші не потрібні, закрийте доступ на сторінці «Люди».",
		"В учреждении один администратор: листы не нужны, закройте доступ на странице «Люди».",
	},
	{
		"the roster has no active administrator called %q",
		"У списку немає чинного адміністратора на ім’я %q.", "В списке нет действующего администратора с именем %q.",
	},
}
