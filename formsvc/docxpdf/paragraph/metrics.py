"""Metrics of a paragraph: indents, spacing, line height and baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.opc.xml import number, points
from formsvc.docxpdf.text.clusters import BOX, Cluster, font_chain
from formsvc.docxpdf.text.line_breaker import TabStop
from formsvc.docxpdf.wordml.properties import Attributes, Properties, is_on, property_value
from formsvc.docxpdf.wordml.styles import RunFormat

# w:line counts 240ths of a line
_LINE_UNIT = 240
# w:beforeLines and w:afterLines count lines of the grid, or of this height without one
_PLAIN_LINE = 15.6
_ALIGNED = {"end": "right", "start": "left", "": "left"}
# in a right-to-left paragraph “left” is where its lines begin
_RTL_ALIGNED = {
    "": "right",
    "start": "right",
    "left": "right",
    "both": "right",
    "end": "left",
    "right": "left",
}


@dataclass(frozen=True)
class ParagraphMetrics:
    """Indents and spacing of a paragraph in points.

    ``first`` is the first line's indent relative to ``left``. ``line`` is ``w:line``: twips, or 240ths of a
    line with the rule ``auto``.
    """

    left: float
    right: float
    first: float
    before: float
    after: float
    align: str
    rule: str
    line: float
    snaps: bool


def metrics_of(
    ctx: LayoutContext, container: ContainingBlock, properties: Properties, run: RunFormat
) -> ParagraphMetrics:
    """Return the metrics of a paragraph; ``run`` is its first run's format."""
    indent = _indent(ctx, properties.get("ind", {}), run)
    spacing = properties.get("spacing", {})
    grid = (ctx.page.line_pitch if container.on_grid else 0.0) or _PLAIN_LINE
    align = property_value(properties, "jc")
    backwards = is_on(properties, "bidi")

    def gap(name: str) -> float:
        if spacing.get(name + "Autospacing") in ("1", "true", "on"):
            # HTML's automatic spacing, as Word sets it
            return 14.0
        lines = number(spacing.get(name + "Lines"))
        return lines / 100 * grid if lines else points(spacing.get(name))

    rule = spacing.get("lineRule", "auto")
    default = "240" if rule == "auto" else "0"
    amount = number(spacing.get("line", default))
    left, right = ("right", "left") if backwards else ("left", "right")
    return ParagraphMetrics(
        left=indent[left],
        right=indent[right],
        first=indent["firstLine"] - indent["hanging"],
        before=gap("before"),
        after=gap("after"),
        align=_RTL_ALIGNED.get(align, align) if backwards else _ALIGNED.get(align, align),
        rule="auto" if rule != "auto" and amount <= 0 else rule,
        line=amount if amount > 0 else float(_LINE_UNIT),
        snaps=_snaps(ctx, container, properties),
    )


def _indent(ctx: LayoutContext, attributes: Attributes, run: RunFormat) -> dict[str, float]:
    """Return the sides of a ``w:ind`` in points."""
    # Word counts left and right in characters of the default paragraph style, the first line in the paragraph's own;
    # found in the files that Word and WPS wrote, which hold both measures
    normal = ctx.styles.run_format(ctx.styles.default_style("paragraph"), None)
    own = run.nominal_size * run.scale + ctx.page.char_space + run.spacing
    unit = normal.nominal_size + ctx.page.char_space
    sizes = {"left": unit, "right": unit, "firstLine": own, "hanging": own}
    characters = {name: number(attributes.get(name + "Chars")) / 100 * size for name, size in sizes.items()}
    indent = {name: characters[name] or points(attributes.get(name)) for name in sizes}
    if characters["left"] and indent["hanging"]:
        # w:leftChars is where the hanging first line begins, w:left where the other lines do
        indent["left"] += indent["hanging"]
    return indent


def _snaps(ctx: LayoutContext, container: ContainingBlock, properties: Properties) -> bool:
    there = container.on_grid and container.lines_on_grid and ctx.page.line_pitch > 0
    return there and is_on(properties, "snapToGrid", default=True)


def tab_stops(properties: Properties) -> tuple[TabStop, ...]:
    stops = []
    for position, described in properties.get("tabs", {}).items():
        kind, _, leader = described.partition(" ")
        if kind not in ("clear", "bar"):
            stops.append(
                TabStop(
                    number(position), {"start": "left", "end": "right", "num": "left"}.get(kind, kind), leader
                )
            )
    return tuple(sorted(stops, key=lambda s: s.position))


@dataclass(frozen=True)
class LineBox:
    """Height, baseline and space below of one line.

    ``baseline`` counts from the top; ``below`` is dropped at the end of a page.
    """

    height: float
    baseline: float
    below: float = 0.0

    @property
    def total_height(self) -> float:
        return self.height + self.below


def line_box(
    ctx: LayoutContext,
    shape: ParagraphMetrics,
    clusters: Iterable[Cluster],
    mark: RunFormat,
    *,
    last: bool = False,
) -> LineBox:
    """Return the box of a line with these clusters.

    An empty line has the height of the paragraph mark's format.
    """
    if shape.rule == "exact":
        height = shape.line / 20
        return LineBox(height, height * ctx.profile.exact_baseline)
    content = list(clusters)
    ascent, descent, size = _extent(ctx, shape, content, mark)
    natural = ascent + descent
    height = _line_height(ctx, shape, natural)
    tallest = max((a.height for a in content if a.kind == BOX), default=0.0)
    if tallest > ascent:
        whole = tallest + descent
        height = max(
            height,
            _line_height(
                ctx, replace(shape, line=max(_LINE_UNIT if shape.rule == "auto" else shape.line, 1.0)), whole
            ),
        )
        return LineBox(height, height - descent - (height - whole) / 2 if shape.snaps else height - descent)
    if shape.snaps:
        shift = (ascent - descent) / 2 if ctx.profile.grid_shift is None else ctx.profile.grid_shift * size
        if not ctx.profile.line_space_below:
            return LineBox(height, height / 2 + shift)
        cells = _cells(ctx, natural)
        stretched = shape.rule == "auto" and shape.line > _LINE_UNIT
        below = (shape.line / _LINE_UNIT - 1) * natural if last and stretched else height - cells
        return LineBox(cells, cells / 2 + shift, max(0.0, below))
    if ctx.profile.line_space_below and shape.rule == "auto" and height > natural:
        return LineBox(natural, ascent, height - natural)
    return LineBox(height, height - natural + ascent)


def _line_height(ctx: LayoutContext, shape: ParagraphMetrics, natural: float) -> float:
    """Return the height of a line whose letters need ``natural`` points."""
    if shape.snaps:
        cells = _cells(ctx, natural)
        if shape.rule == "atLeast":
            return cells if ctx.profile.grid_overrides_at_least else max(shape.line / 20, cells)
        return max(cells * shape.line / _LINE_UNIT, natural if shape.line >= _LINE_UNIT else 0.0)
    return max(shape.line / 20, natural) if shape.rule == "atLeast" else natural * shape.line / _LINE_UNIT


def _cells(ctx: LayoutContext, natural: float) -> float:
    """Return the height of the grid lines that ``natural`` points need."""
    return max(1, math.ceil(natural / ctx.page.line_pitch - ctx.profile.grid_slack)) * ctx.page.line_pitch


def _extent(
    ctx: LayoutContext, shape: ParagraphMetrics, clusters: list[Cluster], mark: RunFormat
) -> tuple[float, float, float]:
    """Return the greatest ascent, descent and type size."""
    styles = {(id(a.format), a.east_asian): a for a in clusters if a.kind != BOX and a.text}
    runs: list[tuple[RunFormat, bool, Cluster | None]] = [
        (a.format, a.east_asian, a) for a in styles.values()
    ]
    ascent = descent = size = 0.0
    for style, east, cluster in runs or [(mark, ctx.profile.empty_lines_east_asian, None)]:
        up, down = _reach(ctx, style, east, cluster, on_grid=shape.snaps)
        ascent, descent, size = max(ascent, up), max(descent, down), max(size, style.size)
    return ascent, descent, size


def _reach(
    ctx: LayoutContext, style: RunFormat, east: bool, cluster: Cluster | None, *, on_grid: bool
) -> tuple[float, float]:
    chain = font_chain(ctx.fonts, style, east)
    if not ctx.profile.nominal_heights:
        face = cluster.font.face if cluster is not None and cluster.font is not None else chain.faces[0].face
        return (face.metrics.ascent + face.metrics.gap) * style.size, face.metrics.descent * style.size
    nominal = chain.nominal
    lift = (ctx.profile.east_asian_line_height - 1) * nominal.height / 2 * style.size if east else 0.0
    return (nominal.ascent + nominal.gap) * style.size + lift, nominal.descent * style.size + lift
