package telegram

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	telegram "github.com/go-telegram/bot"
	"golang.org/x/sync/errgroup"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// Of several nodes one at a time, the leader, polls, sends and deletes: Telegram
// allows one poll for a bot, and its limits are for a bot and not for a node.
// Webhooks come in at every node.
const (
	settingLeader = "telegram leader"
	leaseFor      = 15 * time.Second
	leaseEvery    = 4 * time.Second
)

// lease says who leads, and until when.
type lease struct {
	Node  string `json:"node"`
	Until int64  `json:"until"` // unix milliseconds
}

// lead leads whenever it can, until ctx ends.
func (g *Gateway) lead(ctx context.Context) error {
	var end func()
	held := time.Time{}
	stop := func() {
		if end != nil {
			end()
			end = nil
		}
	}
	defer func() {
		stop()
		g.release(context.WithoutCancel(ctx))
	}()
	for ctx.Err() == nil {
		mine, err := g.claim(ctx, leaseFor)
		switch {
		case err == nil && mine:
			held = time.Now()
			if end == nil {
				end = g.start(ctx)
			}
		case err == nil, time.Since(held) > leaseFor-2*leaseEvery:
			stop() // somebody else may lead by now
		}
		if err != nil && ctx.Err() == nil {
			g.cfg.Log.Warn("telegram: who leads could not be asked", "kind", hotline.KindOf(err).String())
		}
		g.cfg.Pause(ctx.Done(), leaseEvery)
	}
	return nil
}

// claim takes or keeps the lead, unless another node has it.
func (g *Gateway) claim(ctx context.Context, d time.Duration) (mine bool, err error) {
	// A database that does not answer must not let a node lead beyond its lease.
	ctx, cancel := context.WithTimeout(ctx, leaseEvery)
	defer cancel()
	now := g.clock()
	err = g.cfg.DB.Swap(ctx, settingLeader, func(old []byte) ([]byte, error) {
		var l lease
		if len(old) > 0 && json.Unmarshal(old, &l) != nil {
			l = lease{}
		}
		// A lease that lies further ahead than one can is of a clock that went back.
		free := l.Until <= now.UnixMilli() || l.Until > now.Add(2*leaseFor).UnixMilli()
		if mine = l.Node == g.node || free; !mine {
			return old, nil
		}
		return json.Marshal(lease{g.node, now.Add(d).UnixMilli()})
	})
	return mine, err
}

// release lets another node lead at once.
func (g *Gateway) release(ctx context.Context) {
	if _, err := g.claim(ctx, 0); err != nil {
		g.cfg.Log.Warn("telegram: the lead runs out by itself", "kind", hotline.KindOf(err).String())
	}
}

// start does what the leader does; the function that it returns ends that and
// waits for its end.
func (g *Gateway) start(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() {
		group, ctx := errgroup.WithContext(ctx)
		for _, c := range g.bots {
			group.Go(func() error { g.listen(ctx, c); return nil })
		}
		group.Go(func() error { g.out.run(ctx); return nil })
		group.Go(func() error { g.fetchFiles(ctx); return nil })
		group.Go(func() error { g.erase(ctx); return nil })
		group.Go(func() error { g.tidy(ctx); return nil })
		_ = group.Wait() // none of them fails: they go on until ctx ends
	})
	return func() { cancel(); work.Wait() }
}

// listen introduces a bot, and polls for it where there is no webhook.
func (g *Gateway) listen(ctx context.Context, c *client) {
	for try := time.Second; ctx.Err() == nil; try = min(2*try, time.Minute) {
		err := g.introduce(ctx, c)
		if err == nil {
			break
		}
		g.fault(c, "introduction", err)
		g.cfg.Pause(ctx.Done(), try)
	}
	if g.cfg.Webhook == "" && ctx.Err() == nil {
		g.poll(ctx, c)
	}
}

// introduce asks for the bot's name, says how it wants to hear, and puts the
// truth where people read it before they write.
func (g *Gateway) introduce(ctx context.Context, c *client) error {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	me, err := c.api.GetMe(ctx)
	if err != nil {
		return err
	}
	c.me.Store(me)
	if g.cfg.Webhook == "" {
		_, err = c.api.DeleteWebhook(ctx, &telegram.DeleteWebhookParams{})
	} else {
		_, err = c.api.SetWebhook(ctx, &telegram.SetWebhookParams{
			URL: g.cfg.Webhook + hookPath(c.id), SecretToken: g.hookSecret(c), AllowedUpdates: hears(), MaxConnections: 40,
		})
	}
	if err != nil {
		return err
	}
	g.describe(ctx, c)
	return nil
}

// tidy forgets what is of no use any more.
func (g *Gateway) tidy(ctx context.Context) {
	for ctx.Err() == nil {
		before := int64(hotline.HourOf(g.clock()).Day()) - updateDays
		err := g.cfg.DB.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.DeleteUpdatesBefore(ctx, before); err != nil {
				return err
			}
			_, err := tx.DeleteIdleChats(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			g.cfg.Log.Warn("telegram: what is of no use could not be forgotten", "kind", hotline.KindOf(err).String())
		}
		g.cfg.Pause(ctx.Done(), tidyEvery)
	}
}

const (
	// updateDays is how long the numbers of updates are kept; Telegram keeps an
	// update that nobody has heard for one day.
	updateDays = 2
	tidyEvery  = time.Hour
)
