"""Structure roles of tagged PDF: headings, header cells, continuations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.opc.xml import whole
from formsvc.docxpdf.wordml.properties import Properties, property_value
from formsvc.docxpdf.wordml.styles import RunFormat

ROLE, CONTINUES, HEADER = "data-role", "data-continues", "data-header"
_BODY_LEVEL = 9
_DEEPEST = 6
# the title is set in 二号 (22 pt), in tables a little smaller
_TITLE_SIZE = 18.0
# GB/T 9704-2012, 7.3.3: the first level is numbered 一、 and set in 黑体, the second （一） in 楷体
_NUMBERED = ((re.compile(r"^[一二三四五六七八九十百]+、"), re.compile("黑|hei", re.I), 2),
             (re.compile(r"^[（(][一二三四五六七八九十百]+[）)]"), re.compile("楷|kai", re.I), 3))  # fmt: skip
# a numbered paragraph of running text is longer
_LONGEST_HEADING = 40


def heading_role(properties: Properties, align: str, text: str, leading: RunFormat) -> str:
    """Return ``H1`` … ``H6`` for a heading, empty for other paragraphs.

    Official documents often have no heading styles; then size, font and numbering decide.
    """
    level = whole(property_value(properties, "outlineLvl"), _BODY_LEVEL)
    if level < _BODY_LEVEL:
        return f"H{min(level + 1, _DEEPEST)}"
    words = text.strip()
    if not words or len(words) > _LONGEST_HEADING:
        return ""
    if align == "center" and leading.size >= _TITLE_SIZE:
        return "H1"
    for number, face, depth in _NUMBERED:
        if number.match(words) and face.search(leading.east_font):
            return f"H{depth}"
    return ""


def mark_role(nodes: Iterable[Node], role: str) -> None:
    """Mark a paragraph's blocks with its role, later ones as continuations."""
    for place, block in enumerate(nodes):
        if role:
            block.set(ROLE, role)
        if place:
            block.set(CONTINUES, "1")


def mark_header_cells(rows: Sequence[Node], heads: int) -> None:
    """Mark header cells: those of the head rows, else the first of each row."""
    for row in rows[:heads]:
        for cell in row:
            cell.set(HEADER, "Column")
    for row in () if heads else rows:
        if len(row) > 1:
            row[0].set(HEADER, "Row")
