package wall

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	if f := Run("here", func() {}); f != nil {
		t.Error(f)
	}
	f := Run("here", func() { panic("broken") })
	if f == nil || f.Where != "here" || f.Value != "broken" || !strings.Contains(f.Stack, "wall_test.go") {
		t.Errorf("%+v", f)
	}
	if f = Run("there", func() { var none []int; _ = none[3] }); f == nil || !strings.Contains(f.Error(), `"there"`) {
		t.Error(f)
	}
	if again := Run("elsewhere", func() { panic(f) }); again != f {
		t.Errorf("passed on it is %+v", again)
	}
}
