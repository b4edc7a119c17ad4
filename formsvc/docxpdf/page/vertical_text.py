"""Text set in columns from top to bottom, or turned on its side, as narrow cells and boxes have it."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, children
from formsvc.docxpdf.paragraph.line_spans import SpanBuilder
from formsvc.docxpdf.paragraph.metrics import line_box
from formsvc.docxpdf.paragraph.paragraph import read_paragraph
from formsvc.docxpdf.text.clusters import CHAR, Cluster
from formsvc.docxpdf.text.line_breaker import Line
from formsvc.i18n.messages import msg

_TURNED = {"vert": 90, "vert270": -90, "tbRl": 0, "btLr": -90}
"""Directions that turn whole lines; in the others ideographs stand upright one below the other."""
_AMPLE = 2000.0


@dataclass(frozen=True)
class Column:
    """One line as a column: its width, how far it reaches down, its paragraph's alignment."""

    nodes: list[Node]
    width: float
    length: float
    align: str


def vertical_text(
    ctx: LayoutContext,
    container: ContainingBlock,
    content: Element,
    size: tuple[float, float],
    direction: str,
    anchor: str = "t",
) -> Node:
    """Blocks in a box of a size: columns from right to left, or whole lines turned."""
    width, height = size
    if any(name == "tbl" for name, _ in children(content)):
        ctx.log.warn(msg("竖排文字里的表格按横排排出。"))
        return node("div", *ctx.block_layout.compose(ctx, content, container).nodes)
    if direction in ("vert", "vert270", "btLr"):
        return _turned(ctx, container, content, size, _TURNED[direction], anchor)
    columns = _columns(ctx, container.inner_box(height), content)
    free = max(0.0, width - sum(c.width for c in columns))
    right = {"ctr": free / 2, "center": free / 2, "b": free, "bottom": free}.get(anchor, 0.0)
    cells = []
    for column in columns:
        down = {"center": (height - column.length) / 2, "right": height - column.length}.get(
            column.align, 0.0
        )
        box = node("div", *column.nodes, style=f"padding-top:{pt(max(0.0, down))};width:{pt(column.width)}")
        cells.append(node("div", box, style="display:table-cell;vertical-align:top;direction:ltr"))
    # columns follow one another from right to left; a table of one row keeps them in the order of the text
    css = f"display:table;direction:rtl;border-spacing:0;margin:0 {pt(right)} 0 auto"
    return node("div", node("div", *cells, style=css), style=f"width:{pt(width)};height:{pt(height)}")


def vertical_length(ctx: LayoutContext, container: ContainingBlock, content: Element) -> float:
    """How far down the longest paragraph would reach if it had room enough."""
    columns = _columns(ctx, container.inner_box(_AMPLE), content, quiet=True)
    return max((c.length for c in columns), default=0.0)


def _turned(
    ctx: LayoutContext,
    container: ContainingBlock,
    content: Element,
    size: tuple[float, float],
    angle: int,
    anchor: str,
) -> Node:
    width, height = size
    blocks = ctx.block_layout.compose(ctx, content, container.inner_box(height))
    free = max(0.0, width - blocks.height)
    down = {"ctr": free / 2, "center": free / 2, "b": free, "bottom": free}.get(anchor, 0.0)
    origin = f"left:{pt(width)};top:0" if angle > 0 else f"left:0;top:{pt(height)}"
    style = f"position:absolute;{origin};width:{pt(height)};padding-top:{pt(down)}"
    turn = f"transform:rotate({angle}deg);transform-origin:0 0"
    inner = node("div", *blocks.nodes, style=f"{style};{turn}")
    return node("div", inner, style=f"position:relative;width:{pt(width)};height:{pt(height)}")


def _columns(
    ctx: LayoutContext, container: ContainingBlock, content: Element, *, quiet: bool = False
) -> list[Column]:
    warned, written = list(ctx.log.warnings), len(ctx.texts)
    columns = []
    for name, element in children(content):
        if name != "p":
            continue
        paragraph = read_paragraph(ctx, container, element)
        for number, line in enumerate(paragraph.lines):
            box = line_box(ctx, paragraph.shape, line.clusters, paragraph.mark)
            before = paragraph.shape.before if number == 0 else 0.0
            nodes = [_glyph(ctx, part, box.height) for part in _parts(line)]
            indent = paragraph.shape.left + line.indent
            if indent > 0:
                nodes.insert(0, node("div", style=f"height:{pt(indent)}"))
            length = indent + sum(_length(part) for part in _parts(line))
            columns.append(Column(nodes, box.height + before, length, paragraph.shape.align))
    if quiet:
        ctx.log.warnings[:] = warned
        del ctx.texts[written:]
    return columns


def _parts(line: Line) -> list[list[Cluster]]:
    """Ideographs one by one, Latin words whole."""
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


def _glyph(ctx: LayoutContext, part: list[Cluster], width: float) -> Node:
    """One step down the column: an upright ideograph, or a word turned on its side."""
    advance, upright = _length(part), part[0].east_asian or part[0].kind != CHAR
    inner = SpanBuilder(ctx, 0.0).build_line(Line([*part]))
    if upright:
        css = f"height:{pt(advance)};line-height:{pt(advance)};font-size:{pt(part[0].format.size)};text-align:center"
        return node("p", *inner, style=css)
    turn = f"transform:rotate(90deg);transform-origin:0 0;position:absolute;left:{pt(width)};top:0"
    css = join_css((turn, f"line-height:{pt(width)};font-size:{pt(part[0].format.size)}"))
    return node("div", node("p", *inner, style=css), style=f"position:relative;height:{pt(advance)}")
