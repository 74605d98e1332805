package ink

import (
	"bytes"
	"fmt"
	"strconv"
)

// Animated draws frames as one SVG that plays them in a loop, by CSS inside it and
// without script, which is what a browser shows in an <img>. Each row is drawn
// anew only where and when it changes. Where nothing moves (prefers-reduced-motion,
// programs without CSS animation) it is a still of frame o.Poster. All frames have
// one size. Errors wrap ErrInput.
func Animated(frames []Timed, o Options) ([]byte, error) {
	o.Theme = o.Theme.orDark()
	f, poster, err := newFilm(frames, o)
	if err != nil {
		return nil, err
	}
	d := newDrawing(f.w, f.h, o)
	for i, cells := range f.frames {
		if err := d.glyphs.makeAll(cells, f.w); err != nil {
			return nil, fmt.Errorf("picture %d of the animation: %w", i, err)
		}
	}
	if err := d.begin(); err != nil {
		return nil, err
	}
	scenes := f.scenes()
	shared := d.share(scenes)
	var style []byte
	for i, s := range scenes {
		always := len(s.when) == 1 && s.when[0] == [2]int{0, len(f.frames)}
		attr := ""
		if !always {
			id := "k" + strconv.Itoa(i)
			attr = ` class="m" id="` + id + `"`
			if !s.when.has(poster) {
				attr += ` visibility="hidden"`
			}
			style = f.keyframes(style, id, s.when)
		}
		d.body = fmt.Appendf(d.body, `<g transform="translate(%d %d)"%s>`+"\n", d.win.left, d.win.top, attr)
		for _, row := range s.rows {
			d.body = append(d.body, shared(row)...)
			d.body = append(d.body, '\n')
		}
		d.body = append(d.body, "</g>\n"...)
	}
	if len(style) > 0 {
		d.style = fmt.Appendf(nil, ".m{animation:%dms step-end infinite}\n%s@media(prefers-reduced-motion:reduce){.m{animation:none}}\n", f.length, style)
	}
	return d.bytes(), nil
}

// keyframes appends the CSS that shows element id in those frames alone. A step
// holds its state until the next, and the last one until the end.
func (f film) keyframes(b []byte, id string, when spans) []byte {
	b = fmt.Appendf(b, "#%s{animation-name:%s}@keyframes %s{", id, id, id)
	if when[0][0] > 0 {
		b = append(b, "0%{visibility:hidden}"...)
	}
	for _, s := range when {
		b = append(b, f.percent(s[0])+"{visibility:visible}"...)
		if s[1] < len(f.frames) {
			b = append(b, f.percent(s[1])+"{visibility:hidden}"...)
		}
	}
	return append(b, "}\n"...)
}

// percent returns when a frame begins, as a part of the whole.
func (f film) percent(frame int) string {
	return strconv.FormatFloat(float64(f.starts[frame])*100/float64(f.length), 'f', -1, 32) + "%"
}

// share returns what draws a row. Rows that look the same, at whatever height and
// time, are defined once: a list that scrolls is not drawn again.
func (d *drawing) share(scenes []scene) func(part) []byte {
	count := map[string]int{}
	drawn := func(p part) []byte { return d.strip(p.cells, p.x) }
	for _, s := range scenes {
		for _, row := range s.rows {
			count[string(drawn(row))]++
		}
	}
	ids := map[string]string{}
	return func(p part) []byte {
		b := drawn(p)
		key := string(b)
		if count[key] < 2 {
			return bytes.Join([][]byte{fmt.Appendf(nil, `<g transform="translate(0 %d)">`, p.y*cellH), b, []byte("</g>")}, nil)
		}
		id, ok := ids[key]
		if !ok {
			id = "r" + strconv.Itoa(len(ids))
			ids[key] = id
			d.defs = fmt.Appendf(d.defs, `<g id="%s">%s</g>`+"\n", id, b)
		}
		return fmt.Appendf(nil, `<use href="#%s" y="%d"/>`, id, p.y*cellH)
	}
}
