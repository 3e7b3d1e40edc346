package main

import (
	"context"
	"strings"
	"time"

	"safeconduct/internal/rehearsal/demo"
)

func runDemo(ctx context.Context, args []string, getenv func(string) string, std streams) error {
	fs := flags("demo", "play the whole thing on this computer: a server, a desk, some conversations", std)
	o := demo.Options{In: std.in, Out: std.out, Clock: time.Now}
	fs.StringVar(&o.Dir, "data", "", "folder for the authority, kept at the end; without it a new one that is deleted at the end")
	fs.BoolVar(&o.Keep, "keep", false, "keep the folder in any case")
	fs.IntVar(&o.PublicPort, "public", 8080, "port of the contact page; another one is taken when this is not free")
	fs.IntVar(&o.DeskPort, "desk", 8090, "port of the desk; another one is taken when this is not free")
	fs.IntVar(&o.PhonePort, "phone", 8100, "port of the simulated telephone; another one is taken when this is not free")
	fs.StringVar(&o.Language, "language", pageLanguage(getenv), "of the desk's pages: uk, ru or en")
	verbose := fs.Bool("verbose", false, "log what server and desk log")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *verbose {
		o.Log = logger(std, true)
	}
	return demo.Run(ctx, o)
}

// pageLanguage is the language of this computer where the pages have it, and
// English otherwise.
func pageLanguage(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			for _, known := range []string{"uk", "ru"} {
				if v == known || strings.HasPrefix(v, known+"_") {
					return known
				}
			}
			return "en"
		}
	}
	return "en"
}
