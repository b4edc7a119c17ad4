"""SmartArt by the drawing that Word keeps of it, and the words of charts.

Word writes each diagram a second time as plain shapes (``dsp:drawing``, [MS-ODRAWXML] 2.6) for programs that do not lay
diagrams out themselves. Charts have no such drawing; of them the words and values are set in a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from lxml import etree

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.shapes import shape_node
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.opc.xml import NAMESPACES, Element, R, W, child, children, emu, find_all, local, number

_WPS, _A = f"{{{NAMESPACES['wps']}}}", f"{{{NAMESPACES['a']}}}"
_ALIGNED = {"ctr": "center", "r": "right", "just": "both", "dist": "distribute"}
# DrawingML counts sizes in hundredths of a point, WordprocessingML in halves
_SIZE_UNIT, _DEFAULT_SIZE = 50, 1800
_CHART_INSET = 4.0


def draw_diagram(
    ctx: LayoutContext, container: ContainingBlock, identifiers: Element, width: float, height: float
) -> Node | None:
    """Return the drawing of a ``dgm:relIds``, None if the file has none."""
    root = _diagram_drawing(ctx, identifiers)
    tree = next((e for e in root.iter() if local(e) == "spTree"), None) if root is not None else None
    shapes = [e for name, e in children(tree) if name == "sp"]
    if not shapes:
        return None
    members = [member for shape in shapes for member in _draw_shape(ctx, container, shape)]
    return node("div", *members, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _diagram_drawing(ctx: LayoutContext, identifiers: Element) -> Element | None:
    relationships = ctx.package.relationships(ctx.part)
    data = relationships.get(identifiers.get(R + "dm", ""))
    model = ctx.package.part(data.part_name) if data is not None and not data.external else None
    named = (
        next((e.get("relId", "") for e in model.iter() if local(e) == "dataModelExt"), "")
        if model is not None
        else ""
    )
    found = relationships.get(named)
    if found is None:
        # one diagram in the file needs no reference
        drawings = [r for r in relationships.values() if r.kind == "diagramDrawing"]
        found = drawings[0] if len(drawings) == 1 else None
    return ctx.package.part(found.part_name) if found is not None and not found.external else None


def _draw_shape(ctx: LayoutContext, container: ContainingBlock, shape: Element) -> Iterator[Node]:
    parts = dict(children(shape))
    outline = _rename(parts.get("spPr"), "spPr")
    body = parts.get("txBody")
    text_place = parts.get("txXfrm")
    own = _word_shape(outline, _rename(parts.get("style"), "style"))
    place = child(outline, "a:xfrm")
    if text_place is None and body is not None:
        _add_text(own, body)
        body = None
    yield from _placed(ctx, container, own, place)
    if body is not None and "".join(map(str, body.itertext())).strip():
        plain = etree.Element(_WPS + "spPr")
        etree.SubElement(plain, _A + "noFill")
        over = _word_shape(plain, None)
        _add_text(over, body)
        yield from _placed(ctx, container, over, text_place)


def _placed(
    ctx: LayoutContext, container: ContainingBlock, shape: Element, place: Element | None
) -> Iterator[Node]:
    offset, extent = child(place, "a:off"), child(place, "a:ext")
    if offset is None or extent is None:
        return
    width, height = emu(extent.get("cx")), emu(extent.get("cy"))
    drawn = shape_node(ctx, container, shape, width, height)
    turn = number(place.get("rot")) / 60_000 if place is not None else 0.0
    rotation = f";transform:rotate({turn:g}deg)" if turn else ""
    left, top = emu(offset.get("x")), emu(offset.get("y"))
    yield node("div", drawn, style=f"position:absolute;left:{pt(left)};top:{pt(top)}{rotation}")


def _word_shape(properties: Element | None, style: Element | None) -> Element:
    shape = etree.Element(_WPS + "wsp")
    shape.extend(part for part in (properties, style) if part is not None)
    return shape


def _rename(element: Element | None, name: str) -> Element | None:
    """Return a copy of an element as Word's of this name."""
    if element is None:
        return None
    copy = etree.Element(_WPS + name)
    copy.extend(etree.fromstring(etree.tostring(e)) for e in element if isinstance(e.tag, str))
    return copy


def _add_text(shape: Element, body: Element) -> None:
    """Add a DrawingML text to a shape as paragraphs of Word."""
    box = etree.SubElement(etree.SubElement(shape, _WPS + "txbx"), W + "txbxContent")
    own = child(body, "a:bodyPr")
    for paragraph in find_all(body, "a:p"):
        _add_paragraph(box, paragraph)
    frame = etree.SubElement(shape, _WPS + "bodyPr")
    for name, value in own.attrib.items() if own is not None else ():
        frame.set(str(name), str(value))
    # its letters have the size that fits already
    etree.SubElement(frame, _A + "spAutoFit")


def _add_paragraph(box: Element, paragraph: Element) -> None:
    written = etree.SubElement(box, W + "p")
    properties = etree.SubElement(written, W + "pPr")
    etree.SubElement(properties, W + "spacing", {W + "before": "0", W + "after": "0"})
    own = child(paragraph, "a:pPr")
    align = _ALIGNED.get(own.get("algn", ""), "left") if own is not None else "left"
    etree.SubElement(properties, W + "jc", {W + "val": align})
    for name, run in children(paragraph):
        if name not in ("r", "fld", "br"):
            continue
        made = etree.SubElement(written, W + "r")
        form = child(run, "a:rPr")
        look = etree.SubElement(made, W + "rPr")
        size = number(form.get("sz") if form is not None else None, _DEFAULT_SIZE)
        if form is not None and form.get("b") in ("1", "true"):
            etree.SubElement(look, W + "b")
        etree.SubElement(look, W + "sz", {W + "val": str(round(size / _SIZE_UNIT))})
        text = child(run, "a:t")
        if name == "br":
            etree.SubElement(made, W + "br")
        elif text is not None:
            kept = etree.SubElement(made, W + "t")
            kept.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            kept.text = text.text


def draw_chart_words(
    ctx: LayoutContext, container: ContainingBlock, reference: Element, width: float, height: float
) -> Node | None:
    """Return a frame with title, series and values of a ``c:chart``'s chart.

    None if the chart is not in the file.
    """
    root = _chart(ctx, reference)
    if root is None:
        return None
    box = etree.Element(W + "txbxContent")
    for line in (chart_title(ctx, reference), *_series(root)):
        if line:
            _add_line(box, line)
    blocks = ctx.block_layout.compose(ctx, box, container.inner_box(max(1.0, width - 2 * _CHART_INSET)))
    frame = f"box-sizing:border-box;border:0.5pt dashed #808080;padding:{pt(_CHART_INSET)};overflow:hidden"
    return node("div", *blocks.nodes, style=f"{frame};width:{pt(width)};height:{pt(height)}")


def chart_title(ctx: LayoutContext, reference: Element) -> str:
    """Return the title of a ``c:chart``'s chart, "" for none."""
    root = _chart(ctx, reference)
    title = next((e for e in root.iter() if local(e) == "title"), None) if root is not None else None
    return "".join(str(t) for t in title.itertext(f"{_A}t")).strip() if title is not None else ""


def _chart(ctx: LayoutContext, reference: Element) -> Element | None:
    relationship = ctx.package.relationships(ctx.part).get(reference.get(R + "id", ""))
    if relationship is None or relationship.external:
        return None
    return ctx.package.part(relationship.part_name)


def _series(root: Element) -> Iterator[str]:
    """Yield each series with its categories and the values kept of it."""
    for series in (e for e in root.iter() if local(e) == "ser"):
        parts = dict(children(series))
        name = "".join(_kept(parts.get("tx")))
        values = _kept(parts.get("val", parts.get("yVal")))
        categories = _kept(parts.get("cat", parts.get("xVal")))
        points = [f"{category} {value}" for category, value in zip_longest(categories, values, fillvalue="")]
        yield f"{name}：{'；'.join(points)}" if name else "；".join(points)


def _kept(holder: Element | None) -> list[str]:
    if holder is None:
        return []
    values = (e for e in holder.iter() if local(e) == "v")
    return ["".join(map(str, e.itertext())) for e in values]


def _add_line(box: Element, line: str) -> None:
    paragraph = etree.SubElement(box, W + "p")
    run = etree.SubElement(paragraph, W + "r")
    etree.SubElement(etree.SubElement(run, W + "rPr"), W + "sz", {W + "val": "16"})
    etree.SubElement(run, W + "t").text = line
