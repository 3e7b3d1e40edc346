package seal

import (
	"fmt"
	"strings"

	"safeconduct/internal/hotline"
)

// Recovery is the key R and its n sheets of which k together open it.
type Recovery struct {
	Key    Identity
	Sheets []Identity        // one per holder, to be printed and then forgotten
	Parts  map[string][]byte // file name → R sealed to k sheets, one inside the other
}

// NewRecovery makes R and its sheets (2 ≤ k ≤ n ≤ 7). For each choice of k
// sheets R is kept as nested age files: the outermost opens with the sheet of
// the lowest number, so that the stock age program joins them one by one.
func NewRecovery(k, n int) (Recovery, error) {
	if k < 2 || n < k || n > 7 {
		return Recovery{}, hotline.Errorf(hotline.KindInvalid, "recovery", "2 ≤ k ≤ n ≤ 7 sheets, not %d of %d", k, n)
	}
	key, err := NewIdentity()
	if err != nil {
		return Recovery{}, err
	}
	r := Recovery{Key: key, Parts: map[string][]byte{}}
	for range n {
		sheet, err := NewIdentity()
		if err != nil {
			return Recovery{}, err
		}
		r.Sheets = append(r.Sheets, sheet)
	}
	for _, choice := range choices(k, n) {
		part := []byte(key.Secret() + "\n")
		for i := len(choice) - 1; i >= 0; i-- {
			if part, err = Encrypt(r.Sheets[choice[i]-1].Recipient(), part); err != nil {
				return Recovery{}, err
			}
		}
		r.Parts[partName(choice)] = part
	}
	return r, nil
}

// JoinSheets opens a part with its sheets in rising order of their numbers.
func JoinSheets(part []byte, sheets ...Identity) (Identity, error) {
	var err error
	for _, s := range sheets {
		if part, err = Decrypt(s, part); err != nil {
			return Identity{}, err
		}
	}
	return ParseIdentity(strings.TrimSuffix(string(part), "\n"))
}

func partName(sheets []int) string {
	name := "recovery"
	for _, s := range sheets {
		name += fmt.Sprintf("-%d", s)
	}
	return name + ".age"
}

// choices returns all subsets of {1…n} with k members, each in rising order.
func choices(k, n int) [][]int {
	if k == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for last := k; last <= n; last++ {
		for _, head := range choices(k-1, last-1) {
			out = append(out, append(append([]int{}, head...), last))
		}
	}
	return out
}
