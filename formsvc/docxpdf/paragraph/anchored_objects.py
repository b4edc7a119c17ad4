"""Positions and boxes of the anchored objects of a paragraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.text.clusters import TAB, Cluster
from formsvc.docxpdf.text.inline_items import AnchoredItem, InlineItem
from formsvc.docxpdf.text.line_breaker import Line

# counts the clusters of some items
CountClusters = Callable[[Sequence[InlineItem]], int]


def find_anchored(
    items: Sequence[InlineItem], count_clusters: CountClusters
) -> list[tuple[AnchoredItem, int]]:
    """Return the anchored items with the index of the next cluster.

    The index is 0 if the position counts from neither a character nor a line.
    """
    anchored = []
    for place, item in enumerate(items):
        if isinstance(item, AnchoredItem):
            needed = item.from_character or item.from_line
            anchored.append((item, count_clusters(items[:place]) if needed else 0))
    return anchored


def resolve_positions(
    anchored: Sequence[tuple[AnchoredItem, int]],
    clusters: Sequence[Cluster],
    lines: Sequence[Line],
    heights: Sequence[float],
    left: float,
) -> list[AnchoredItem]:
    """Convert positions relative to a character or line to the paragraph's."""
    placed = []
    for item, at in anchored:
        if item.from_character or item.from_line:
            across, down = _cluster_position(clusters[at] if at < len(clusters) else None, lines, heights)
            item = replace(
                item,
                x=item.x + (left + across if item.from_character else 0.0),
                y=item.y + (down if item.from_line else 0.0),
            )
        placed.append(item)
    return placed


def _cluster_position(
    target: Cluster | None, lines: Sequence[Line], heights: Sequence[float]
) -> tuple[float, float]:
    """Return the position of a cluster from the paragraph's left and top.

    This is the end of the text if the cluster is on no line.
    """
    down = across = 0.0
    for line, height in zip(lines, heights, strict=True):
        across = line.indent
        for place, cluster in enumerate(line.clusters):
            if cluster is target:
                return across, down
            across += (
                line.tabs[place]
                if cluster.kind == TAB
                else cluster.width + cluster.gap_before + cluster.space_after
            )
        down += height
    return across, down - (heights[-1] if heights else 0.0)


def compose_with_first_line(anchored: Sequence[AnchoredItem], lift: float) -> list[Node]:
    """Return paragraph-anchored items in a box kept with the first line."""
    placed = [item for item in anchored if not item.on_page]
    if not placed:
        return []
    boxes = [_box(replace(item, y=item.y - lift)) for item in placed]
    return [node("div", *boxes, style="position:relative;height:0;break-after:avoid")]


def compose_on_page(
    ctx: LayoutContext, container: ContainingBlock, anchored: Sequence[AnchoredItem]
) -> list[Node]:
    """Return the items placed from the page's text area."""
    return [_place_on_page(ctx, container, item) for item in anchored if item.on_page]


def _place_on_page(ctx: LayoutContext, container: ContainingBlock, item: AnchoredItem) -> Node:
    # in a header or footer the engine measures from its own text, not from the page's
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
