package ui

// phrasesOfRestore: the server was made from a backup.
var phrasesOfRestore = []phrase{
	{
		"The server was restored from a backup of %s. %d acts that this desk knew of are missing since. Until this is accepted, nothing is sent.",
		"Сервер відновили з резервної копії від %[1]s. Відтоді бракує %[2]d %[2]{дії|дій|дій}, про які це місце знало. Доки цього не приймуть, нічого не надсилається.",
		"Сервер восстановили из резервной копии от %[1]s. С тех пор не хватает %[2]d %[2]{действия|действий|действий}, о которых это место знало. Пока этого не примут, ничего не отправляется.",
	},
	{
		"The server was restored from a backup of %s. What came after it is lost; the cases that this desk knew to be longer are named here. Until this is accepted, nothing is sent.",
		"Сервер відновили з резервної копії від %s. Усе, що надійшло після неї, втрачено; справи, які це місце знало довшими, названо тут. Доки цього не приймуть, нічого не надсилається.",
		"Сервер восстановили из резервной копии от %s. Всё, что пришло после неё, потеряно; дела, которые это место знало более длинными, названы здесь. Пока этого не примут, ничего не отправляется.",
	},
	{
		"an acceptance holds a signed word, or documents, or both",
		"Згода містить підписане слово, або документи, або те й те.", "Согласие содержит подписанное слово, или документы, или то и другое.",
	},
	{
		"your word does not count: by the newest roster you are no administrator any more",
		"Ваше слово не враховується: за найновішим списком ви вже не адміністратор.", "Ваше слово не учитывается: по новейшему списку вы уже не администратор.",
	},
	{
		"more than %d documents at once", "Більше ніж %d документів одразу.", "Больше %d документов сразу.",
	},
	{
		"lost documents are rosters, and then one manifest", "Втрачені документи — це списки людей, а потім один маніфест.", "Потерянные документы — это списки людей, а затем один манифест.",
	},
	{
		"roster %d is not signed by the administrators of roster %d, the newest that the backup knows, and this desk does not hold those between. " +
			"Let the desk of an administrator who was there all the time accept the restore first, or restore a newer backup",
		"Список %d не підписали адміністратори списку %d, найновішого в резервній копії, а тих, що між ними, це місце не має. " +
			"Нехай відновлення спершу прийме адміністратор, який був на зв’язку весь час, або відновіть новішу копію.",
		"Список %d не подписали администраторы списка %d, новейшего в резервной копии, а тех, что между ними, у этого места нет. " +
			"Пусть восстановление сначала примет администратор, который был на связи всё время, или восстановите более новую копию.",
	},
	{
		"the roster has serial %d, and %d was said", "Список має номер %d, а сказано %d.", "Список имеет номер %d, а сказано %d.",
	},
	{
		"the newest roster does not know manifest %d; hand in the manifest that came with it",
		"Найновіший список не знає маніфесту %d; передайте маніфест, який прийшов разом із ним.", "Новейший список не знает манифеста %d; передайте манифест, который пришёл вместе с ним.",
	},
	{
		"the key store that was restored is older than the manifest: restore again with the newest key store: %w",
		"Відновлене сховище ключів старше за маніфест: відновіть ще раз із найновішим сховищем ключів.", "Восстановленное хранилище ключей старше манифеста: восстановите ещё раз с новейшим хранилищем ключей.",
	},
	{
		"an administrator accepts this, for all desks. Yours goes on by itself then",
		"Це приймає адміністратор, за всі робочі місця. Ваше тоді продовжить саме.", "Это принимает администратор, за все рабочие места. Ваше тогда продолжит само.",
	},
	{
		"the acceptance is not signed by you, or is of another house",
		"Згоду підписали не ви, або вона з іншої установи.", "Согласие подписали не вы, или оно из другого учреждения.",
	},
	{
		"the server was not restored, or restored again since",
		"Сервер не відновлювали, або відтоді відновили ще раз.", "Сервер не восстанавливали, или с тех пор восстановили ещё раз.",
	},
	{"it is not there", "Його немає.", "Его нет."},
}
