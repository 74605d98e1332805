package zkview

import (
	"context"
	"slices"
	"testing"

	"zkdeck/internal/zktest"
)

func TestFeaturesByVersion(t *testing.T) {
	for _, tc := range []struct {
		product, version string
		f                feature
		want             bool
	}{
		{"Zookeeper", "3.4.14", featureRemoveWatches, false},
		{"Zookeeper", "", featureRemoveWatches, false},
		{"Zookeeper", "nonsense", featureRemoveWatches, false},
		{"Zookeeper", "3.5.0", featureRemoveWatches, true},
		{"Zookeeper", "4.0", featureRemoveWatches, true},
		{"Zookeeper", "3.5.9", featureMultiRead, false},
		{"ZooKeeper", "3.6.0", featureMultiRead, true},
		{"Zookeeper", "3.10.1", featureAddWatch, true},
		{"Zookeeper", "3.6.4", featureWhoAmI, false},
		{"Zookeeper", "3.7.0", featureWhoAmI, true},
		{"ClickHouse Keeper", "23.3.1", featureAddWatch, false},
	} {
		if got := knows(tc.product, tc.version, tc.f); got != tc.want {
			t.Errorf("%s %s, feature %d: %v", tc.product, tc.version, tc.f, got)
		}
	}
}

func TestOwnRequests(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	s := openTest(t, Config{
		Servers: zktest.Shared(t) + root, Auth: []Auth{{"digest", []byte("ann:secret")}},
	})
	for f := range features {
		if ok, err := s.can(ctx, f); !ok || err != nil {
			t.Fatalf("feature %d: %v %v", f, ok, err)
		}
	}
	ids, err := s.WhoAmI(ctx)
	wantErr(t, err, nil)
	if !slices.Contains(ids, Identity{"digest", "ann"}) || !slices.Contains(ids, Identity{"ip", "127.0.0.1"}) {
		t.Errorf("who am I: %v", ids)
	}
	must(s.Create(ctx, "/a", nil, CreateOptions{}))
	must(s.Create(ctx, "/a/b", nil, CreateOptions{}))
	must(s.Create(ctx, "/a/e", nil, CreateOptions{Kind: Ephemeral}))
	if n, err := s.CountDescendants(ctx, "/a"); n != 2 || err != nil {
		t.Errorf("%d below /a, %v", n, err)
	}
	paths, err := s.Ephemerals(ctx, "/")
	wantErr(t, err, nil)
	if !slices.Equal(paths, []string{"/a/e"}) {
		t.Errorf("ephemerals: %q", paths)
	}
	_, err = s.CountDescendants(ctx, "a")
	wantErr(t, err, ErrBadPath)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = s.WhoAmI(ended)
	wantErr(t, err, context.Canceled)
}
