package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"zkdeck/config"
)

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if lines, err := config.ReadHistory(path); lines != nil || err != nil {
		t.Errorf("without a file: %q, %v", lines, err)
	}
	if err := config.WriteHistory(path, []string{"/kafka", "", "two\nlines", "sort ctime"}); err != nil {
		t.Fatal(err)
	}
	if lines, err := config.ReadHistory(path); !reflect.DeepEqual(lines, []string{"/kafka", "sort ctime"}) || err != nil {
		t.Errorf("read %q, %v", lines, err)
	}
	many := make([]string, 1200)
	for i := range many {
		many[i] = fmt.Sprint("line ", i)
	}
	if err := config.WriteHistory(path, many); err != nil {
		t.Fatal(err)
	}
	if lines, err := config.ReadHistory(path); len(lines) != 1000 || lines[999] != "line 1199" || err != nil {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); len(entries) != 1 || err != nil {
		t.Errorf("left beside the history: %v, %v", entries, err)
	}
	if err := config.WriteHistory(filepath.Join(path, "x"), nil); err == nil {
		t.Error("written into a file as if it were a folder")
	}
}
