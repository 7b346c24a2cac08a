package caller

import (
	"errors"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Name is how the session is called.
func (c *Caller) Name() string { return c.welcome.Name }

// Packets is how many packets of video have come.
func (c *Caller) Packets() uint64 { return c.packets.Load() }

// Send sends one sample, which nothing repeats where it is lost.
func (c *Caller) Send(s *landmark.Sample) error {
	n, err := c.codec.Encode(c.datagram, s)
	if err != nil {
		return err
	}
	return c.landmarks.Send(c.datagram[:n])
}

// Ask sends a request on the control channel. Its answer is not waited for.
func (c *Caller) Ask(request string) error { return c.control.SendText(request) }

// Done is closed when the connection has ended; Err says why.
func (c *Caller) Done() <-chan struct{} { return c.done }

// Err is why the connection ended, nil while it lives.
func (c *Caller) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// Bye ends the session at once and closes the connection.
func (c *Caller) Bye() error {
	return errors.Join(c.send(&message{Type: "bye"}), c.Close())
}

// Close ends the connection as a browser does that vanishes: the session waits for it to come back. Closing twice is fine.
func (c *Caller) Close() error {
	c.end(ErrEnded)
	err := c.ws.Close()
	if c.pc != nil {
		err = errors.Join(err, c.pc.Close())
	}
	c.running.Wait()
	return err
}

// end notes why it is over; the first reason stays.
func (c *Caller) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == nil {
		c.why = why
		close(c.done)
	}
}

func (c *Caller) send(m *message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.ws.WriteJSON(m)
}

// At is the server that it is connected to; its Node is "" for one that is alone.
func (c *Caller) At() Place { return c.at }

// Resumed tells whether it has the session again that it had.
func (c *Caller) Resumed() bool { return c.welcome.Resumed }
