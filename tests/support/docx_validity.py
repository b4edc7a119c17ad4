"""Whether a Word file is one by the schemas of Microsoft's Open XML SDK (ECMA-376), and by what they leave unsaid."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml.etree import _Element
from openxml_audit import FileFormat, OpenXmlValidator

from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.docxpdf.opc.xml import W

# the validator asks for a theme; ECMA-376 part 1, 11.3.10 permits one and Word takes its own where there is none
_NOT_ASKED_FOR = "relationships/theme"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_BLOCKS = (f"{W}p", f"{W}tbl", f"{W}sdt")
_FONT_PLACES = ("ascii", "hAnsi", "eastAsia", "cs")


@cache
def _validator() -> OpenXmlValidator:
    return OpenXmlValidator(FileFormat.OFFICE_2010)


def word_faults(word: bytes) -> list[str]:
    """What Word might stumble over, a line each."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.docx"
        file.write_bytes(word)
        found = _validator().validate(file).errors
    by_schema = [
        f"{e.part_uri} {e.path}: {e.description}" for e in found if _NOT_ASKED_FOR not in e.description
    ]
    return [*by_schema, *_unsaid(WordFile.from_bytes(word))]


def _unsaid(word: WordFile) -> Iterator[str]:
    for name, content in word.parts.items():
        if name.startswith("word/") and name.endswith(".xml"):
            root = parse_part(content)
            yield from (f"{name}: {fault}" for fault in (*_cells(root), *_doubled(root)))
    settings = parse_part(word.parts["word/settings.xml"])
    modes = [
        s.get(f"{W}val")
        for s in settings.iter(f"{W}compatSetting")
        if s.get(f"{W}name") == "compatibilityMode"
    ]
    if modes != ["15"]:
        yield f"opened by Word in compatibility mode: {modes}"
    listed = {f.get(f"{W}name") for f in parse_part(word.parts["word/fontTable.xml"]).iter(f"{W}font")}
    yield from (
        f"the font {name} is not in the font table"
        for name in sorted(str(name) for name in _fonts(word) - listed)
    )


def _cells(root: _Element) -> Iterator[str]:
    for holder in ("tc", "body", "hdr", "ftr", "txbxContent"):
        for element in root.iter(f"{W}{holder}"):
            blocks = [child.tag for child in element if child.tag in _BLOCKS]
            if not blocks or blocks[-1] != f"{W}p":
                yield f"{holder} does not end with a paragraph"
    for table in root.iter(f"{W}tbl"):
        columns = len(list(table.iterfind(f"{W}tblGrid/{W}gridCol")))
        rows = list(table.iterfind(f"{W}tr"))
        if not rows:
            yield "a table without rows"
        for number, row in enumerate(rows, 1):
            spans = [s.get(f"{W}val", "1") for s in row.iterfind(f"{W}tc/{W}tcPr/{W}gridSpan")]
            taken = len(list(row.iterfind(f"{W}tc"))) - len(spans) + sum(map(int, spans))
            if taken != columns:
                yield f"row {number} fills {taken} of {columns} columns"


def _doubled(root: _Element) -> Iterator[str]:
    for tag, what in ((_DRAWING, "id"), (f"{W}bookmarkStart", f"{W}id"), (f"{W}bookmarkStart", f"{W}name")):
        for value, count in Counter(e.get(what) for e in root.iter(tag)).items():
            if count > 1:
                yield f"{what.rpartition('}')[2]} {value} of {tag.rpartition('}')[2]} is used {count} times"


def _fonts(word: WordFile) -> set[str | None]:
    parts = [c for name, c in word.parts.items() if name.startswith("word/") and name.endswith(".xml")]
    marks = [mark for content in parts for mark in parse_part(content).iter(f"{W}rFonts")]
    return {mark.get(f"{W}{place}") for mark in marks for place in _FONT_PLACES} - {None}
