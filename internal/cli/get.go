package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"zkdeck/internal/safetext"
)

// getFlags are the flags of `zkdeck get`.
type getFlags struct {
	file string
	json bool
}

func getCommand(f *flags) *cobra.Command {
	var o getFlags
	cmd := &cobra.Command{
		Use:   "get PATH",
		Short: "Print the data of a znode",
		Long: "Print the data of a znode: its bytes, no more and no less. Only to a terminal it is text,\n" +
			"with what a terminal would act upon shown as an escape.\n\n" +
			"The exit code is 1 if there is no such znode and 2 for an error.",
		Example: `zkdeck get /config/app.json | jq .
zkdeck get /brokers/ids/1 --json
zkdeck get /hbase/master -o master.bin`,
		Args:              pathArgs(1, 1),
		ValidArgsFunction: f.completePath,
	}
	get := f.reading(func(ctx context.Context, j *job, args []string) error { return j.get(ctx, args[0], o) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := alone(cmd, "output", "json"); err != nil {
			return err
		}
		return get(cmd, args)
	}
	fs := cmd.Flags()
	fs.StringVarP(&o.file, "output", "o", "", "write to this file, which others cannot read if it is new")
	fs.BoolVar(&o.json, "json", false, "print a JSON object with the Stat, and the data as text or base64")
	return cmd
}

// dataJSON is a znode with its data, of which one of Text and Base64 is there.
type dataJSON struct {
	Path string `json:"path"`
	*statJSON
	Text   *string `json:"text,omitempty"`
	Base64 *string `json:"base64,omitempty"`
}

func (j *job) get(ctx context.Context, path string, o getFlags) error {
	data, stat, err := j.session.Get(ctx, path)
	if err != nil {
		return absent(path, err)
	}
	switch {
	case o.json:
		v := dataJSON{Path: path, statJSON: jsonOf(stat)}
		text := string(data)
		if utf8.ValidString(text) {
			v.Text = &text
		} else {
			text = base64.StdEncoding.EncodeToString(data)
			v.Base64 = &text
		}
		return j.line(v)
	case o.file != "":
		if err := os.WriteFile(o.file, data, 0o600); err != nil {
			return fmt.Errorf("the data of %s was read, but not written: %w", safetext.Clean(path), err)
		}
		return nil
	case j.outIsTerminal:
		return j.showData(string(data))
	default:
		_, err := j.out.Write(data)
		return err
	}
}

// showData prints data for a person.
func (j *job) showData(data string) error {
	text := safetext.CleanBlock(data)
	if _, err := j.out.WriteString(text); err != nil {
		return err
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		_ = j.out.WriteByte('\n')
	}
	if err := j.flush(); err != nil {
		return err
	}
	if text != data {
		j.warn("some characters are shown as escapes or blanks; a pipe or -o FILE gets the bytes as they are")
	}
	return nil
}
