package zkview

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

// fileOf writes an export of records.
func fileOf(tb testing.TB, records ...Record) []byte {
	tb.Helper()
	var file bytes.Buffer
	w, err := newExportWriter(&file, ExportHeader{Root: "/a", At: time.Unix(1, 0), ACL: true}, false)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range records {
		if err := w.record(&records[i]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.end(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// readFile reads a file to its end.
func readFile(r io.Reader, edited bool) ([]Record, error) {
	e, err := newExportReader(r, edited)
	if err != nil {
		return nil, err
	}
	var all []Record
	for {
		r, err := e.read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
}

func sampleFile(tb testing.TB) []byte {
	return fileOf(tb,
		Record{Path: "/", Data: []byte("root")},
		Record{Path: "/null"},
		Record{Path: "/ü\"\\", Data: []byte{}, ACL: []ACL{{PermRead | PermAdmin, "digest", "u:x"}}, ACLHidden: true},
		Record{Path: "/bin", Data: []byte{0xff, 0}, Kind: TTL, TTL: time.Second},
		Record{Path: "/e", Data: []byte("\u202e\x1b"), Kind: Ephemeral, Owner: -2},
		Record{Path: "/closed", Unread: "not allowed by the ACL"})
}

func TestRecordsRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := Record{
			Path: "/" + rapid.StringMatching(`[^/]+`).Draw(rt, "name") + string(rapid.SliceOfN(rapid.ByteRange(0x30, 0xff), 1, 5).Draw(rt, "bytes")),
			Data: rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOf(rapid.Byte()), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) })).Draw(rt, "data"),
			Kind: rapid.SampledFrom([]Kind{Persistent, Container, TTL, Ephemeral}).Draw(rt, "kind"),
		}
		switch r.Kind {
		case TTL:
			r.TTL = time.Duration(rapid.Int64Range(1, ttlValueMask).Draw(rt, "ttl")) * time.Millisecond
		case Ephemeral:
			r.Owner = rapid.Int64().Draw(rt, "owner")
		}
		if rapid.Bool().Draw(rt, "acl") {
			r.ACL = []ACL{{Perms(rapid.IntRange(1, 31).Draw(rt, "perms")), "digest", strings.ToValidUTF8(rapid.String().Draw(rt, "id"), "?")}}
		}
		line := appendRecord(nil, &r, false)
		if bytes.IndexByte(line, '\n') != len(line)-1 || bytes.ContainsAny(line, "\x1b\u009b\u202e\x7f\x00") {
			rt.Fatalf("the line is %q", line)
		}
		got, end, err := parseRecord(line)
		if err != nil || end != nil || string(appendRecord(nil, &got, false)) != string(line) || got.Path != r.Path || !sameData(got.Data, r.Data) {
			rt.Fatalf("%+v became %+v, %v\n%s", r, got, err, line)
		}
	})
}

// TestFileIsCutAnywhere cuts a file at every byte: it is never taken for whole.
func TestFileIsCutAnywhere(t *testing.T) {
	file := sampleFile(t)
	for n := range len(file) - 1 { // the last line break may be missing
		_, err := readFile(iotest.HalfReader(bytes.NewReader(file[:n])), true)
		if err == nil {
			t.Fatalf("cut at %d of %d bytes it reads as whole", n, len(file))
		}
		if header := bytes.IndexByte(file, '\n'); n > header && !errors.Is(err, ErrFileCut) {
			t.Errorf("cut at %d: %v", n, err)
		} else if n <= header-1 && !errors.Is(err, ErrNotExport) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if all, err := readFile(bytes.NewReader(file), false); err != nil || len(all) != 6 {
		t.Errorf("%d records, %v", len(all), err)
	}
}

// TestFileIsEditedAnywhere changes every byte: none is read as before, unless the
// change says nothing.
func TestFileIsEditedAnywhere(t *testing.T) {
	file := sampleFile(t)
	trailer := bytes.LastIndex(file, []byte(`{"end"`))
	for n := range trailer {
		edited := bytes.Clone(file)
		edited[n] ^= 1
		if _, err := readFile(bytes.NewReader(edited), false); err == nil {
			t.Errorf("byte %d changed from %q to %q goes unseen", n, file[n], edited[n])
		}
		_, _ = readFile(bytes.NewReader(edited), true) // whatever it is, nothing panics
	}
}

func TestFileErrors(t *testing.T) {
	head := `{"zkdeck":"export","version":1,"root":"/a","acl":true}` + "\n"
	for name, c := range map[string]struct {
		file string
		want error
		says string
	}{
		"empty":          {"", ErrNotExport, "it is empty"},
		"foreign":        {"PK\x03\x04 zip\n", ErrNotExport, "should begin with"},
		"other json":     {`{"path":"/"}` + "\n", ErrNotExport, ""},
		"newer":          {`{"zkdeck":"export","version":7}` + "\n", ErrNewerExport, "version 7"},
		"version 0":      {`{"zkdeck":"export"}` + "\n", ErrNotExport, "version 0"},
		"header only":    {head, ErrFileCut, "after 1 lines"},
		"not json":       {head + "hello\nx\n", errBadLine, "line 2 (byte 55)"},
		"no path":        {head + `{"data":"x"}` + "\nx\n", errBadLine, "either path or path64"},
		"bad path":       {head + `{"path":"/a//b"}` + "\nx\n", errBadLine, "not a path"},
		"relative path":  {head + `{"path":"a"}` + "\nx\n", errBadLine, "begin with /"},
		"two datas":      {head + `{"path":"/","data":"x","data64":""}` + "\nx\n", errBadLine, "both"},
		"bad base64":     {head + `{"path":"/","data64":"!"}` + "\nx\n", errBadLine, "data64"},
		"bad mode":       {head + `{"path":"/","mode":"sequential"}` + "\nx\n", errBadLine, "sequential"},
		"bad ttl":        {head + `{"path":"/","mode":"ttl"}` + "\nx\n", errBadLine, "ttl"},
		"bad perms":      {head + `{"path":"/","acl":[{"perms":"rwx","scheme":"world","id":"anyone"}]}` + "\nx\n", errBadLine, "rwx"},
		"empty acl":      {head + `{"path":"/","acl":[]}` + "\nx\n", errBadLine, "acl is empty"},
		"not UTF-8":      {head + "{\"path\":\"/\",\"data\":\"\xff\"}\nx\n", errBadLine, "UTF-8"},
		"half surrogate": {head + `{"path":"/","data":"\ud83d"}` + "\nx\n", errBadLine, "surrogate"},
		"two exports":    {head + head, errBadLine, "a second header"},
		"after the end":  {head + `{"end":{"znodes":0}}` + "\n" + `{"path":"/"}` + "\n", ErrFileEdited, "follows"},
		"wrong count":    {head + `{"path":"/"}` + "\n" + `{"end":{"znodes":2}}`, ErrFileEdited, "1 znodes in it"},
		"wrong sum":      {head + `{"path":"/"}` + "\n" + `{"end":{"znodes":1,"sha256":"00"}}`, ErrFileEdited, "checksum"},
		"bad end":        {head + `{"end":[]}`, errBadLine, "last line"},
		"long line":      {head + `{"path":"/","data":"` + strings.Repeat("x", maxLine) + `"}`, errBadLine, "longer than 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readFile(strings.NewReader(c.file), false)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\nwant %v with %q", err, c.want, c.says)
			}
		})
	}
	if all, err := readFile(strings.NewReader(head+"{\"path\":\"/\"}\r\n"+`{"end":{"znodes":1}}`), false); err != nil || len(all) != 1 {
		t.Errorf("with Windows' line breaks: %v, %v", all, err)
	}
}

func FuzzReadExport(f *testing.F) {
	f.Add(sampleFile(f))
	f.Add([]byte(`{"zkdeck":"export","version":1}` + "\n" + `{"path64":"Lw==","acl":null,"seen":[1]}` + "\n" + `{"end":{}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, edited := range []bool{false, true} {
			records, err := readFile(bytes.NewReader(file), edited)
			if err != nil {
				continue
			}
			for i := range records {
				line := appendRecord(nil, &records[i], true)
				if again, _, err := parseRecord(line); err != nil || again.Path != records[i].Path || !sameData(again.Data, records[i].Data) {
					t.Fatalf("%+v became %+v, %v", records[i], again, err)
				}
			}
		}
	})
}
