package intake

// Uploads is how many large bodies are being read.
func (i *Intake) Uploads() int { return len(i.uploads) }
