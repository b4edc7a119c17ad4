"""Line breaking around exclusions: pictures, text boxes and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import Element
from formsvc.docxpdf.page_flow import AvailableSpace, ColumnFlow
from formsvc.docxpdf.paragraph.metrics import ParagraphMetrics, line_box
from formsvc.docxpdf.text.clusters import Cluster
from formsvc.docxpdf.text.inline_items import AnchoredItem
from formsvc.docxpdf.text.line_breaker import Line, LineBreaker, Measure
from formsvc.docxpdf.wordml.styles import RunFormat

# breaks that end a page or column as well as the line
PAGE_BREAKS = frozenset({"page", "column"})
Height = Callable[[Sequence[Cluster]], float]


def add_exclusions(
    flow: ColumnFlow, container: ContainingBlock, before: float, anchored: Sequence[AnchoredItem]
) -> None:
    """Add the exclusions of a paragraph's anchored items to the flow."""
    start = flow.paragraph_top(before) - max(0.0, before - flow.space_after)
    flow.exclusions += [o for item in anchored if (o := item.exclusion(start, inside=container.is_inside))]


def break_lines_in_flow(
    ctx: LayoutContext,
    element: Element,
    shape: ParagraphMetrics,
    mark: RunFormat,
    clusters: list[Cluster],
    measure: Measure,
) -> list[Line]:
    """Return the lines of the next ``w:p``, clear of the flow's exclusions."""
    flow, top = ctx.flow, ctx.flow.paragraph_top(shape.before)
    if flow.is_clear():
        return ctx.line_breaking.break_lines(element, clusters, measure)
    return break_wrapped_lines(
        flow, clusters, measure, top, lambda some: line_box(ctx, shape, some, mark).total_height
    )


def advance_flow(
    ctx: LayoutContext,
    shape: ParagraphMetrics,
    mark: RunFormat,
    lines: Sequence[Line],
    *,
    breaks_before: bool,
) -> None:
    flow, before = ctx.flow, shape.before
    if breaks_before:
        flow.start_page()
    heights: list[float] = []
    for line in lines:
        heights.append(line_box(ctx, shape, line.clusters, mark).total_height + line.space_above)
        if line.break_kind in PAGE_BREAKS:
            flow.add_paragraph(before, heights, 0.0)
            flow.start_page()
            heights, before = [], 0.0
    flow.add_paragraph(before, heights, shape.after)


def break_wrapped_lines(
    flow: ColumnFlow, clusters: Sequence[Cluster], measure: Measure, top: float, height: Height
) -> list[Line]:
    """Return a paragraph's lines from ``top`` down, each in its free space."""
    lines: list[Line] = []
    start, y, page_started = 0, top, False
    while start < len(clusters) or not lines:
        estimate = height(clusters[start : start + 1])
        if y + estimate > flow.page_height and y > 0:
            y, page_started = 0.0, True
        space = (
            AvailableSpace()
            if page_started
            else flow.find_space(y, estimate, measure.left, measure.left + measure.width)
        )
        line, count = LineBreaker(
            clusters[start:], _narrow_measure(measure, space, first=not lines)
        ).break_first_line()
        start += count
        line.indent += space.left
        line.space_above, line.right_inset = space.skip, space.right
        lines.append(line)
        y += space.skip + height(line.clusters)
        if start >= len(clusters) and line.break_kind == "line":
            lines.append(Line([], last=True))
    return lines


def _narrow_measure(measure: Measure, space: AvailableSpace, *, first: bool) -> Measure:
    return replace(
        measure,
        width=max(1.0, measure.width - space.left - space.right),
        left=measure.left + space.left,
        first=measure.first if first else 0.0,
    )
