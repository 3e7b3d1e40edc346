package telegram

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// page is the address of the contact page: the first route of the manifest.
func (g *Gateway) page(ctx context.Context) (string, error) {
	_, m, err := g.cfg.Sealer.Manifest(ctx)
	if err != nil || len(m.Routes) == 0 {
		return "", err
	}
	return m.Routes[0], nil
}

// truth is the sentence that comes before everything.
func (w words) truth(page string) string {
	if page == "" {
		return w.TruthAlone
	}
	return fmt.Sprintf(w.Truth, page)
}

func sayStart(lang, page, title string) string {
	w := texts[lang]
	return w.truth(page) + "\n\n" + fmt.Sprintf(w.Greeting, title)
}

func sayReally(lang, username, phrase string) string {
	w := texts[lang]
	if phrase == "" {
		return fmt.Sprintf(w.ReallyNoPhrase, username)
	}
	return fmt.Sprintf(w.Really, username, phrase)
}

func sayErased(lang string, left int) string {
	w := texts[lang]
	if left == 0 {
		return w.EraseDone + "\n\n" + w.EraseLimits
	}
	return fmt.Sprintf(w.EraseLeft, left) + "\n\n" + w.EraseLimits
}

func sayRemoved(lang string, removed bool) string {
	if removed {
		return texts[lang].Removed
	}
	return texts[lang].NotRemoved
}

func sayCode(lang string, code hotline.ChannelCode) string {
	return fmt.Sprintf(texts[lang].Done, strings.Join(code.Groups(), " "))
}

// sayFileLeftOut says why a file was not taken.
func sayFileLeftOut(lang string, large, answered bool) string {
	w := texts[lang]
	switch {
	case large && !answered:
		return fmt.Sprintf(w.FileStranger, seal.MaxStrangerFile>>20)
	case large:
		return fmt.Sprintf(w.FileTooLarge, maxFetch>>20)
	}
	return w.FileLost
}

// stays are the times that can be chosen, shortest first.
func stays() []int { return slices.Sorted(maps.Keys(texts[languages()[0]].Stays)) }

// Telegram's bounds of a bot's descriptions, in characters
// (core.telegram.org/bots/api#setmydescription).
const (
	maxDescription      = 512
	maxShortDescription = 120
)

// describe puts the truth where Telegram shows it before anybody writes, in each
// language, and names the commands. Where that fails nothing hangs on it.
func (g *Gateway) describe(ctx context.Context, c *client) {
	page, err := g.page(ctx)
	if err != nil {
		return
	}
	for _, lang := range languages() {
		w, code := texts[lang], lang
		if lang == c.Language {
			code = "" // for everybody whose telephone speaks none of ours
		}
		description := w.truth(page)
		if utf8.RuneCountInString(description) > maxDescription {
			description = w.TruthAlone
		}
		if _, err = c.api.SetMyDescription(ctx, &telegram.SetMyDescriptionParams{Description: description, LanguageCode: code}); err != nil {
			break
		}
		if utf8.RuneCountInString(w.TruthAlone) <= maxShortDescription {
			if _, err = c.api.SetMyShortDescription(ctx, &telegram.SetMyShortDescriptionParams{ShortDescription: w.TruthAlone, LanguageCode: code}); err != nil {
				break
			}
		}
		if _, err = c.api.SetMyCommands(ctx, &telegram.SetMyCommandsParams{LanguageCode: code, Commands: []models.BotCommand{
			{Command: "start", Description: w.CommandStart}, {Command: "help", Description: w.CommandHelp}, {Command: "erase", Description: w.CommandErase},
		}}); err != nil {
			break
		}
	}
	g.fault(c, "description", err)
}
