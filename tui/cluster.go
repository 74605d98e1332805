package tui

import (
	"context"

	"zkdeck/zkview"
)

// cluster is what the screen asks of a session. Every call may block until its
// context ends and is made in a tea.Cmd.
type cluster interface {
	Get(ctx context.Context, path string) ([]byte, zkview.Stat, error)
	Stat(ctx context.Context, path string) (zkview.Stat, error)
	Children(ctx context.Context, path string) ([]string, zkview.Stat, error)
	ACL(ctx context.Context, path string) ([]zkview.ACL, zkview.Stat, error)

	Create(ctx context.Context, path string, data []byte, o zkview.CreateOptions) (string, error)
	EnsureParents(ctx context.Context, path string, acl []zkview.ACL) error
	Set(ctx context.Context, path string, data []byte, version int32) (zkview.Stat, error)
	Delete(ctx context.Context, path string, version int32) error
	DeleteMany(ctx context.Context, nodes []zkview.PathVersion) error

	Status() zkview.Status
}

var _ cluster = (*zkview.Session)(nil)
