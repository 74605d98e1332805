package tui

import "image"

// The smallest screen that zkdeck draws on, the width from which the detail
// stands beside the tree, and the height below which it hides.
const (
	minWidth, minHeight = 40, 10
	besideWidth         = 100
	foldHeight          = 18
)

// layout says where each part of the screen is. It is a pure function of size
// and state, and mouse hits use the same rectangles.
type layout struct {
	tooSmall             bool
	header, tabs         image.Rectangle
	body                 image.Rectangle // between the rules
	tree, detail         image.Rectangle
	pane, paneRule       image.Rectangle // below tree and detail; empty where there is none
	divider              image.Rectangle // the rule between tree and detail; empty where the detail hides
	topRule, bottomRule  image.Rectangle
	message, footer      image.Rectangle
	detailShown, stacked bool
}

// layOut divides width x height cells. zoom gives the focused pane the whole
// body; focusDetail tells which one that is. pane asks for one below both.
func layOut(width, height int, zoom, focusDetail, pane bool) layout {
	l := layout{tooSmall: width < minWidth || height < minHeight}
	if l.tooSmall {
		return l
	}
	row := func(y int) image.Rectangle { return image.Rect(0, y, width, y+1) }
	l.header, l.tabs, l.topRule = row(0), row(1), row(2)
	l.bottomRule, l.message, l.footer = row(height-3), row(height-2), row(height-1)
	body := image.Rect(0, 3, width, height-3)
	l.body = body
	if rows := paneRows(height); pane && !zoom && rows > 0 {
		l.pane = image.Rect(0, body.Max.Y-rows, width, body.Max.Y)
		body.Max.Y -= rows + 1
		l.paneRule = image.Rect(0, body.Max.Y, width, body.Max.Y+1)
		height -= rows + 1
	}
	switch {
	case zoom && focusDetail:
		l.detail, l.detailShown = body, true
	case zoom:
		l.tree = body
	case width >= besideWidth:
		x := treeWidth(width)
		l.tree = image.Rect(0, body.Min.Y, x, body.Max.Y)
		l.divider = image.Rect(x, body.Min.Y, x+1, body.Max.Y)
		l.detail = image.Rect(x+1, body.Min.Y, width, body.Max.Y)
		l.detailShown = true
	case height >= foldHeight:
		y := body.Min.Y + body.Dy()*55/100
		l.tree = image.Rect(0, body.Min.Y, width, y)
		l.divider = image.Rect(0, y, width, y+1)
		l.detail = image.Rect(0, y+1, width, body.Max.Y)
		l.detailShown, l.stacked = true, true
	case focusDetail:
		l.detail, l.detailShown = body, true
	default:
		l.tree = body
	}
	return l
}

// paneRows is how many rows a pane below the tree gets on a screen of height, 0
// for none.
func paneRows(height int) int {
	switch {
	case height < 20:
		return 0
	case height < 30:
		return 8
	default:
		return 10
	}
}

// treeWidth is the tree's share of a wide screen: enough for long names, never
// more than values need less.
func treeWidth(width int) int {
	w := width * 42 / 100
	return min(max(w, 44), 90)
}
