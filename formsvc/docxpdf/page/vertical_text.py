"""Vertical text (`w:textDirection`, `vert`) in cells and text boxes."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt, quote_beginning
from formsvc.docxpdf.opc.xml import Element, children
from formsvc.docxpdf.paragraph.line_spans import SpanBuilder
from formsvc.docxpdf.paragraph.metrics import line_box
from formsvc.docxpdf.paragraph.paragraph import read_paragraph
from formsvc.docxpdf.text.clusters import CHAR, Cluster
from formsvc.docxpdf.text.line_breaker import Line
from formsvc.i18n.messages import msg

# directions that rotate whole lines; the others set upright ideographs one below the other
_ROTATIONS = {"vert": 90, "vert270": -90, "tbRl": 0, "btLr": -90}
_UNLIMITED = 2000.0
# columns may stand out of a box so far (points) without any glyph being cut
_OVERFLOW_TOLERANCE = 5.0


@dataclass(frozen=True)
class TextColumn:
    """One line as a column: width, length and alignment of its paragraph."""

    nodes: list[Node]
    width: float
    length: float
    align: str


def compose_vertical_text(
    ctx: LayoutContext,
    container: ContainingBlock,
    content: Element,
    size: tuple[float, float],
    direction: str,
    anchor: str = "t",
) -> Node:
    """Return blocks in a box: columns from right to left, or rotated lines."""
    width, height = size
    if any(name == "tbl" for name, _ in children(content)):
        ctx.log.warn(msg("竖排文字里的表格按横排排出。"))
        return node("div", *ctx.block_layout.compose(ctx, content, container).nodes)
    if direction in ("vert", "vert270", "btLr"):
        return _rotated_lines(ctx, container, content, size, _ROTATIONS[direction], anchor)
    first_text = len(ctx.texts)
    columns = _set_columns(ctx, container.inner_box(height), content)
    set_width = sum(
        c.width for c in columns[: 1 + max((n for n, c in enumerate(columns) if c.nodes), default=-1)]
    )
    if set_width > width + _OVERFLOW_TOLERANCE:
        words = quote_beginning(ctx.texts[first_text:])
        ctx.log.warn_of_cut(msg("竖排的框太窄，放不下{words}，后面的字印不全。", words=words))
    remaining = max(0.0, width - sum(c.width for c in columns))
    right = {"ctr": remaining / 2, "center": remaining / 2, "b": remaining, "bottom": remaining}.get(
        anchor, 0.0
    )
    cells = []
    for column in columns:
        offset = {"center": (height - column.length) / 2, "right": height - column.length}.get(
            column.align, 0.0
        )
        box = node("div", *column.nodes, style=f"padding-top:{pt(max(0.0, offset))};width:{pt(column.width)}")
        cells.append(node("div", box, style="display:table-cell;vertical-align:top;direction:ltr"))
    # columns follow one another from right to left; a table of one row keeps them in the order of the text
    css = f"display:table;direction:rtl;border-spacing:0;margin:0 {pt(right)} 0 auto"
    return node("div", node("div", *cells, style=css), style=f"width:{pt(width)};height:{pt(height)}")


def measure_vertical_text(ctx: LayoutContext, container: ContainingBlock, content: Element) -> float:
    """Return the length of the longest paragraph without any limit."""
    columns = _set_columns(ctx, container.inner_box(_UNLIMITED), content, measure_only=True)
    return max((c.length for c in columns), default=0.0)


def _rotated_lines(
    ctx: LayoutContext,
    container: ContainingBlock,
    content: Element,
    size: tuple[float, float],
    angle: int,
    anchor: str,
) -> Node:
    width, height = size
    blocks = ctx.block_layout.compose(ctx, content, container.inner_box(height))
    remaining = max(0.0, width - blocks.height)
    offset = {"ctr": remaining / 2, "center": remaining / 2, "b": remaining, "bottom": remaining}.get(
        anchor, 0.0
    )
    origin = f"left:{pt(width)};top:0" if angle > 0 else f"left:0;top:{pt(height)}"
    style = f"position:absolute;{origin};width:{pt(height)};padding-top:{pt(offset)}"
    rotation = f"transform:rotate({angle}deg);transform-origin:0 0"
    inner = node("div", *blocks.nodes, style=f"{style};{rotation}")
    return node("div", inner, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _set_columns(
    ctx: LayoutContext, container: ContainingBlock, content: Element, *, measure_only: bool = False
) -> list[TextColumn]:
    warnings, text_count = list(ctx.log.warnings), len(ctx.texts)
    columns = []
    for name, element in children(content):
        if name != "p":
            continue
        paragraph = read_paragraph(ctx, container, element)
        for number, line in enumerate(paragraph.lines):
            box = line_box(ctx, paragraph.metrics, line.clusters, paragraph.mark)
            before = paragraph.metrics.before if number == 0 else 0.0
            nodes = [_column_step(ctx, part, box.height) for part in _upright_groups(line)]
            indent = paragraph.metrics.left + line.indent
            if indent > 0:
                nodes.insert(0, node("div", style=f"height:{pt(indent)}"))
            length = indent + sum(_length(part) for part in _upright_groups(line))
            columns.append(TextColumn(nodes, box.height + before, length, paragraph.metrics.align))
    if measure_only:
        # measuring must not report anything: the text is laid out again
        ctx.log.warnings[:] = warnings
        del ctx.texts[text_count:]
    return columns


def _upright_groups(line: Line) -> list[list[Cluster]]:
    """Return ideographs one by one, Latin words whole."""
    parts: list[list[Cluster]] = []
    for cluster in line.clusters:
        latin = cluster.kind == CHAR and not cluster.east_asian
        if latin and parts and not parts[-1][0].east_asian and parts[-1][0].kind == CHAR:
            parts[-1].append(cluster)
        else:
            parts.append([cluster])
    return parts


def _length(part: list[Cluster]) -> float:
    return sum(a.width + a.gap_before + a.space_after for a in part)


def _column_step(ctx: LayoutContext, part: list[Cluster], width: float) -> Node:
    """Return an upright ideograph, or a word rotated by 90 degrees."""
    advance, upright = _length(part), part[0].east_asian or part[0].kind != CHAR
    inner = SpanBuilder(ctx, 0.0).build_line(Line([*part]))
    if upright:
        css = f"height:{pt(advance)};line-height:{pt(advance)};font-size:{pt(part[0].format.size)};text-align:center"
        return node("p", *inner, style=css)
    rotation = f"transform:rotate(90deg);transform-origin:0 0;position:absolute;left:{pt(width)};top:0"
    css = join_css((rotation, f"line-height:{pt(width)};font-size:{pt(part[0].format.size)}"))
    return node("div", node("p", *inner, style=css), style=f"position:relative;height:{pt(advance)}")
