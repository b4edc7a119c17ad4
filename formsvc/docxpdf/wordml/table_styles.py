"""Table styles: first row, banded rows and other conditional formats."""

from __future__ import annotations

from dataclasses import dataclass, field

from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, whole
from formsvc.docxpdf.wordml.properties import Properties, merge_element
from formsvc.docxpdf.wordml.styles import Styles

_BITS = {
    "firstRow": 0x20,
    "lastRow": 0x40,
    "firstColumn": 0x80,
    "lastColumn": 0x100,
    "noHBand": 0x200,
    "noVBand": 0x400,
}
# first row, first column, horizontal bands: what Word gives a new table
_DEFAULT_LOOK = 0x4A0
_ACROSS, _DOWN = frozenset({"top", "bottom"}), frozenset({"left", "right"})
# sides on which every cell of a region is at the region's edge
_REGION_EDGES = {
    **dict.fromkeys(("firstRow", "lastRow", "band1Horz", "band2Horz"), _ACROSS),
    **dict.fromkeys(("firstCol", "lastCol", "band1Vert", "band2Vert"), _DOWN),
    **dict.fromkeys(("neCell", "nwCell", "seCell", "swCell"), _ACROSS | _DOWN),
}


@dataclass(frozen=True)
class ConditionalFormat:
    """The ``w:tcPr`` of one part of a table style.

    It is for a cell at these ``edges`` of the part's region.
    """

    cell: Element
    edges: frozenset[str]


@dataclass
class CellFormat:
    """Formats that a table style gives one cell."""

    run_properties: Properties = field(default_factory=dict)
    paragraph_properties: Properties = field(default_factory=dict)
    # the strongest last
    cell_formats: list[ConditionalFormat] = field(default_factory=list)


@dataclass(frozen=True)
class CellPosition:
    """Position of a cell in its table."""

    row: int
    rows: int
    column: int
    columns: int
    column_span: int = 1
    row_span: int = 1

    @property
    def in_last_row(self) -> bool:
        return self.row + self.row_span >= self.rows

    @property
    def in_last_column(self) -> bool:
        return self.column + self.column_span >= self.columns


class TableStyle:
    """One table style as one table uses it (``w:tblLook``)."""

    def __init__(self, styles: Styles, style: str, look: Element | None) -> None:
        self._styles, self._style = styles, style
        self._parts: dict[str, list[Element]] = {}
        for element in styles.style_chain(style, ""):
            self._parts.setdefault("wholeTable", []).append(element)
            for part in find_all(element, "w:tblStylePr"):
                self._parts.setdefault(attribute(part, "type"), []).append(part)
        self._look = {name: _looks(look, name, bit) for name, bit in _BITS.items()}
        self._cell_formats: dict[tuple[tuple[str, ...], frozenset[str]], CellFormat] = {}

    def cell_format(self, place: CellPosition) -> CellFormat:
        key = (tuple(self._conditions(place)), _table_edges(place))
        if key not in self._cell_formats:
            self._cell_formats[key] = self._merge_formats(*key)
        return self._cell_formats[key]

    def _conditions(self, place: CellPosition) -> list[str]:
        """Return the style parts that apply to a cell, the strongest last.

        See ECMA-376 part 1, 17.7.6.
        """
        look = self._look
        first_row, last_row = look["firstRow"] and place.row == 0, look["lastRow"] and place.in_last_row
        first_column, last_column = (
            look["firstColumn"] and place.column == 0,
            look["lastColumn"] and place.in_last_column,
        )
        applies = {
            "band1Vert": not look["noVBand"] and (place.column - look["firstColumn"]) % 2 == 0,
            "band2Vert": not look["noVBand"] and (place.column - look["firstColumn"]) % 2 == 1,
            "band1Horz": not look["noHBand"]
            and not (first_row or last_row)
            and (place.row - look["firstRow"]) % 2 == 0,
            "band2Horz": not look["noHBand"]
            and not (first_row or last_row)
            and (place.row - look["firstRow"]) % 2 == 1,
            "firstCol": first_column,
            "lastCol": last_column,
            "firstRow": first_row,
            "lastRow": last_row,
            "neCell": first_row and last_column,
            "nwCell": first_row and first_column,
            "seCell": last_row and last_column,
            "swCell": last_row and first_column,
        }
        return ["wholeTable"] + [name for name, holds in applies.items() if holds and name in self._parts]

    def _merge_formats(self, names: tuple[str, ...], outer: frozenset[str]) -> CellFormat:
        cell_format = CellFormat()
        for name in names:
            for part in self._parts.get(name, []):
                cell_format.run_properties = merge_element(cell_format.run_properties, child(part, "w:rPr"))
                cell_format.paragraph_properties = merge_element(
                    cell_format.paragraph_properties, child(part, "w:pPr")
                )
                cell = child(part, "w:tcPr")
                if cell is not None:
                    cell_format.cell_formats.append(
                        ConditionalFormat(cell, outer | _REGION_EDGES.get(name, frozenset()))
                    )
        return cell_format


def _table_edges(place: CellPosition) -> frozenset[str]:
    applies = {
        "top": place.row == 0,
        "bottom": place.in_last_row,
        "left": place.column == 0,
        "right": place.in_last_column,
    }
    return frozenset(side for side, holds in applies.items() if holds)


def _looks(look: Element | None, name: str, bit: int) -> bool:
    switch = attribute(look, name)
    if switch:
        return switch in ("1", "true", "on")
    bits = attribute(look)
    try:
        return bool((int(bits, 16) if bits else _DEFAULT_LOOK if look is None else whole(bits)) & bit)
    except ValueError:
        return False
