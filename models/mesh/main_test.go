package mesh

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite the golden pictures")
	flag.Parse()
	os.Exit(m.Run())
}
