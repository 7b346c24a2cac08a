package cluster

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	writeEvery  = 2 * time.Second
	writeRest   = 200 * time.Millisecond // between writes because something changed
	answerIn    = 2 * time.Second        // NATS, to anything
	deafAfter   = 3 * writeEvery         // without hearing what was written
	nodesBucket = "gioconda-nodes"
	tokenBucket = "gioconda-tokens"
)

// link is a connection to NATS.
type link struct {
	n  *Node
	nc *nats.Conn
}

// CheckURL reports why NATS cannot be at a URL.
func CheckURL(addresses string) error {
	for one := range strings.SplitSeq(addresses, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil {
			return errors.New("the URL of NATS cannot be read; write nats://HOST:4222") // it may hold a password
		}
		switch u.Scheme {
		case "nats", "tls", "ws", "wss":
		default:
			return fmt.Errorf("%q is no scheme of NATS; write nats://HOST:4222, or tls://HOST:4222", u.Scheme)
		}
		if u.Hostname() == "" {
			return errors.New("the URL of NATS names no host; write nats://HOST:4222")
		}
	}
	return nil
}

// Password is what nodes show to a NATS server that this program runs itself, and to others whose URL holds none.
func Password(secret string) string { return hex.EncodeToString(derive(secret, "nats")) }

// dial begins to connect, and goes on by itself until the connection is closed.
func dial(address, secret string, more ...nats.Option) (*nats.Conn, error) {
	if err := CheckURL(address); err != nil {
		return nil, err
	}
	o := append([]nats.Option{
		nats.Name("gioconda"), nats.Timeout(answerIn), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2),
	}, more...)
	if u, err := url.Parse(strings.TrimSpace(strings.Split(address, ",")[0])); err == nil && u.User == nil {
		o = append(o, nats.Token(Password(secret)))
	}
	nc, err := nats.Connect(address, o...)
	if err != nil {
		return nil, errors.New("the NATS server is not reached: " + err.Error())
	}
	return nc, nil
}

func (n *Node) connect() (*link, error) {
	nc, err := dial(n.o.URL, n.o.Secret, nats.RetryOnFailedConnect(true), nats.ReconnectBufSize(-1))
	if err != nil {
		return nil, err
	}
	l := &link{n: n, nc: nc}
	if n.o.Gallery != nil {
		if _, err = nc.Subscribe(findSubject, l.answer); err != nil {
			nc.Close()
			return nil, err
		}
	}
	n.link.Store(l)
	return l, nil
}

func (l *link) close() {
	l.n.link.Store(nil)
	l.nc.Close()
}

// bucket opens a bucket, or makes it.
func bucket(ctx context.Context, js jetstream.JetStream, c jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	kv, err := js.KeyValue(ctx, c.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = js.CreateKeyValue(ctx, c)
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", c.Bucket, err)
	}
	return kv, nil
}

func nodes() jetstream.KeyValueConfig {
	return jetstream.KeyValueConfig{
		Bucket: nodesBucket, Description: "nodes of Gioconda", TTL: liveFor, Storage: jetstream.MemoryStorage, History: 1,
		MaxValueSize: maxEntry, MaxBytes: 64 << 20,
	}
}

func tokens() jetstream.KeyValueConfig {
	return jetstream.KeyValueConfig{
		Bucket: tokenBucket, Description: "tokens of Gioconda", Storage: jetstream.FileStorage, History: 1, MaxValueSize: maxToken, MaxBytes: 16 << 20,
	}
}

// serve writes and reads until something fails, or ctx ends: then it says goodbye.
func (l *link) serve(ctx context.Context) error {
	js, err := jetstream.New(l.nc, jetstream.WithDefaultTimeout(answerIn))
	if err != nil {
		return err
	}
	kv, err := bucket(ctx, js, nodes())
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	seen, err := kv.WatchAll(watching)
	if err != nil {
		return err
	}
	defer func() { _ = seen.Stop() }()
	shared, err := l.shareTokens(watching, js)
	if err != nil {
		return err
	}
	defer shared.stop()
	return l.follow(ctx, kv, seen, shared)
}

// follow is serve once everything is open.
func (l *link) follow(ctx context.Context, kv jetstream.KeyValue, seen jetstream.KeyWatcher, shared *sharing) error {
	n := l.n
	tick, rest := time.NewTicker(writeEvery), time.NewTimer(0)
	defer tick.Stop()
	defer rest.Stop()
	var changed <-chan struct{}
	heard := time.Now()
	write := func() error {
		changed = nil
		rest.Reset(writeRest)
		return l.write(ctx, kv)
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			l.goodbye(ctx, kv)
			return ctx.Err()
		case <-tick.C:
			if time.Since(heard) > deafAfter {
				return errors.New("nothing is heard of what is written")
			}
			err = errors.Join(write(), shared.sync(ctx))
		case <-rest.C:
			changed = n.changed
		case <-changed:
			err = write()
		case e, open := <-seen.Updates():
			if !open {
				return errors.New("the bucket is not watched any more")
			}
			if e != nil && e.Key() == n.id {
				heard = time.Now()
			}
			n.see(e)
		case e, open := <-shared.updates():
			if !open {
				return errors.New("the bucket of tokens is not watched any more")
			}
			err = shared.see(ctx, e)
		case r := <-shared.revoking():
			r.done <- shared.revoke(ctx, r.id)
		}
		if err != nil {
			return err
		}
	}
}

// write puts this node's entry.
func (l *link) write(ctx context.Context, kv jetstream.KeyValue) error {
	n := l.n
	b, err := n.entry()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	if _, err = kv.Put(ctx, n.id, b); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if !n.up.Swap(true) {
		n.o.Log.Info("in the cluster", "node", n.id, "address", n.o.Address, "nats", l.nc.ConnectedUrlRedacted())
	}
	return nil
}

// entry is how full this node is, sealed.
func (n *Node) entry() ([]byte, error) {
	s := n.o.State()
	s.Free = max(0, min(s.Free, s.Places))
	if n.isLeaving() {
		s.Free = 0
	}
	if len(s.Names) > maxNames {
		s.Names = s.Names[:maxNames]
	}
	return n.seals.seal("node/"+n.id, &entry{
		ID: n.id, URL: n.o.Address, Protocol: protocol, Version: n.o.Version, Seq: n.seq.Add(1), Now: n.o.now().UnixMilli(),
		Leaving: n.isLeaving(), State: s,
	})
}

// goodbye has the others forget this node at once.
func (l *link) goodbye(ctx context.Context, kv jetstream.KeyValue) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 500*time.Millisecond)
	defer cancel()
	_ = kv.Delete(ctx, l.n.id) // it is forgotten anyway
}

// Reach connects once, for whoever asks whether the cluster is there, and counts the nodes.
func Reach(ctx context.Context, address, secret string) (count int, err error) {
	nc, err := dial(address, secret)
	if err != nil {
		return 0, err
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(answerIn))
	if err != nil {
		return 0, err
	}
	kv, err := bucket(ctx, js, nodes())
	if err != nil {
		return 0, fmt.Errorf("NATS answers, but keeps no buckets; it needs JetStream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	keys, err := kv.Keys(ctx)
	if errors.Is(err, jetstream.ErrNoKeysFound) {
		return 0, nil
	}
	return len(keys), err
}
