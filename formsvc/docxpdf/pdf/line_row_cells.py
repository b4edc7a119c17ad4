"""Table rows of the element tree that hold placed lines only.

Such a row needs no box for each cell and paragraph (line_rows.py). These rows keep the ordinary way:

- the first row of a table, and the first row with a class of cell or paragraph, whose computed styles later rows use;
- rows with a fill, a vertical merge in or above them, a nested table, a picture, a note, exact height, a bordered or
  framed paragraph, or a paragraph that WeasyPrint breaks;
- rows of tables that float, are nested, or stand in columns, headers, footers or boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.pdf.positioned_lines import PlacedLine
from formsvc.docxpdf.pdf.run_style import class_rules, parse_declarations, parse_length
from formsvc.docxpdf.wordml.structure_roles import CONTINUES, HEADER, ROLE

_ATTRIBUTES = {
    "tr": frozenset({"class"}),
    "td": frozenset({"class", "colspan", HEADER}),
    "p": frozenset({"class", ROLE, CONTINUES}),
}
_PROPERTIES = {
    "div": frozenset({"page", "break-before", "margin-left", "margin-right"}),
    "table": frozenset({"border-collapse", "table-layout", "width", "margin"}),
    "tr": frozenset({"break-inside", "break-after"}),
    "td": frozenset(
        {"border-top", "border-right", "border-bottom", "border-left", "padding", "vertical-align", "height"}
    ),
    "p": frozenset(
        {"line-height", "min-height", "font-size", "margin", "margin-break", "text-align", "break-after",
         "break-inside", "orphans", "widows"}
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellParagraph:
    """A paragraph of a cell.

    `model` is a paragraph of an ordinary row that has its style.
    """

    element: Node
    model: Node
    lines: list[PlacedLine]


@dataclass(frozen=True, slots=True)
class LineCell:
    """A cell of placed lines.

    `model` is a cell of an ordinary row that has its style.
    """

    element: Node
    model: Node
    columns: int
    paragraphs: list[CellParagraph]


LineRows = dict[Node, list[LineCell]]


@dataclass(slots=True)
class _Models:
    """Cells and paragraphs of the ordinary rows of one style, by class."""

    cells: dict[str, Node] = field(default_factory=dict)
    paragraphs: dict[tuple[str, str], Node] = field(default_factory=dict)


def detach_line_cells(root: Node, style: str, lines: Mapping[Node, list[PlacedLine]]) -> LineRows:
    """Take the cells out of rows that need no boxes for them. Return them."""
    return _RowSorter(style, lines).sort(root)


class _RowSorter:
    def __init__(self, style: str, lines: Mapping[Node, list[PlacedLine]]) -> None:
        self._rules, self._lines = class_rules(style), lines
        self._plain: dict[tuple[str, str], bool] = {}

    def sort(self, root: Node) -> LineRows:
        rows: LineRows = {}
        for table in self._tables(root):
            first = True
            for section in table:
                models: dict[str, _Models] = {}
                merged = 0
                for row in section.iterfind("tr"):
                    of_style = models.setdefault(row.get("class", ""), _Models())
                    spans = max((int(cell.get("rowspan", "1")) for cell in row), default=1)
                    ordinary = first or bool(merged) or spans > 1
                    cells = None if ordinary else self._line_cells(row, of_style)
                    if cells is None:
                        _add_models(of_style, row)
                    else:
                        rows[row] = cells
                        row[:] = []
                    merged, first = max(0, merged - 1, spans - 1), False
        return rows

    def _tables(self, block: Node) -> Iterator[Node]:
        """Yield the tables that stand in the flow of the pages."""
        for child in block:
            if child.tag == "body" or (child.tag == "div" and self._is_plain(child)):
                yield from self._tables(child)
            elif child.tag == "table" and self._is_plain(child):
                yield child

    def _line_cells(self, row: Node, models: _Models) -> list[LineCell] | None:
        """Return the cells of a row, or None if it needs boxes for them."""
        if not self._is_plain(row) or not row.attrib.keys() <= _ATTRIBUTES["tr"]:
            return None
        cells = []
        for cell in row:
            name = cell.get("class", "")
            model = models.cells.get(name)
            if model is None or cell.tag != "td" or cell.text or not cell.attrib.keys() <= _ATTRIBUTES["td"]:
                return None
            paragraphs = []
            for paragraph in cell:
                like = models.paragraphs.get((name, paragraph.get("class", "")))
                lines = self._lines_of(paragraph)
                if like is None or lines is None:
                    return None
                paragraphs.append(CellParagraph(paragraph, like, lines))
            if not self._is_plain(cell):
                return None
            cells.append(LineCell(cell, model, int(cell.get("colspan", "1")), paragraphs))
        return cells or None

    def _lines_of(self, paragraph: Node) -> list[PlacedLine] | None:
        """Return the placed lines of a paragraph, [] for one without text."""
        if paragraph.tag != "p" or not paragraph.attrib.keys() <= _ATTRIBUTES["p"]:
            return None
        if not self._is_plain(paragraph):
            return None
        lines = self._lines.get(paragraph)
        if lines is None:
            return None if len(paragraph) or paragraph.text else []
        return None if any(line.has_counters for line in lines) else lines

    def _is_plain(self, element: Node) -> bool:
        """Return whether a block declares nothing that would need a box."""
        key = element.tag, element.get("class", "")
        if element.get("style"):
            return False
        if key not in self._plain:
            self._plain[key] = self._declares_plain(*key)
        return self._plain[key]

    def _declares_plain(self, tag: str, name: str) -> bool:
        declarations = parse_declarations(self._rules.get(name, "position:unknown")) if name else {}
        if declarations is None or not declarations.keys() <= _PROPERTIES[tag]:
            return False
        if tag == "table":
            return declarations.get("border-collapse") == "collapse"
        if tag == "td":
            return declarations.get("vertical-align") in ("top", "middle", "bottom")
        # blocks that could collapse to nothing or reach over others
        return tag != "p" or (
            bool(parse_length(declarations.get("min-height", "0"))) and "-" not in _vertical(declarations)
        )


def _vertical(declarations: Mapping[str, str]) -> str:
    """Return the margins of a paragraph above and below it."""
    return " ".join(declarations.get("margin", "0").split()[::2])


def _add_models(models: _Models, row: Node) -> None:
    for cell in row:
        name = cell.get("class", "")
        models.cells.setdefault(name, cell)
        for paragraph in cell.iterfind("p"):
            models.paragraphs.setdefault((name, paragraph.get("class", "")), paragraph)
