package telegram

import (
	"context"
	"strings"
	"time"

	telegram "github.com/go-telegram/bot"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// eraseEvery is how often the bot looks for what is to be deleted.
	eraseEvery = 2 * time.Second
	// erasePage is how much is deleted at once; one call takes a hundred
	// (core.telegram.org/bots/api#deletemessages).
	erasePage, eraseCall = 500, 100
	// eraseAgain is when a deletion is tried again that Telegram could not do.
	eraseAgain = time.Minute
	// wholeChat bounds how much of one chat is deleted at its person's word.
	wholeChat = 5000
)

// traces are rows for what stands in a chat until at.
func (g *Gateway) traces(handle seal.Hash, out sent, chat settings, at time.Time) ([]db.InsertTraceParams, error) {
	rows := make([]db.InsertTraceParams, len(out.numbers))
	for i, n := range out.numbers {
		box, err := g.lock(purposeTrace, trace{Bot: out.bot, Chat: chat.Chat, Number: n})
		if err != nil {
			return nil, err
		}
		rows[i] = db.InsertTraceParams{Handle: handle[:], Box: box, EraseMs: at.UnixMilli()}
	}
	return rows, nil
}

// standing is a trace with its row.
type standing struct {
	trace
	row int64
}

// erase deletes what has stood in chats for long enough, until ctx ends.
func (g *Gateway) erase(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := g.eraseDue(ctx)
		if err != nil && ctx.Err() == nil {
			g.cfg.Log.Warn("telegram: what is to be deleted could not be asked", "kind", hotline.KindOf(err).String())
		}
		if n < erasePage {
			g.cfg.Pause(ctx.Done(), eraseEvery)
		}
	}
}

func (g *Gateway) eraseDue(ctx context.Context) (int, error) {
	var rows []db.DueTracesRow
	err := g.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.DueTraces(ctx, g.clock().UnixMilli(), erasePage)
		return err
	})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	all := make([]standing, 0, len(rows))
	for _, r := range rows {
		s := standing{row: r.ID}
		if g.unlock(purposeTrace, r.Box, &s.trace) != nil {
			s.trace = trace{} // nobody can delete it: its row goes
		}
		all = append(all, s)
	}
	_, err = g.eraseMessages(ctx, all)
	return len(rows), err
}

// eraseAll deletes everything that is known to stand in a chat, and says how
// many messages could not be deleted.
func (g *Gateway) eraseAll(ctx context.Context, handle seal.Hash) (left int, err error) {
	var rows []db.TracesOfChatRow
	err = g.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.TracesOfChat(ctx, handle[:])
		return err
	})
	if err != nil {
		return 0, err
	}
	var all []standing
	for _, r := range rows[:min(len(rows), wholeChat)] {
		s := standing{row: r.ID}
		if g.unlock(purposeTrace, r.Box, &s.trace) != nil {
			continue
		}
		all = append(all, s)
	}
	return g.eraseMessages(ctx, all)
}

// eraseMessages deletes messages and says how many cannot be deleted. What
// Telegram does not do now is put off.
func (g *Gateway) eraseMessages(ctx context.Context, all []standing) (left int, err error) {
	type place struct{ bot, chat int64 }
	chats := map[place][]standing{}
	for _, s := range all {
		at := place{s.Bot, s.Chat}
		chats[at] = append(chats[at], s)
	}
	for at, messages := range chats {
		bot := g.bot(at.bot)
		for len(messages) > 0 {
			some := messages[:min(len(messages), eraseCall)]
			messages = messages[len(some):]
			verdict := refused
			if bot != nil {
				verdict = g.eraseCall(ctx, bot, at.chat, some)
			}
			if ctx.Err() != nil {
				return left, ctx.Err()
			}
			done := some
			if verdict == again {
				if err := g.putOffTraces(ctx, some); err != nil {
					return left, err
				}
				left += len(some)
				continue
			}
			if verdict == refused && bot != nil { // one of them is too old: each by itself
				left += g.eraseOneByOne(ctx, bot, at.chat, some)
			} else if verdict != erased {
				left += len(some)
			}
			if err := g.dropTraces(ctx, done); err != nil {
				return left, err
			}
		}
	}
	return left, nil
}

// erased is the verdict that all went well.
const erased verdict = -1

func (g *Gateway) eraseCall(ctx context.Context, bot *client, chat int64, some []standing) verdict {
	numbers := make([]int, len(some))
	for i, s := range some {
		numbers[i] = int(s.Number)
	}
	calling, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	_, err := bot.api.DeleteMessages(calling, &telegram.DeleteMessagesParams{ChatID: chat, MessageIDs: numbers})
	if err == nil {
		return erased
	}
	v, wait := judge(err)
	if v != refused {
		g.fault(bot, "delete", err)
	}
	if wait > 0 {
		g.cfg.Pause(ctx.Done(), wait)
	}
	return v
}

func (g *Gateway) eraseOneByOne(ctx context.Context, bot *client, chat int64, some []standing) (left int) {
	for _, s := range some {
		calling, cancel := context.WithTimeout(ctx, callWait)
		_, err := bot.api.DeleteMessage(calling, &telegram.DeleteMessageParams{ChatID: chat, MessageID: int(s.Number)})
		cancel()
		if err != nil && !strings.Contains(err.Error(), "not found") { // the person may have deleted it
			left++
		}
	}
	return left
}

func (g *Gateway) dropTraces(ctx context.Context, some []standing) error {
	ctx = context.WithoutCancel(ctx)
	return g.cfg.DB.Update(ctx, func(tx *store.Tx) error {
		for _, s := range some {
			if _, err := tx.DeleteTrace(ctx, s.row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *Gateway) putOffTraces(ctx context.Context, some []standing) error {
	at := g.clock().Add(eraseAgain).UnixMilli()
	return g.cfg.DB.Update(ctx, func(tx *store.Tx) error {
		for _, s := range some {
			if _, err := tx.PutOffTrace(ctx, at, s.row); err != nil {
				return err
			}
		}
		return nil
	})
}
