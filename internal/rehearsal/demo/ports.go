package demo

import (
	"context"
	"net"
	"strconv"

	"safeconduct/internal/hotline"
)

// listenNear listens on 127.0.0.1 at the port that is liked, or at a free one
// when another program has it. Browsers take "localhost" for ::1 too, so a
// port counts as taken when somebody answers there.
func listenNear(ctx context.Context, liked int) (l net.Listener, taken bool, err error) {
	var lc net.ListenConfig
	six, err := lc.Listen(ctx, "tcp", net.JoinHostPort("::1", strconv.Itoa(liked)))
	if err == nil {
		err = six.Close()
	} else if !inUse(err) {
		err = nil // no IPv6 on this computer
	}
	if err == nil {
		l, err = lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(liked)))
	}
	if err == nil {
		return l, false, nil
	}
	l, err = lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, true, hotline.Errorf(hotline.KindUnavailable, "demo", "no free port: %w", err)
	}
	return l, true, nil
}

func portOf(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}
