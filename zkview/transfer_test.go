package zkview

import (
	"bytes"
	"testing"

	"zkdeck/internal/zktest"
)

func TestExportImportSmoke(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	for _, n := range []struct {
		path string
		data []byte
		o    CreateOptions
	}{
		{"/a", []byte("top"), CreateOptions{}},
		{"/a/null", nil, CreateOptions{}},
		{"/a/empty", []byte{}, CreateOptions{}},
		{"/a/bin", []byte{0xff, 0, 1}, CreateOptions{ACL: []ACL{{PermAll, "digest", "u:0123456789012345678901234567"}, {PermRead, "world", "anyone"}}}},
		{"/a/text", []byte("x\x1b\u202e\ufffd\"\\ü\n"), CreateOptions{Kind: Container}},
		{"/a/text/kid", []byte("x"), CreateOptions{}},
		{"/a/eph", []byte("x"), CreateOptions{Kind: Ephemeral}},
	} {
		must(s.Create(ctx, n.path, n.data, n.o))
	}
	var file bytes.Buffer
	report, err := s.Export(ctx, "/a", &file, ExportOptions{})
	t.Logf("%+v %v\n%s", report, err, file.String())
	plan, err := s.PlanImport(ctx, bytes.NewReader(file.Bytes()), ImportOptions{To: "/x/y/b"})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v\n%v", plan.Summary(), plan.Items(0, 100))
	applied, err := plan.Apply(ctx, nil)
	t.Logf("%+v %v", applied, err)
	plan, err = s.PlanCopy(ctx, "/a", "/x/y/b", CopyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	t.Logf("%+v\n%v", plan.Summary(), plan.Items(0, 100))
}
