package server

import (
	"context"
	"strings"

	"safeconduct/internal/hotline"
)

// Public is the marker of open routes.
const Public = public

// RouteInfo is a row of the table of routes.
type RouteInfo struct {
	Pattern string
	Action  hotline.Action
	Body    bool // takes one
}

// About is what the route's address names.
func (r RouteInfo) About() hotline.About {
	switch {
	case strings.Contains(r.Pattern, "/cases/{id}"):
		return hotline.AboutCase
	case strings.Contains(r.Pattern, "{team}"):
		return hotline.AboutTeam
	}
	return hotline.AboutHouse
}

// Routes returns the table.
func Routes() []RouteInfo {
	var out []RouteInfo
	for _, rt := range routes() {
		out = append(out, RouteInfo{rt.pattern, rt.action, rt.body != noBody})
	}
	return out
}

// ForgetMarks does at once what the background does now and then.
func ForgetMarks(ctx context.Context, s *Server) error { return s.forgetMarks(ctx) }

// CheckRoutes checks a table of which the rows are spoilt.
func CheckRoutes(spoil func(pattern *string, action *hotline.Action) (drop bool)) error {
	var table []route
	for _, rt := range routes() {
		if !spoil(&rt.pattern, &rt.action) {
			table = append(table, rt)
		}
	}
	return checkRoutes(table)
}

// Turn asks for the turn of the job that lets go.
func (s *Server) Turn(ctx context.Context) (bool, error) { return s.turn(ctx) }

// ExpireProposals marks what is over, as Run does every minute.
func (s *Server) ExpireProposals(ctx context.Context) error { return s.expireProposals(ctx) }
