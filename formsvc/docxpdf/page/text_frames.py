"""Text frames (`w:framePr`): page numbers, drop caps, floating paragraphs."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml import etree

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.anchor_position import resolve_side
from formsvc.docxpdf.html_tree import Node, join_css, node, pt, quote_beginning
from formsvc.docxpdf.opc.xml import Element, W, attributes_of, child, number, points
from formsvc.docxpdf.page_flow import Exclusion
from formsvc.docxpdf.tables.autofit import paragraph_widths
from formsvc.docxpdf.wordml.properties import Attributes
from formsvc.i18n.messages import msg

# lines may stand out of a frame so far (points) without any glyph being cut
_OVERFLOW_TOLERANCE = 5.0
# a letter of so many sizes of the text is a drop cap's already
_LARGE = 1.2
_CAP_SIZE, _CAP_LOWERED = 0.955, 0.072
# share of a line that a drop cap may reach into the next one without another line giving way
_CAP_SLACK = 0.3
_DROPPED = frozenset({"drop", "margin"})


@dataclass(frozen=True)
class _FrameBox:
    """Position and size of a frame.

    `y` counts from the page's text area if `on_page`. `fits_text` frames have no width of their own: their paragraphs are
    aligned within the container's width.
    """

    x: float
    y: float
    width: float
    height: float
    text_height: float
    on_page: bool
    fits_text: bool


def frame_properties(ctx: LayoutContext, container: ContainingBlock, element: Element) -> Attributes:
    """Return the frame of a paragraph, {} for none."""
    paragraph_properties = child(element, "w:pPr")
    styled = ctx.styles.style_properties(ctx.styles.paragraph_style_id(paragraph_properties), "pPr").get(
        "framePr", {}
    )
    properties = child(paragraph_properties, "w:framePr")
    if container.in_frame or (properties is None and not styled):
        return {}
    return attributes_of(properties) if properties is not None else styled


def compose_frame(
    ctx: LayoutContext, container: ContainingBlock, paragraphs: Sequence[Element], properties: Attributes
) -> list[Node]:
    """Return the paragraphs of one frame; the frame is excluded from the text."""
    is_drop_cap = properties.get("dropCap") in _DROPPED
    if is_drop_cap:
        paragraphs = [_enlarge_drop_cap(ctx, p, number(properties.get("lines"), 3)) for p in paragraphs]
    own_width = points(properties.get("w"))
    align = resolve_side(properties.get("xAlign", ""), container)
    text_width = min(container.width, max(paragraph_widths(ctx, p).max_content for p in paragraphs) + 1)
    fits_text = not own_width and not is_drop_cap and properties.get("hAnchor", "text") != "page"
    inner = replace(
        container,
        width=own_width or (container.width if fits_text else text_width),
        in_frame=True,
        frame_align=align if fits_text else "",
    )
    first_text = len(ctx.texts)
    content = ctx.block_layout.compose(ctx, paragraphs, inner)
    if fits_text and not align:
        text_width = container.width
    box = _measure_frame(
        ctx, container, properties, align, (own_width or text_width, content.height), fits_text=fits_text
    )
    if properties.get("hRule") == "exact" and content.text_height > box.height + _OVERFLOW_TOLERANCE:
        words = quote_beginning(ctx.texts[first_text:])
        ctx.log.warn_of_cut(msg("图文框的高度是固定的，放不下{words}，后面的字印不全。", words=words))
    if properties.get("wrap", "around") != "through":
        _exclude_from_text(ctx, container, properties, box)
    width = container.width if fits_text else box.width
    css = join_css(
        (
            f"position:absolute;top:{pt(box.y)};width:{pt(width)}",
            f"left:{pt(0.0 if fits_text and align else box.x)}",
        )
    )
    frame_node = node("div", *content.nodes, style=css)
    if box.on_page and not container.is_inside:
        return [frame_node]
    return [node("div", frame_node, style="position:relative;height:0;break-after:avoid")]


def _enlarge_drop_cap(ctx: LayoutContext, paragraph: Element, lines: float) -> Element:
    """Return the paragraph of a drop cap with letters as high as ``lines``.

    Word writes their size into the file; other programs leave it to the reader.
    """
    style = ctx.styles.paragraph_style_id(child(paragraph, "w:pPr"))
    normal = ctx.styles.run_format(ctx.styles.default_style("paragraph"), None).nominal_size
    sizes = [ctx.styles.run_format(style, child(r, "w:rPr")).nominal_size for r in paragraph.iter(f"{W}r")]
    if lines < 2 or not sizes or max(sizes) > _LARGE * normal:
        return paragraph
    height = lines * (ctx.page.line_pitch or ctx.profile.east_asian_line_height * normal)
    enlarged = copy.deepcopy(paragraph)
    properties = enlarged.find(f"{W}pPr")
    if properties is not None:
        for spacing in properties.findall(f"{W}spacing"):
            properties.remove(spacing)
        etree.SubElement(
            properties, f"{W}spacing", {f"{W}line": str(round(20 * height)), f"{W}lineRule": "exact"}
        )
    for run in enlarged.iter(f"{W}r"):
        look = run.find(f"{W}rPr")
        if look is None:
            look = etree.Element(f"{W}rPr")
            run.insert(0, look)
        # size and lowering as shares of the height, as Word chooses them; both are written in half points
        for name, value in (("sz", _CAP_SIZE * height), ("position", -_CAP_LOWERED * height)):
            for old in look.findall(f"{W}{name}"):
                look.remove(old)
            etree.SubElement(look, f"{W}{name}", {f"{W}val": str(round(2 * value))})
    return enlarged


def _measure_frame(
    ctx: LayoutContext,
    container: ContainingBlock,
    properties: Attributes,
    align: str,
    size: tuple[float, float],
    *,
    fits_text: bool,
) -> _FrameBox:
    width, text_height = size
    min_height = points(properties.get("h"))
    height = min_height if properties.get("hRule") == "exact" and min_height else max(min_height, text_height)
    x = _horizontal(ctx, container, properties, align, width)
    y, on_page = _vertical(ctx, container, properties, height)
    return _FrameBox(x, y, width, height, text_height, on_page, fits_text)


def _horizontal(
    ctx: LayoutContext, container: ContainingBlock, properties: Attributes, align: str, width: float
) -> float:
    # a drop cap in the margin ends where the text begins
    if properties.get("dropCap") == "margin":
        return -width
    page = ctx.page
    from_page = properties.get("hAnchor", "text") == "page"
    start, span = (-page.left, page.width) if from_page else (0.0, container.width)
    offset = 0.0 if align else points(properties.get("x"))
    return start + {"center": (span - width) / 2, "right": span - width}.get(align, offset)


def _vertical(
    ctx: LayoutContext, container: ContainingBlock, properties: Attributes, height: float
) -> tuple[float, bool]:
    """Return the distance from the paragraph or, if True, the text area."""
    v_anchor, y = properties.get("vAnchor", "text"), points(properties.get("y"))
    if v_anchor == "text" or container.is_inside:
        return y if v_anchor == "text" else 0.0, False
    page = ctx.page
    top, area_height = (-page.top, page.height) if v_anchor == "page" else page.margin_area
    bottom = area_height - height
    offsets = {"top": 0.0, "inside": 0.0, "center": bottom / 2, "bottom": bottom, "outside": bottom}
    return top + offsets.get(properties.get("yAlign", ""), y), True


def _exclude_from_text(
    ctx: LayoutContext, container: ContainingBlock, properties: Attributes, box: _FrameBox
) -> None:
    """Make the text wrap around the frame."""
    if box.on_page and container.is_inside or container.running_variant:
        return
    top = box.y + (0.0 if box.on_page else ctx.flow.paragraph_top(0.0))
    h_space, v_space = points(properties.get("hSpace")), points(properties.get("vSpace"))
    height = box.height
    if properties.get("dropCap") in _DROPPED:
        lines = max(1.0, number(properties.get("lines"), 3))
        height = min(height, box.text_height * lines) * (1 - _CAP_SLACK / lines)
    left, right = box.x - h_space, box.x + box.width + h_space
    # no text next to the frame: the exclusion spans the page
    if properties.get("wrap") in ("none", "notBeside"):
        left, right = -ctx.page.left, ctx.page.width
    ctx.flow.exclusions.append(Exclusion(top - v_space, top + height + v_space, left, right))
