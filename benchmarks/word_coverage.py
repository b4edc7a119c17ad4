"""Words of a Word file found in its PDF, in the order of the file.

Reads the file by itself, so that an error of our own reader shows.
"""

from __future__ import annotations

import io
import posixpath
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from benchmarks.pdf_lines import Line, PdfText

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_INVISIBLE = frozenset(
    {_W + "del", _W + "moveFrom", _W + "instrText", _W + "delText", _W + "rPr", _W + "pPr"}
)
_COUNTED = re.compile(r"^\s*(PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_WORDS = re.compile(r"[⺀-鿿豈-﫿𠀀-𯿿]{1,6}|[^\s⺀-鿿豈-﫿]+")
# A word that follows its forerunner at a greater distance may be another of the same letters
_NEAR = 60
# how far back a word may stand: cells of a row that goes on on the next page are printed in two turns
_MAX_DISTANCE = 300
_SAME_HEIGHT = 2.0
# A line of so many letters at a page's foot may be its number
_FOOT = 12
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\ufeff"))


@dataclass(frozen=True)
class WordCoverage:
    """Number of words of a file, and those its PDF lacks or has elsewhere."""

    words: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        return 1.0 if not self.words else 1 - len(self.missing) / self.words


def measure_coverage(docx: bytes, printed: PdfText) -> WordCoverage:
    """Look for the words of each story one after another.

    Stories are the body, each text box, notes, headers and footers.
    """
    whole = _plain("".join(line.text for line in printed.lines))
    repeated = _repeated_lines(printed)
    flowing = _plain("".join(line.text for line in printed.lines if id(line) not in repeated))
    words, missing = 0, []
    for story in stories(docx):
        found = min((_missing_words(text, story) for text in (flowing, whole)), key=len)
        words += len(story)
        missing += found
    return WordCoverage(words, tuple(missing))


def _repeated_lines(printed: PdfText) -> set[int]:
    """Return the first and last lines that several pages share, at one height."""
    pages: dict[int, list[Line]] = {}
    for line in printed.lines:
        if line.glyphs:
            pages.setdefault(line.glyphs[0].page, []).append(line)
    lines_by_text: dict[tuple[str, int], list[Line]] = {}
    for lines in pages.values():
        head, foot = min(lines, key=_height), max(lines, key=_height)
        lines_by_text.setdefault((head.text, round(_height(head) / _SAME_HEIGHT)), []).append(head)
        if len(foot.glyphs) <= _FOOT:
            words = re.sub(r"[0-9]+", "", foot.text)
            lines_by_text.setdefault((words, round(_height(foot) / _SAME_HEIGHT)), []).append(foot)
    return {id(line) for lines in lines_by_text.values() if len(lines) > 1 for line in lines}


def _height(line: Line) -> float:
    return line.glyphs[0].y


def _missing_words(text: str, story: list[str]) -> list[str]:
    missing, at = [], 0
    for word in story:
        place = text.find(word, at)
        if place < 0 or place - at > _NEAR:
            parted = _find_broken_word(text, word, at)
            place = parted if place < 0 or 0 <= parted < place else place
        if place >= 0:
            at = place + 1
        elif text.find(word, max(0, at - _MAX_DISTANCE), at) < 0:
            missing.append(word)
    return missing


def _find_broken_word(text: str, word: str, at: int) -> int:
    """Return where a word starts that a page break divides."""
    for cut in range(len(word) - 1, 0, -1):
        place = text.find(word[:cut], at)
        while place >= 0:
            if text.find(word[cut:], place + cut, place + cut + 400) >= 0:
                return place
            place = text.find(word[:cut], place + 1)
    return -1


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).translate(_DROPPED)).casefold()


def stories(docx: bytes) -> Iterator[list[str]]:
    """Yield the words of each run of text that belongs together."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        names = set(package.namelist())
        document = etree.fromstring(package.read("word/document.xml"))
        parts = [document]
        if "word/footnotes.xml" in names:
            wanted = {e.get(_W + "id") for e in document.iter(_W + "footnoteReference")}
            notes = etree.fromstring(package.read("word/footnotes.xml"))
            parts += [note for note in notes if note.get(_W + "id") in wanted]
        parts += _running(package, names, document)
    for part in parts:
        yield from _of_part(part)


def _running(package: zipfile.ZipFile, names: set[str], document: etree._Element) -> list[etree._Element]:
    """Return the headers and footers that pages show."""
    if "word/_rels/document.xml.rels" not in names:
        return []
    relations = {
        e.get("Id"): e.get("Target", "")
        for e in etree.fromstring(package.read("word/_rels/document.xml.rels"))
    }
    first = document.find(f".//{_W}titlePg") is not None
    parts = []
    for reference in document.iter(_W + "headerReference", _W + "footerReference"):
        kind = reference.get(_W + "type", "default")
        if kind == "default" or (kind == "first" and first):
            name = posixpath.normpath(posixpath.join("word", relations.get(reference.get(_R + "id"), "")))
            if name in names:
                parts.append(etree.fromstring(package.read(name)))
    return parts


def _of_part(part: etree._Element) -> Iterator[list[str]]:
    boxes: list[etree._Element] = []
    text = "".join(_visible(part, boxes, []))
    yield [_plain(word) for word in _WORDS.findall(text) if _plain(word)]
    for box in boxes:
        yield from _of_part(box)


def _visible(parent: etree._Element, boxes: list[etree._Element], fields: list[str]) -> Iterator[str]:
    for element in parent:
        tag = element.tag
        if tag == _W + "txbxContent" or _is_placed(element):
            boxes.append(element)
        elif tag == _W + "fldChar":
            _step(fields, element.get(_W + "fldCharType", ""))
        elif tag == _W + "instrText" and fields:
            fields[-1] += element.text or ""
        elif tag == _MC + "AlternateContent":
            yield from _visible(element[0], boxes, fields)
        elif (
            tag in _INVISIBLE
            or _is_hidden(element)
            or _is_deleted_row(element)
            or tag == _W + "fldSimple"
            and _COUNTED.match(element.get(_W + "instr", ""))
        ):
            continue
        elif tag == _W + "t":
            if not any(_COUNTED.match(code) for code in fields):
                yield element.text or ""
        else:
            yield from _visible(element, boxes, fields)
        if tag in (_W + "p", _W + "tab", _W + "br", _W + "cr", _W + "tc"):
            yield " "


def _step(fields: list[str], kind: str) -> None:
    if kind == "begin":
        fields.append("")
    elif kind == "end" and fields:
        fields.pop()


def _is_hidden(element: etree._Element) -> bool:
    said = element.find(f"{_W}rPr/{_W}vanish") if element.tag == _W + "r" else None
    return said is not None and said.get(_W + "val", "1") not in ("0", "false", "off")


def _is_placed(element: etree._Element) -> bool:
    return (
        element.find(f"{_W}tblPr/{_W}tblpPr") is not None or element.find(f"{_W}pPr/{_W}framePr") is not None
    )


def _is_deleted_row(element: etree._Element) -> bool:
    return element.tag == _W + "tr" and element.find(f"{_W}trPr/{_W}del") is not None
