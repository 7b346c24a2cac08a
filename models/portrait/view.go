package portrait

import (
	"fmt"
	"slices"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// view is what a network sees of regions: the ports picture and maps of a session, rows of them, filled from frames.
type view struct {
	region Region // of the picture
	charts Region // the same square in the pixels of the maps
	mapper *Mapper
	bytes  bool // the ports are uint8
	floats struct{ picture, maps []float32 }
	raw    struct{ picture, maps []byte }
	planes []byte // maps as drawn, for one row after the other, where the ports are floats
}

// openView takes hold of the ports, or says which one is wrong.
func openView(s *ort.Session, p *Part, rows int) (*view, error) {
	v := &view{region: p.Region, charts: p.Region, bytes: p.Kind == KindPicture}
	e := p.Region.Edge
	var errs [2]error
	if v.bytes {
		v.charts.Edge = e / 2
		v.raw.picture, errs[0] = s.InputBytes("picture", rows, e*3/2, e)
		v.raw.maps, errs[1] = s.InputBytes("maps", rows, p.Maps, e/2, e/2)
		v.planes = v.raw.maps
	} else {
		v.floats.picture, errs[0] = s.Input("picture", rows, 3, e, e)
		v.floats.maps, errs[1] = s.Input("maps", rows, p.Maps, e, e)
		v.planes = make([]byte, rows*p.Maps*e*e)
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	v.mapper = NewMapper(v.charts)
	return v, nil
}

// look fills a row: the region that lies at px (pixels) of f, and the maps of st.
func (v *view) look(row int, f *frame.I420, px *Alignment, st *motion.State, rest *motion.Rest, anchor motion.Vec3) {
	at := v.charts.Align(&st.Head, anchor)
	maps := v.maps(row)
	v.mapper.Maps(maps, st, rest, anchor, &at)
	n := v.region.Edge * v.region.Edge
	if v.bytes {
		v.region.readI420(v.raw.picture[row*n*3/2:(row+1)*n*3/2], f, px)
		return
	}
	v.region.Read(v.floats.picture[row*3*n:(row+1)*3*n], f, px)
	toUnit(v.floats.maps[row*len(maps):(row+1)*len(maps)], maps)
}

// maps are a row's planes as they were drawn.
func (v *view) maps(row int) []byte {
	n := MapPlanes * v.charts.Edge * v.charts.Edge
	return v.planes[row*n : (row+1)*n]
}

// mask is a row's PlaneMask.
func (v *view) mask(row int) []byte {
	n := v.charts.Edge * v.charts.Edge
	return v.maps(row)[PlaneMask*n : (PlaneMask+1)*n]
}

// wire is how an encoder's output becomes the generator's input: rows times size numbers, or bytes.
type wire struct {
	into values
	size int
}

// openWires finds the generator's inputs for what the encoder gives, and refuses inputs that nothing gives.
func openWires(generator *ort.Session, given []ort.Port, rows int) ([]wire, error) {
	var out []wire
	known := map[string]bool{"picture": true, "maps": true}
	for _, port := range given {
		shape := slices.Clone(port.Shape)
		if rows > 1 && shape[0] != 1 {
			return nil, fmt.Errorf("the encoder's output %q has the shape %v; for batches its first dimension must be 1", port.Name, port.Shape)
		}
		shape[0] *= rows
		var w wire
		var err error
		if port.Bytes {
			w.into.bytes, err = generator.InputBytes(port.Name, shape...)
		} else {
			w.into.floats, err = generator.Input(port.Name, shape...)
		}
		if err != nil {
			return nil, fmt.Errorf("the encoder gives %q, which the generator does not take in that shape: %w", port.Name, err)
		}
		known[port.Name] = true
		w.size = (len(w.into.floats) + len(w.into.bytes)) / rows
		out = append(out, w)
	}
	inputs, _ := generator.Ports()
	for _, port := range inputs {
		if !known[port.Name] {
			return nil, fmt.Errorf("the generator wants %q, which nothing gives", port.Name)
		}
	}
	return out, nil
}

// give copies the features of one persona to row k.
func (w *wire) give(k int, v *values) {
	if v.bytes != nil {
		copy(w.into.bytes[k*w.size:(k+1)*w.size], v.bytes)
		return
	}
	copy(w.into.floats[k*w.size:(k+1)*w.size], v.floats)
}
