"""Text set closer where its signature would stand alone.

GB/T 9704—2012, 7.3.5.5: "当公文排版后所剩空白处不能容下印章或签发人签名章、成文日期时，可以采取调整行距、字距的措施解决。" The lines from the addressee to
the end of the text come closer in steps of half a point, then the letters too, until the page of the signature is
gone. How close they may come are limits of the instance. Head, title, tables and annexes stay as they are.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.documents.typesetting.paragraph_spacing import condense_letters, set_line_height
from formsvc.docxpdf import LaidOutBlock, PagePlaces, PhraseSpacing, PlacedBlock
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import W, child
from formsvc.docxpdf.wordml.properties import is_on, property_value
from formsvc.limits import process_limits

_DAY = re.compile(
    r"[\d〇○零一二三四五六七八九十_＿]+年[\d一二三四五六七八九十_＿]+月[\d一二三四五六七八九十_＿]+日"
)
_ASIDE = ("center", "right", "end")
_TWENTIETHS = 20
# twips by which lines come closer at a time
_STEP = 10
# lines of text above a signature that leave its page as good as empty
_FEW_LINES = 5
# lines by which the estimated height of a text may be wrong
_DOUBT = 2
# points that copies, printing office and their day take at the foot of a page at most
_IMPRINT = 160.0


@dataclass(frozen=True)
class Draft:
    """A filled file, the same with whole phrases, and its pages."""

    filled: bytes
    word: bytes
    places: PagePlaces


@dataclass(frozen=True)
class _SignedText:
    """Blocks of a signed text, up to the next forced page.

    ``start`` to ``end`` are those that may be set closer, ``day`` is that of the date; ``line`` is in twips.
    """

    first: int
    start: int
    day: int
    end: int
    line: int


class Typesetter(Protocol):
    """Lines and pages of filled Word files."""

    def measure(self, filled: bytes) -> PhraseSpacing: ...

    def place(self, filled: bytes, measured: PhraseSpacing) -> Draft: ...


def tighten_texts(filled: bytes, measured: PhraseSpacing, typesetter: Typesetter) -> bytes | None:
    """Return the file with text set closer where that saves a page.

    None if none can be saved, which the heights alone show for most files.
    """
    blocks, percent = measured.blocks, process_limits().closer_letters_percent
    texts = [text for text in _signed_texts(blocks) if _may_fit(blocks, text, blocks, percent)]
    if not texts:
        return None
    closer: dict[_SignedText, list[LaidOutBlock]] = {}
    for text in texts:
        condensed = _with_closer_text(filled, measured.package, blocks, text, text.line, percent)
        closer[text] = typesetter.measure(condensed).blocks
    texts = [text for text in texts if _may_fit(blocks, text, closer[text], 0)]
    if not texts:
        return None
    current = typesetter.place(filled, measured)
    for text in texts:
        if _is_lonely(current.places.blocks, text):
            current = _tighten(current, text, closer[text], typesetter) or current
    return current.word


def _tighten(
    before: Draft, text: _SignedText, condensed: Sequence[LaidOutBlock], typesetter: Typesetter
) -> Draft | None:
    """Return the draft with the widest lines that saves a page."""
    wanted = _last_page(before.places.blocks, text) - 1
    package, plain = before.places.package, [placed.block for placed in before.places.blocks]
    for blocks, percent in ((plain, 0), (condensed, process_limits().closer_letters_percent)):
        for line in _line_heights(before, text, blocks):
            closer = _with_closer_text(before.filled, package, plain, text, line, percent)
            draft = typesetter.place(closer, typesetter.measure(closer))
            if _last_page(draft.places.blocks, text) <= wanted:
                return draft
    return None


def _line_heights(before: Draft, text: _SignedText, blocks: Sequence[LaidOutBlock]) -> Iterable[int]:
    """Return the line heights in twips that may save a page, widest first.

    ``blocks`` have the lines of the text as they are to be, with the height it has before.
    """
    placed = before.places.blocks[text.first : text.end]
    room = (_last_page(before.places.blocks, text) - placed[0].last_page) * blocks[
        text.first
    ].flow.page_height
    imprint = sum(
        extent.bottom - extent.top
        for one in placed
        if _is_floating(one.block)
        for extent in one.extents.values()
    )
    over = _height(blocks, text) + imprint - room
    lines = sum(block.lines for block in _closer_blocks(blocks, text))
    steps = max(1, math.ceil(over * _TWENTIETHS / lines / _STEP))
    closest = process_limits().closest_line_points * _TWENTIETHS
    return range(text.line - steps * _STEP, closest - 1, -_STEP)


def _signed_texts(blocks: Sequence[LaidOutBlock]) -> list[_SignedText]:
    texts, first = [], 0
    for index in range(1, len(blocks) + 1):
        if index == len(blocks) or _starts_page(blocks[index - 1], blocks[index]):
            text = _signed_text(blocks, first, index)
            if text is not None:
                texts.append(text)
            first = index
    return texts


def _signed_text(blocks: Sequence[LaidOutBlock], first: int, end: int) -> _SignedText | None:
    days = [index for index in range(first, end) if _DAY.fullmatch(blocks[index].text)]
    lines = Counter(block.exact_line for block in blocks[first:end] if block.text and block.exact_line)
    if not days or not lines:
        return None
    line = lines.most_common(1)[0][0]
    # a head is centred: its distances from the edge of the page are fixed (7.2.4)
    flowing = (
        index
        for index in range(first, days[-1])
        if blocks[index].text and blocks[index].exact_line == line and not _is_aside(blocks[index])
    )
    return _SignedText(first, next(flowing, days[-1]), days[-1], end, line)


def _starts_page(before: LaidOutBlock, block: LaidOutBlock) -> bool:
    return before.flow is not block.flow or is_on(block.properties, "pageBreakBefore")


def _is_aside(block: LaidOutBlock) -> bool:
    return property_value(block.properties, "jc") in _ASIDE


def _may_fit(
    blocks: Sequence[LaidOutBlock], text: _SignedText, closer: Sequence[LaidOutBlock], percent: int
) -> bool:
    """Return whether closer text could save a page, by the heights alone.

    ``closer`` are the blocks as they are to be, but for letters closer by ``percent``. What stays together takes more
    room than the sum of the heights, so a text this refuses never fits.
    """
    page, line = blocks[text.end - 1].flow.page_height, text.line / _TWENTIETHS
    lines = [block.lines for block in _closer_blocks(closer, text)]
    # a paragraph of several lines may lose its last one
    fewer = sum(1 + count * percent // 100 for count in lines if percent and count > 1)
    saved = sum(lines) * max(0.0, line - process_limits().closest_line_points) + fewer * line
    imprint = _IMPRINT if any(_is_floating(block) for block in blocks[text.first : text.end]) else 0.0
    least, most = (
        _height(closer, text) - saved - _DOUBT * line,
        _height(blocks, text) + imprint + _DOUBT * line,
    )
    whole = math.floor(_height(blocks, text) / page)
    return saved > 0 and any(least <= count * page < most for count in (whole, whole + 1) if count)


def _height(blocks: Sequence[LaidOutBlock], text: _SignedText) -> float:
    """Return the height of a text in points, without what floats."""
    first, last = blocks[text.first], blocks[text.end - 1]
    return (last.page - first.page) * last.flow.page_height + last.bottom


def _closer_blocks(blocks: Sequence[LaidOutBlock], text: _SignedText) -> Iterator[LaidOutBlock]:
    return (block for block in blocks[text.start : text.end] if block.exact_line == text.line)


def _is_floating(block: LaidOutBlock) -> bool:
    return child(block.element, "w:tblPr/w:tblpPr") is not None


def _is_lonely(blocks: Sequence[PlacedBlock], text: _SignedText) -> bool:
    """Return whether the last page holds little but the signature."""
    page = _last_page(blocks, text)
    if page <= blocks[text.first].last_page:
        return False
    # the name stands over the date
    above = [
        placed.extents[page]
        for placed in blocks[text.first : text.day - 1]
        if placed.block.text and page in placed.extents
    ]
    height = sum(extent.bottom - extent.top for extent in above)
    return height <= _FEW_LINES * text.line / _TWENTIETHS


def _last_page(blocks: Sequence[PlacedBlock], text: _SignedText) -> int:
    return max(placed.last_page for placed in blocks[text.first : text.end])


def _with_closer_text(
    filled: bytes,
    package: Package,
    blocks: Sequence[LaidOutBlock],
    text: _SignedText,
    line: int,
    percent: int,
) -> bytes:
    """Return the filled file with the lines of a text ``line`` twips high."""
    closer = {block.element: block for block in _closer_blocks(blocks, text)}
    word = WordFile.from_bytes(filled)
    root = parse_part(word.parts[package.document])
    placed_root = blocks[0].element.getroottree().getroot()
    # keeping phrases whole leaves the number of paragraphs as it is
    for placed, paragraph in zip(placed_root.iter(f"{W}p"), root.iter(f"{W}p"), strict=True):
        if block := closer.get(placed):
            set_line_height(paragraph, line)
            if percent and not _is_aside(block):
                condense_letters(paragraph, int(block.letter_size * _TWENTIETHS * percent / 100))
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return WordFile({**word.parts, package.document: content}).to_bytes()
