"""Sections read: where they begin and end, their pages, columns, numbering."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formsvc.docxpdf.context import PageGeometry
from formsvc.docxpdf.opc.xml import (
    Element,
    attribute,
    child,
    children,
    find_all,
    number,
    points,
    value_at,
    whole,
)

_GRIDS = frozenset({"lines", "linesAndChars", "snapToChars"})
_MOST_COLUMNS = 12


@dataclass(frozen=True)
class Section:
    """The blocks of a section and its properties."""

    blocks: list[Element]
    properties: Element | None

    @property
    def kind(self) -> str:
        """How it begins: ``nextPage``, ``continuous``, ``oddPage``, ``evenPage`` or ``nextColumn``."""
        return value_at(self.properties, "w:type", default="nextPage")

    @property
    def number_start(self) -> str:
        """The number its first page is given, empty where the count goes on."""
        return value_at(self.properties, "w:pgNumType", "start")


@dataclass(frozen=True)
class Columns:
    """Newspaper columns; ``width`` of each, ``space`` between them."""

    count: int
    width: float
    space: float
    ruled: bool
    equal: bool
    widths: tuple[float, ...] = ()
    spaces: tuple[float, ...] = ()
    """Of columns with widths of their own, and what stands behind each."""


def split_sections(body: Element) -> list[Section]:
    """The body cut where sections end."""
    sections: list[Section] = []
    blocks: list[Element] = []
    for name, element in _blocks_of(body):
        if name == "sectPr":
            sections.append(Section(blocks, element))
            blocks = []
            continue
        blocks.append(element)
        ending = child(element, "w:pPr/w:sectPr") if name == "p" else None
        if ending is not None:
            sections.append(Section(blocks, ending))
            blocks = []
    if blocks or not sections:
        sections.append(Section(blocks, sections[-1].properties if sections else None))
    return sections


def _blocks_of(body: Element) -> list[tuple[str, Element]]:
    """The blocks, a content control that holds the end of a section taken apart."""
    blocks: list[tuple[str, Element]] = []
    for name, element in children(body):
        content = child(element, "w:sdtContent") if name == "sdt" else None
        if content is not None and find_all(content, ".//w:pPr/w:sectPr"):
            blocks += _blocks_of(content)
        else:
            blocks.append((name, element))
    return blocks


def page_of(properties: Element | None) -> PageGeometry:
    """PageGeometry size, margins and grid of a section."""
    size, margins, grid = (child(properties, f"w:{n}") for n in ("pgSz", "pgMar", "docGrid"))
    kind = attribute(grid, "type")
    return PageGeometry(
        width=min(3200.0, max(36.0, points(attribute(size, "w"), 595.3))),
        height=min(3200.0, max(36.0, points(attribute(size, "h"), 841.9))),
        left=points(attribute(margins, "left"), 90.0) + points(attribute(margins, "gutter")),
        top=abs(points(attribute(margins, "top"), 72.0)),
        right=points(attribute(margins, "right"), 90.0),
        bottom=abs(points(attribute(margins, "bottom"), 72.0)),
        header=points(attribute(margins, "header"), 42.55),
        footer=points(attribute(margins, "footer"), 49.6),
        fixed_top=points(attribute(margins, "top")) < 0,
        fixed_bottom=points(attribute(margins, "bottom")) < 0,
        line_pitch=points(attribute(grid, "linePitch")) if kind in _GRIDS else 0.0,
        char_space=_char_space(grid) if kind in ("linesAndChars", "snapToChars") else 0.0,
        number_format=value_at(properties, "w:pgNumType", "fmt", "decimal"),
    )


def with_centred_grid(page: PageGeometry) -> PageGeometry:
    """The page with what its text height holds beyond whole lines of the grid given to both margins."""
    if not page.line_pitch:
        return page
    spare = page.text_height % page.line_pitch
    return replace(page, top=page.top + spare / 2, bottom=page.bottom + spare / 2)


def columns_of(properties: Element | None, width: float) -> Columns:
    """The columns of a section whose text is ``width`` wide."""
    described = child(properties, "w:cols")
    own = find_all(described, "w:col")
    equal = attribute(described, "equalWidth", "1") not in ("0", "false", "off") or not own
    count = whole(attribute(described, "num"), 1) if equal else len(own)
    count = max(1, min(_MOST_COLUMNS, count))
    spaces = [points(attribute(c, "space")) for c in own[:-1]]
    space = points(attribute(described, "space"), 36.0) if equal else sum(spaces) / max(1, len(spaces))
    each = (width - space * (count - 1)) / count
    if count == 1 or each < 1:
        return Columns(1, width, 0.0, False, True)
    widths = () if equal else tuple(points(attribute(c, "w")) for c in own[:count])
    given = bool(widths) and all(w >= 1 for w in widths) and sum(widths) + sum(spaces) <= width + 1
    return Columns(
        count,
        each,
        space,
        _ruled(described),
        equal or max(widths) - min(widths) < 1,
        widths if given else (),
        tuple(spaces) if given else (),
    )


def _ruled(described: Element | None) -> bool:
    return attribute(described, "sep") in ("1", "true", "on")


def _char_space(grid: Element | None) -> float:
    """What the grid adds to each character, in points; some programs write a negative one unsigned."""
    text = attribute(grid, "charSpace")
    wrapped = text.isascii() and text.isdigit() and len(text) <= 10 and int(text) >= 2**31
    return (int(text) - 2**32 if wrapped else number(text)) / 4096
