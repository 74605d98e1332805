package zkview

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"
	"unicode/utf8"
)

// The format of an export, version 1: JSON lines in UTF-8, each an object.
//
// The first line is the header:
//
//	{"zkdeck":"export","version":1,"root":"/a","at":"2026-01-02T03:04:05Z","servers":"zk-1:2181","acl":true,"ephemerals":false}
//
// acl tells whether ACLs were read; ephemerals whether ephemeral znodes are in it.
// Then comes a line a znode, parents before their children:
//
//	path     relative to root, which is "/" itself; path64 where it is not UTF-8
//	data     text, or null; data64 where it is not UTF-8
//	mode     container, ttl (with ttl in milliseconds) or ephemeral (with owner, its
//	         session); persistent where it is missing
//	acl      a list of perms, scheme and id; world:anyone:cdrwa where it is missing
//	masked   true where the server did not show the whole acl
//	unread   why the znode could not be read; then nothing else is known of it
//
// The last line is the trailer: the number of lines between it and the header, and
// the SHA-256 of everything before it:
//
//	{"end":{"znodes":3,"unread":0,"left_out":1,"bytes":12,"sha256":"…"}}
const (
	formatName    = "export"
	formatVersion = 1
	// maxLine bounds what one line of a file may make us hold: the data of 1 MiB that
	// a server takes by default is 6 MiB of JSON at worst.
	maxLine = 16 << 20
)

// The ways in which a file is not what it should be, to be tested with errors.Is.
var (
	ErrNotExport   = errors.New("this is not an export of zkdeck")
	ErrNewerExport = errors.New("this export was made by a newer zkdeck")
	ErrFileCut     = errors.New("the export is not whole: it ends before its last line")
	ErrFileEdited  = errors.New("the export was changed after it was written")
)

// ExportHeader is the first line of an export.
type ExportHeader struct {
	Root       string
	At         time.Time
	Servers    string
	ACL        bool // ACLs are in it
	Ephemerals bool // ephemerals are in it
}

// ExportTrailer is the last line of an export.
type ExportTrailer struct {
	Znodes  int64  `json:"znodes"`
	Unread  int64  `json:"unread"`
	LeftOut int64  `json:"left_out"` // ephemerals
	Bytes   int64  `json:"bytes"`    // of data
	SHA256  string `json:"sha256,omitempty"`
}

// FileError says where an export file is wrong, and how.
type FileError struct {
	Line   int64 // from 1
	Offset int64 // of the line's first byte
	Err    error
}

// Error is "line 3 (byte 120): …".
func (e *FileError) Error() string {
	return fmt.Sprintf("line %d (byte %d): %v", e.Line, e.Offset, e.Err)
}

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// headerLine is the header as it is written.
type headerLine struct {
	Zkdeck     string    `json:"zkdeck"`
	Version    int       `json:"version"`
	Root       string    `json:"root"`
	At         time.Time `json:"at"`
	Servers    string    `json:"servers"`
	ACL        bool      `json:"acl"`
	Ephemerals bool      `json:"ephemerals"`
}

// exportWriter writes an export.
type exportWriter struct {
	w       *bufio.Writer
	sum     hash.Hash
	line    []byte
	seen    bool // with the states that a copy needs
	trailer ExportTrailer
}

func newExportWriter(w io.Writer, h ExportHeader, seen bool) (*exportWriter, error) {
	e := &exportWriter{sum: sha256.New(), seen: seen}
	e.w = bufio.NewWriterSize(w, 256<<10)
	line, err := json.Marshal(headerLine{formatName, formatVersion, h.Root, h.At.UTC().Truncate(time.Second), h.Servers, h.ACL, h.Ephemerals})
	if err != nil {
		return nil, fmt.Errorf("writing the header: %w", err)
	}
	return e, e.put(append(line, '\n'))
}

func (e *exportWriter) put(line []byte) error {
	e.sum.Write(line)
	if _, err := e.w.Write(line); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

func (e *exportWriter) record(r *Record) error {
	if cap(e.line) > 1<<20 {
		e.line = nil
	}
	e.line = appendRecord(e.line[:0], r, e.seen)
	e.trailer.Znodes++
	e.trailer.Bytes += int64(len(r.Data))
	if r.Unread != "" {
		e.trailer.Unread++
	}
	return e.put(e.line)
}

// end writes the trailer and flushes.
func (e *exportWriter) end() error {
	e.trailer.SHA256 = hex.EncodeToString(e.sum.Sum(nil))
	line, err := json.Marshal(map[string]ExportTrailer{"end": e.trailer})
	if err == nil {
		_, err = e.w.Write(append(line, '\n'))
	}
	if err == nil {
		err = e.w.Flush()
	}
	if err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// exportReader reads an export line by line. It holds one line at a time.
type exportReader struct {
	Header  ExportHeader
	Trailer ExportTrailer // after the last record

	r      *bufio.Reader
	sum    hash.Hash
	edited bool // a file that was changed on purpose is taken
	buf    []byte
	at     FileError // the line in hand
	next   int64     // offset of the line after
	count  int64
}

// newExportReader reads the header. With edited, counts and checksum of the
// trailer need not be right.
func newExportReader(r io.Reader, edited bool) (*exportReader, error) {
	e := &exportReader{r: bufio.NewReaderSize(r, 256<<10), sum: sha256.New(), edited: edited}
	line, err := e.readLine()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it is empty", ErrNotExport)
	}
	if err != nil {
		return nil, err
	}
	var h headerLine
	if err := json.Unmarshal(line, &h); err != nil || h.Zkdeck != formatName {
		return nil, fmt.Errorf("%w: its first line is %q, and should begin with {\"zkdeck\":\"export\"", ErrNotExport, firstOf(string(line)))
	}
	if h.Version > formatVersion {
		return nil, fmt.Errorf("%w: its format has version %d, and this zkdeck reads up to %d", ErrNewerExport, h.Version, formatVersion)
	}
	if h.Version < 1 {
		return nil, fmt.Errorf("%w: version %d of the format does not exist", ErrNotExport, h.Version)
	}
	e.Header = ExportHeader{h.Root, h.At, h.Servers, h.ACL, h.Ephemerals}
	e.sum.Write(e.buf)
	return e, nil
}

// wrong makes the error for the line in hand.
func (e *exportReader) wrong(err error) error {
	return &FileError{e.at.Line, e.at.Offset, err}
}

// readLine reads the next line into e.buf, and returns it without its line break.
// io.EOF is returned where there is none.
func (e *exportReader) readLine() ([]byte, error) {
	e.at.Line++
	e.at.Offset = e.next
	if cap(e.buf) > 1<<20 {
		e.buf = nil
	}
	e.buf = e.buf[:0]
	for {
		piece, err := e.r.ReadSlice('\n')
		if len(e.buf)+len(piece) > maxLine {
			return nil, e.wrong(fmt.Errorf("%w: longer than %d MiB", errBadLine, maxLine>>20))
		}
		e.buf = append(e.buf, piece...)
		switch {
		case err == nil:
			e.next += int64(len(e.buf))
			return bytes.TrimRight(e.buf, "\r\n"), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(e.buf) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF): // without a line break; the trailer may have lost it
			e.next += int64(len(e.buf))
			return e.buf, nil
		default:
			return nil, fmt.Errorf("reading the export: %w", err)
		}
	}
}

// read returns the next record, and io.EOF after a trailer that is right.
func (e *exportReader) read() (Record, error) {
	line, err := e.readLine()
	if errors.Is(err, io.EOF) {
		return Record{}, fmt.Errorf("after %d lines, at byte %d: %w; export again, or get the whole file", e.at.Line-1, e.at.Offset, ErrFileCut)
	}
	if err != nil {
		return Record{}, err
	}
	r, end, err := e.parse(line)
	if err != nil {
		return Record{}, err
	}
	if end != nil {
		return Record{}, e.finish(end)
	}
	e.sum.Write(e.buf)
	e.count++
	return r, nil
}

// parse reads one line as a record or the trailer.
func (e *exportReader) parse(line []byte) (Record, json.RawMessage, error) {
	if !utf8.Valid(line) {
		return Record{}, nil, e.cutOr(fmt.Errorf("%w: it is not UTF-8; save the file as UTF-8", errBadLine))
	}
	r, end, err := parseRecord(line)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return r, end, nil
	case bytes.HasPrefix(line, []byte(`{"zkdeck"`)):
		err = fmt.Errorf("%w: a second header; were two exports put together? Import each by itself", errBadLine)
	case errors.As(err, &syntax):
		return r, nil, e.cutOr(err)
	}
	return r, nil, e.wrong(err)
}

// cutOr is the error for a line that makes no sense: the last one of a file was cut,
// any other is wrong.
func (e *exportReader) cutOr(err error) error {
	if _, more := e.r.Peek(1); errors.Is(more, io.EOF) {
		err = fmt.Errorf("%w, in the middle of a line; export again, or get the whole file", ErrFileCut)
	}
	return e.wrong(err)
}

// finish checks the trailer against what was read; io.EOF says that all is well.
func (e *exportReader) finish(end json.RawMessage) error {
	if err := json.Unmarshal(end, &e.Trailer); err != nil {
		return e.wrong(fmt.Errorf("%w: its last line: %w", errBadLine, err))
	}
	if _, err := e.r.Peek(1); !errors.Is(err, io.EOF) {
		if err != nil {
			return fmt.Errorf("reading the export: %w", err)
		}
		return e.wrong(fmt.Errorf("%w: something follows the last line", ErrFileEdited))
	}
	if e.edited {
		return io.EOF
	}
	if e.Trailer.Znodes != e.count {
		return e.wrong(fmt.Errorf("%w: there are %d znodes in it, and its last line says %d", ErrFileEdited, e.count, e.Trailer.Znodes))
	}
	if got := hex.EncodeToString(e.sum.Sum(nil)); e.Trailer.SHA256 != "" && e.Trailer.SHA256 != got {
		return e.wrong(fmt.Errorf("%w: its checksum is %s, and its last line says %s", ErrFileEdited, got, cut(e.Trailer.SHA256)))
	}
	return io.EOF
}
