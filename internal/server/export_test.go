package server

import "safeconduct/internal/hotline"

// Public is the marker of open routes.
const Public = public

// RouteInfo is a row of the table of routes.
type RouteInfo struct {
	Pattern string
	Action  hotline.Action
}

// Routes returns the table.
func Routes() []RouteInfo {
	var out []RouteInfo
	for _, rt := range routes() {
		out = append(out, RouteInfo{rt.pattern, rt.action})
	}
	return out
}
