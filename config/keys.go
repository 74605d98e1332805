package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"zkdeck/internal/yamlerr"
)

// checkKeys reports the first key of a YAML text that v, a struct, has no field
// for, with its line and the keys that may stand there. The decoder finds unknown
// keys too, but cannot say what is known. A key without a value is an error as
// well: an empty "tls:" must not mean "no TLS".
func checkKeys(text []byte, v any) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return yamlerr.AtLine(err)
	}
	if len(file.Docs) > 1 {
		return errors.New(": holds several YAML documents; one is read")
	}
	for _, doc := range file.Docs {
		if err := checkNode(doc.Body, reflect.TypeOf(v), "the settings"); err != nil {
			return err
		}
	}
	return nil
}

// checkNode holds a node against the type that it is decoded into. What is not of
// the right shape is left for the decoder to refuse.
func checkNode(n ast.Node, t reflect.Type, where string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		return checkNode(n.Value, t, where)
	case *ast.MappingNode:
		if t.Kind() != reflect.Struct {
			return nil
		}
		for _, v := range n.Values {
			if err := checkEntry(v, t, where); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		if t.Kind() == reflect.Struct {
			return checkEntry(n, t, where)
		}
	case *ast.SequenceNode:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for i, v := range n.Values {
			if err := checkNode(v, t.Elem(), fmt.Sprintf("%s, entry %d", where, i+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkEntry(n *ast.MappingValueNode, t reflect.Type, where string) error {
	key := n.Key.GetToken()
	known := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		known = append(known, name)
		if name != key.Value {
			continue
		}
		if n.Value == nil || n.Value.Type() == ast.NullType {
			return fmt.Errorf("%s%q has no value; give one, or leave the key out", yamlerr.Line(key), name)
		}
		return checkNode(n.Value, f.Type, name)
	}
	err := fmt.Errorf("%sunknown key %q in %s; known here: %s", yamlerr.Line(key), key.Value, where, strings.Join(known, ", "))
	if t == reflect.TypeFor[Auth]() {
		err = fmt.Errorf("%w (a secret itself never stands in this file)", err)
	}
	return err
}
