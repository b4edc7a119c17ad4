"""What is anchored to a paragraph put into the tree: measured from the paragraph, its lines and letters, or the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.text.clusters import TAB, Cluster
from formsvc.docxpdf.text.inline_items import AnchoredItem, InlineItem
from formsvc.docxpdf.text.line_breaker import Line

Cut = Callable[[Sequence[InlineItem]], int]
"""How many clusters items come to."""


def find_anchored(items: Sequence[InlineItem], cut: Cut) -> list[tuple[AnchoredItem, int]]:
    """The anchored things of a paragraph, with the place of the cluster each stands before where that matters."""
    found = []
    for place, item in enumerate(items):
        if isinstance(item, AnchoredItem):
            needed = item.from_character or item.from_line
            found.append((item, cut(items[:place]) if needed else 0))
    return found


def resolve_positions(
    found: Sequence[tuple[AnchoredItem, int]],
    clusters: Sequence[Cluster],
    lines: Sequence[Line],
    heights: Sequence[float],
    left: float,
) -> list[AnchoredItem]:
    """The anchored things with what counts from a letter or a line counted from the paragraph."""
    placed = []
    for item, at in found:
        if item.from_character or item.from_line:
            across, down = _letter(clusters[at] if at < len(clusters) else None, lines, heights)
            item = replace(
                item,
                x=item.x + (left + across if item.from_character else 0.0),
                y=item.y + (down if item.from_line else 0.0),
            )
        placed.append(item)
    return placed


def _letter(wanted: Cluster | None, lines: Sequence[Line], heights: Sequence[float]) -> tuple[float, float]:
    """Where an cluster stands, from the paragraph's left and top; the end of the text where it stands on no line."""
    down = across = 0.0
    for line, height in zip(lines, heights, strict=True):
        across = line.indent
        for place, cluster in enumerate(line.clusters):
            if cluster is wanted:
                return across, down
            across += (
                line.tabs[place]
                if cluster.kind == TAB
                else cluster.width + cluster.gap_before + cluster.space_after
            )
        down += height
    return across, down - (heights[-1] if heights else 0.0)


def compose_with_first_line(anchored: Sequence[AnchoredItem], lift: float) -> list[Node]:
    """What is placed from the paragraph's top, in a box without height that stays with the first line."""
    placed = [item for item in anchored if not item.on_page]
    if not placed:
        return []
    boxes = [_box(replace(item, y=item.y - lift)) for item in placed]
    return [node("div", *boxes, style="position:relative;height:0;break-after:avoid")]


def compose_on_page(
    ctx: LayoutContext, container: ContainingBlock, anchored: Sequence[AnchoredItem]
) -> list[Node]:
    """What is placed from the page's text area."""
    return [_pinned(ctx, container, item) for item in anchored if item.on_page]


def _pinned(ctx: LayoutContext, container: ContainingBlock, item: AnchoredItem) -> Node:
    """In a header or footer the engine measures from its own text."""
    page = ctx.page
    if container.running_kind == "header":
        return _box(replace(item, y=item.y + page.top - page.header))
    if container.running_kind == "footer":
        return _box(item, bottom=page.height - page.footer - page.top - item.y - item.height)
    return _box(item)


def _box(item: AnchoredItem, bottom: float | None = None) -> Node:
    down = f"top:{pt(item.y)}" if bottom is None else f"bottom:{pt(bottom)}"
    css = f"position:absolute;left:{pt(item.x)};{down};z-index:{-1 if item.behind else 1}"
    if item.align:
        css += f";width:{pt(item.width)};text-align:{item.align}"
    return node("div", item.node, style=css)
