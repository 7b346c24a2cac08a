package cluster

import (
	"errors"
	"time"

	"github.com/gioconda-live/gioconda/web/access"
)

// ticket is what a visitor may do at another node, on the wire.
type ticket struct {
	Token   string       `json:"t,omitempty"`
	Scope   access.Scope `json:"s"`
	Session string       `json:"n,omitempty"`
	Persona string       `json:"p,omitempty"`
	Home    string       `json:"h,omitempty"`
	Origin  string       `json:"o,omitempty"`
	To      string       `json:"to"`
	Until   int64        `json:"x"` // milliseconds since 1970, on the clock of To
}

// ticketFor is how long a ticket is good.
const ticketFor = 5 * time.Minute

// Issue makes a ticket for a node.
func (n *Node) Issue(t *access.Ticket, to *Peer) (string, error) {
	until := n.o.now().Add(to.ahead + ticketFor)
	return n.seals.pass("ticket", ticket{t.Token, t.Scope, t.Session, t.Persona, t.Home, t.Origin, to.ID, until.UnixMilli()})
}

var errTicket = errors.New("the ticket is for another node, or has expired")

// Redeem implements access.Cluster: it reads a ticket that another node gave for this one.
func (n *Node) Redeem(pass string) (access.Ticket, error) {
	var t ticket
	if err := n.seals.openPass("ticket", pass, &t); err != nil {
		return access.Ticket{}, err
	}
	if t.To != n.id || n.o.now().UnixMilli() > t.Until {
		return access.Ticket{}, errTicket
	}
	return access.Ticket{Token: t.Token, Scope: t.Scope, Session: t.Session, Persona: t.Persona, Home: t.Home, Origin: t.Origin}, nil
}
