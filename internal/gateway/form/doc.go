// Package form is the door for phones without script: a plain HTML form. Our
// server reads the text while it arrives, seals it at once to the team and
// forgets it; the page says so before anything is typed.
//
// It must not keep, log or repeat the text anywhere but in the answer to the
// person who sent it, and it gives no way to read replies.
package form
