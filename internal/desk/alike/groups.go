package alike

import "slices"

const (
	// Shortest is how many letters a text has at least to be grouped at all.
	// Many people write "I want to surrender" and its like in the same words.
	Shortest = 60
	// enough is the likeness above which two texts say nearly the same. Figures
	// for floods and for honest messages are in docs/benchmarks.md.
	enough = 0.55
	// related is the likeness that a member has to the first example.
	related = 0.35
	// examples is how many members of a group others are compared with.
	examples = 16
	// meetings is how many examples one place of the tables holds, and so
	// bounds the work for one text whatever is written.
	meetings = 8
	// mostExamples bounds the memory: about 2 KB each.
	mostExamples = 65536
)

// Groups puts texts into groups. K names a text. The zero value is not
// usable; it is not safe for several goroutines.
type Groups[K comparable] struct {
	hasher  hasher
	tables  map[uint64][]*example
	members map[K]*Group
	kept    int // examples of all groups
	last    int64
}

// Group is one or more texts that say nearly the same. Its number is never
// given again.
type Group struct {
	Number   int64
	Size     int
	examples []*example
}

// example is a member, or was one: a group goes on when it leaves.
type example struct {
	mark
	of *Group
}

// New returns no groups.
func New[K comparable]() *Groups[K] {
	return &Groups[K]{hasher: newHasher(), tables: map[uint64][]*example{}, members: map[K]*Group{}}
}

// Of returns the group of k, nil when it is in none.
func (g *Groups[K]) Of(k K) *Group { return g.members[k] }

// Add puts k, which must not be in it, into the group of its text. A text that
// is too short stays alone and costs nothing.
func (g *Groups[K]) Add(k K, text string) {
	plain := Normal(text)
	if lettersOf(plain) < Shortest {
		return
	}
	p := g.hasher.markOf(plain)
	group, best := g.nearest(p)
	if group == nil {
		if g.kept >= mostExamples {
			return // shown alone: nobody is hidden for want of memory
		}
		g.last++
		group = &Group{Number: g.last}
	}
	if len(group.examples) == 0 || (best < (1+enough)/2 && len(group.examples) < examples && g.kept < mostExamples) {
		g.index(&example{mark: p, of: group})
	}
	group.Size++
	g.members[k] = group
}

// Remove takes k out of its group.
func (g *Groups[K]) Remove(k K) {
	group := g.members[k]
	if group == nil {
		return
	}
	delete(g.members, k)
	if group.Size--; group.Size > 0 {
		return
	}
	for _, e := range group.examples {
		g.forget(e)
	}
}

// nearest returns the group that a text belongs to and its likeness to the
// nearest example, or nil.
func (g *Groups[K]) nearest(p mark) (*Group, float64) {
	var group *Group
	best := enough
	seen := make(map[*example]bool, meetings)
	for _, key := range p.bands {
		for _, e := range g.tables[key] {
			if seen[e] {
				continue
			}
			seen[e] = true
			if l := likeness(p, e.mark); l >= best && (e == e.of.examples[0] || likeness(p, e.of.examples[0].mark) >= related) {
				group, best = e.of, l
			}
		}
	}
	return group, best
}

func (g *Groups[K]) index(e *example) {
	e.of.examples = append(e.of.examples, e)
	g.kept++
	for _, key := range e.bands {
		if at := g.tables[key]; len(at) < meetings {
			g.tables[key] = append(at, e)
		}
	}
}

func (g *Groups[K]) forget(e *example) {
	g.kept--
	for _, key := range e.bands {
		at := slices.DeleteFunc(g.tables[key], func(o *example) bool { return o == e })
		if len(at) == 0 {
			delete(g.tables, key)
		} else {
			g.tables[key] = at
		}
	}
}
