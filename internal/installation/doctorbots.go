package installation

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// bots looks at the file of bots. It asks nobody outside, so what the bots are
// called it does not know.
func (d *doctor) bots() {
	if _, err := os.Lstat(filepath.Join(d.in.Dir, secretDir, botsFile)); errors.Is(err, fs.ErrNotExist) {
		return // no such door
	}
	bots, err := d.in.Bots()
	switch {
	case err != nil:
		d.fail("bots", err.Error(), "put the file secret/telegram right; until then the server does not start")
	case len(bots) == 0:
		d.warn("bots", "the file of bots lists none: there is no door in Telegram", "write a line for each bot into secret/telegram, or remove the file")
	default:
		d.ok("bots", fmt.Sprintf("%d in the file of bots", len(bots)))
	}
}

// addresses looks whether people can compare a bot with the list of the authority.
func (d *doctor) addresses(m seal.Manifest) {
	bots, err := d.in.Bots()
	if err != nil || len(bots) == 0 {
		return // bots has said it
	}
	listed := 0
	for _, a := range m.Channels {
		if a.Channel == hotline.ChannelTelegram {
			listed++
		}
	}
	if listed == 0 {
		d.warn("addresses", "the official addresses name no bot: people who compare take ours for forged ones",
			"add the bots' names at an administrator's desk, on the page Addresses; where there are two, both sign")
		return
	}
	d.ok("addresses", fmt.Sprintf("the official addresses name %d in Telegram; compare them with the bots by eye", listed))
}
