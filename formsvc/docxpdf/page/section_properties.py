"""Section properties (`w:sectPr`): pages, columns, numbering."""

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
_MAX_COLUMNS = 12


@dataclass(frozen=True)
class DocumentSection:
    """Blocks of a section with its `w:sectPr`."""

    blocks: list[Element]
    properties: Element | None

    @property
    def kind(self) -> str:
        """Return its `w:type` (ECMA-376 part 1, 17.18.77)."""
        return value_at(self.properties, "w:type", default="nextPage")

    @property
    def number_start(self) -> str:
        """Return the number of its first page, "" to continue counting."""
        return value_at(self.properties, "w:pgNumType", "start")


@dataclass(frozen=True)
class Columns:
    """Text columns.

    Columns of equal width have `width` and `space`, others `widths` and `spaces`.
    """

    count: int
    width: float
    space: float
    has_separator: bool
    equal: bool
    widths: tuple[float, ...] = ()
    spaces: tuple[float, ...] = ()


def split_sections(body: Element) -> list[DocumentSection]:
    sections: list[DocumentSection] = []
    blocks: list[Element] = []
    for name, element in _blocks_of(body):
        if name == "sectPr":
            sections.append(DocumentSection(blocks, element))
            blocks = []
            continue
        blocks.append(element)
        section_end = child(element, "w:pPr/w:sectPr") if name == "p" else None
        if section_end is not None:
            sections.append(DocumentSection(blocks, section_end))
            blocks = []
    if blocks or not sections:
        sections.append(DocumentSection(blocks, sections[-1].properties if sections else None))
    return sections


def _blocks_of(body: Element) -> list[tuple[str, Element]]:
    """Return the blocks, with content controls around section ends unwrapped."""
    blocks: list[tuple[str, Element]] = []
    for name, element in children(body):
        content = child(element, "w:sdtContent") if name == "sdt" else None
        if content is not None and find_all(content, ".//w:pPr/w:sectPr"):
            blocks += _blocks_of(content)
        else:
            blocks.append((name, element))
    return blocks


def page_geometry(properties: Element | None) -> PageGeometry:
    size, margins, grid = (child(properties, f"w:{n}") for n in ("pgSz", "pgMar", "docGrid"))
    kind = attribute(grid, "type")
    return PageGeometry(
        # Word's limit is 22 inches; larger pages come from other programs
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


def center_grid(page: PageGeometry) -> PageGeometry:
    """Return the page with the grid centred between its margins."""
    if not page.line_pitch:
        return page
    remainder = page.text_height % page.line_pitch
    return replace(page, top=page.top + remainder / 2, bottom=page.bottom + remainder / 2)


def read_columns(properties: Element | None, width: float) -> Columns:
    """Return the columns of a section whose text is `width` wide."""
    cols = child(properties, "w:cols")
    column_elements = find_all(cols, "w:col")
    equal = attribute(cols, "equalWidth", "1") not in ("0", "false", "off") or not column_elements
    count = whole(attribute(cols, "num"), 1) if equal else len(column_elements)
    count = max(1, min(_MAX_COLUMNS, count))
    spaces = [points(attribute(c, "space")) for c in column_elements[:-1]]
    space = points(attribute(cols, "space"), 36.0) if equal else sum(spaces) / max(1, len(spaces))
    column_width = (width - space * (count - 1)) / count
    if count == 1 or column_width < 1:
        return Columns(1, width, 0.0, False, True)
    widths = () if equal else tuple(points(attribute(c, "w")) for c in column_elements[:count])
    has_widths = bool(widths) and all(w >= 1 for w in widths) and sum(widths) + sum(spaces) <= width + 1
    return Columns(
        count,
        column_width,
        space,
        _has_separator(cols),
        equal or max(widths) - min(widths) < 1,
        widths if has_widths else (),
        tuple(spaces) if has_widths else (),
    )


def _has_separator(cols: Element | None) -> bool:
    return attribute(cols, "sep") in ("1", "true", "on")


def _char_space(grid: Element | None) -> float:
    """Return the grid's extra space per character, in points."""
    text = attribute(grid, "charSpace")
    # some programs write negative values as unsigned 32-bit numbers
    wrapped = text.isascii() and text.isdigit() and len(text) <= 10 and int(text) >= 2**31
    return (int(text) - 2**32 if wrapped else number(text)) / 4096
