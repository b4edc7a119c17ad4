"""The measures of a paragraph: indents, spacing, the height of its lines and where the baseline runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from formsvc.docxpdf.context import Desk, Frame
from formsvc.docxpdf.opc.xml import number, points
from formsvc.docxpdf.text.clusters import BOX, Atom, chain_of
from formsvc.docxpdf.text.line_breaker import TabStop
from formsvc.docxpdf.wordml.properties import Properties, is_on, value
from formsvc.docxpdf.wordml.styles import RunFormat

_LINE_UNIT = 240
_PLAIN_LINE = 15.6
_ALIGNED = {"end": "right", "start": "left", "": "left"}
_BACKWARDS = {"": "right", "start": "right", "left": "right", "both": "right", "end": "left", "right": "left"}
"""In a right-to-left paragraph the sides change places: “left” is where its lines begin."""


@dataclass(frozen=True)
class Shape:
    """Indents and spacing in points; ``first`` is the first line's indent relative to ``left``."""

    left: float
    right: float
    first: float
    before: float
    after: float
    align: str
    rule: str
    line: float
    snaps: bool


def shape_of(desk: Desk, frame: Frame, properties: Properties, run: RunFormat) -> Shape:
    """The measures of a paragraph whose text begins in the format ``run``."""
    indent = properties.get("ind", {})
    char = run.nominal + desk.page.char_space + run.spacing
    spacing = properties.get("spacing", {})
    grid = (desk.page.pitch if frame.on_grid else 0.0) or _PLAIN_LINE
    align = value(properties, "jc")
    backwards = is_on(properties, "bidi")

    def side(name: str) -> float:
        chars = number(indent.get(name + "Chars"))
        return chars / 100 * char if chars else points(indent.get(name))

    def gap(name: str) -> float:
        if spacing.get(name + "Autospacing") in ("1", "true", "on"):
            return 14.0
        lines = number(spacing.get(name + "Lines"))
        return lines / 100 * grid if lines else points(spacing.get(name))

    rule = spacing.get("lineRule", "auto")
    default = "240" if rule == "auto" else "0"
    amount = number(spacing.get("line", default))
    left, right = ("right", "left") if backwards else ("left", "right")
    return Shape(
        left=side(left),
        right=side(right),
        first=side("firstLine") - side("hanging"),
        before=gap("before"),
        after=gap("after"),
        align=_BACKWARDS.get(align, align) if backwards else _ALIGNED.get(align, align),
        rule="auto" if rule != "auto" and amount <= 0 else rule,
        line=amount if amount > 0 else float(_LINE_UNIT),
        snaps=_snaps(desk, frame, properties),
    )


def _snaps(desk: Desk, frame: Frame, properties: Properties) -> bool:
    """Whether lines keep to the page's grid."""
    there = frame.on_grid and frame.lines_on_grid and desk.page.pitch > 0
    return there and is_on(properties, "snapToGrid", default=True)


def tab_stops(properties: Properties) -> tuple[TabStop, ...]:
    """The paragraph's own tab stops, from left to right."""
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
    """Height of a line, the distance of its baseline from its top, and what stands below it but not at a page's end."""

    height: float
    baseline: float
    below: float = 0.0

    @property
    def whole(self) -> float:
        """The line with what stands below it."""
        return self.height + self.below


def line_box(
    desk: Desk, shape: Shape, atoms: Iterable[Atom], mark: RunFormat, *, last: bool = False
) -> LineBox:
    """The line that holds these atoms; an empty one has the height of the paragraph mark's format."""
    if shape.rule == "exact":
        height = shape.line / 20
        return LineBox(height, height * desk.rules.exact_baseline)
    content = list(atoms)
    ascent, descent, size = _extent(desk, shape, content, mark)
    natural = ascent + descent
    height = _line_height(desk, shape, natural)
    tallest = max((a.height for a in content if a.kind == BOX), default=0.0)
    if tallest > ascent:
        whole = tallest + descent
        height = max(
            height,
            _line_height(
                desk, replace(shape, line=max(_LINE_UNIT if shape.rule == "auto" else shape.line, 1.0)), whole
            ),
        )
        return LineBox(height, height - descent - (height - whole) / 2 if shape.snaps else height - descent)
    if shape.snaps:
        shift = (ascent - descent) / 2 if desk.rules.grid_shift is None else desk.rules.grid_shift * size
        if not desk.rules.extra_below:
            return LineBox(height, height / 2 + shift)
        cells = _cells(desk, natural)
        stretched = shape.rule == "auto" and shape.line > _LINE_UNIT
        below = (shape.line / _LINE_UNIT - 1) * natural if last and stretched else height - cells
        return LineBox(cells, cells / 2 + shift, max(0.0, below))
    if desk.rules.extra_below and shape.rule == "auto" and height > natural:
        return LineBox(natural, ascent, height - natural)
    return LineBox(height, height - natural + ascent)


def _line_height(desk: Desk, shape: Shape, natural: float) -> float:
    """The height of a line whose letters need ``natural``; a multiple of lines does not stretch pictures."""
    if shape.snaps:
        cells = _cells(desk, natural)
        if shape.rule == "atLeast":
            return cells if desk.rules.grid_over_least else max(shape.line / 20, cells)
        return max(cells * shape.line / _LINE_UNIT, natural if shape.line >= _LINE_UNIT else 0.0)
    return max(shape.line / 20, natural) if shape.rule == "atLeast" else natural * shape.line / _LINE_UNIT


def _cells(desk: Desk, natural: float) -> float:
    """The height of the grid's lines that letters need."""
    return max(1, math.ceil(natural / desk.page.pitch - desk.rules.grid_slack)) * desk.page.pitch


def _extent(desk: Desk, shape: Shape, atoms: list[Atom], mark: RunFormat) -> tuple[float, float, float]:
    """Greatest ascent and descent, and the greatest type size."""
    styles = {(id(a.format), a.east): a for a in atoms if a.kind != BOX and a.text}
    runs: list[tuple[RunFormat, bool, Atom | None]] = [(a.format, a.east, a) for a in styles.values()]
    ascent = descent = size = 0.0
    for style, east, atom in runs or [(mark, desk.rules.empty_lines_east, None)]:
        up, down = _reach(desk, style, east, atom, on_grid=shape.snaps)
        ascent, descent, size = max(ascent, up), max(descent, down), max(size, style.size)
    return ascent, descent, size


def _reach(
    desk: Desk, style: RunFormat, east: bool, atom: Atom | None, *, on_grid: bool
) -> tuple[float, float]:
    chain = chain_of(desk.fonts, style, east)
    if not desk.rules.nominal_heights:
        face = atom.drawn.face if atom is not None and atom.drawn is not None else chain.faces[0].face
        return (face.metrics.ascent + face.metrics.gap) * style.size, face.metrics.descent * style.size
    nominal = chain.nominal
    lift = (desk.rules.east_line - 1) * nominal.height / 2 * style.size if east else 0.0
    return (nominal.ascent + nominal.gap) * style.size + lift, nominal.descent * style.size + lift
