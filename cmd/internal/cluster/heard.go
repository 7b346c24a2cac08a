package cluster

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// see takes what another node has written; what cannot be used is said once.
func (n *Node) see(e jetstream.KeyValueEntry) {
	if e == nil || e.Key() == n.id { // nil: the first values were all given
		return
	}
	id := e.Key()
	if e.Operation() != jetstream.KeyValuePut {
		n.peers.drop(id)
		return
	}
	n.read(id, e.Value())
}

// read is see of a value under a key.
func (n *Node) read(id string, value []byte) {
	var got entry
	err := n.seals.open("node/"+id, value, maxEntry, &got)
	if err == nil {
		err = got.check(id)
	}
	isNew := false
	if err == nil {
		isNew, err = n.peers.take(&got)
	}
	switch {
	case isNew:
		n.o.Log.Info("another node", "node", id, "address", got.URL, "version", got.Version, "places", got.Places)
	case err != nil && !errors.Is(err, errOld):
		n.oddOnce(id, err)
	}
}

// oddOnce says of an entry why it cannot be used, unless that was said.
func (n *Node) oddOnce(key string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.odd[key] == err.Error() {
		return
	}
	if len(n.odd) >= maxNodes {
		clear(n.odd)
	}
	n.odd[key] = err.Error()
	n.o.Log.Warn("an entry of the cluster is not believed", "key", fmt.Sprintf("%.40q", key), "error", err)
}
