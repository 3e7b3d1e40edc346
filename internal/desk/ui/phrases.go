package ui

// phrasesUK and phrasesRU put fixed sentences of the desk program into the
// operator's language. What is not here is shown in English.
func phrasesUK() map[string]string { return map[string]string{} }

func phrasesRU() map[string]string { return map[string]string{} }
