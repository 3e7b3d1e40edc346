package ui

import (
	"fmt"
	"time"

	"safeconduct/internal/hotline"
)

// waited says how long somebody has waited, roughly: what counts is the order
// of size.
func waited(t *texts, d time.Duration) string {
	switch {
	case d < time.Minute:
		return t.Times.Now
	case d < time.Hour:
		return fmt.Sprintf(t.Times.Minutes, int(d/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf(t.Times.Hours, int(d/time.Hour))
	}
	return fmt.Sprintf(t.Times.Days, int(d/(24*time.Hour)))
}

// hour shows the hour of a record in local time; records know no minutes.
func (u *UI) hour(t *texts, h hotline.Hour) string {
	at, now := h.Time().In(u.location), u.clock.Now().In(u.location)
	switch {
	case at.YearDay() == now.YearDay() && at.Year() == now.Year():
		return fmt.Sprintf(t.Times.TodayHour, at.Hour())
	case at.Year() == now.Year():
		return fmt.Sprintf(t.Times.DayHour, at.Day(), int(at.Month()), at.Hour())
	}
	return fmt.Sprintf(t.Times.YearHour, at.Day(), int(at.Month()), at.Year(), at.Hour())
}

// moment shows a time of this computer to the minute.
func (u *UI) moment(t *texts, at time.Time) string {
	at, now := at.In(u.location), u.clock.Now().In(u.location)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return fmt.Sprintf(t.Times.Day, at.Day(), int(at.Month()), at.Format("15:04"))
}
