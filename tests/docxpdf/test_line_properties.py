"""Two hundred random legal texts: nothing lost, nothing over the margin, no mark where a line may not have it."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from formsvc.docxpdf import PdfResult
from formsvc.docxpdf.characters.classes import DOUBLED, WORD_KINSOKU
from tests.support.docx_samples.raw_xml import GB_PAGE, MODERN, paragraph, word_file
from tests.support.pdf_text import Glyph, rows

ToPdf = Callable[[bytes], PdfResult]
TEXTS, A_FILE = 200, 20
MARKS = WORD_KINSOKU["zh-CN"]
LEFT, RIGHT = 1588 / 20, (11906 - 1474) / 20
_LINES = '<w:docGrid w:type="lines" w:linePitch="579"/>'
_MANNERS = {
    "cells": (GB_PAGE, MODERN, ""),
    "lines, pulled in": (
        GB_PAGE[: GB_PAGE.index("<w:docGrid")] + _LINES,
        f'<w:characterSpacingControl w:val="compressPunctuation"/>{MODERN}',
        "",
    ),
    "lines, left": (GB_PAGE[: GB_PAGE.index("<w:docGrid")] + _LINES, MODERN, '<w:jc w:val="left"/>'),
    "narrow": (
        GB_PAGE[: GB_PAGE.index("<w:docGrid")] + _LINES,
        MODERN,
        '<w:ind w:left="2400" w:right="2400" w:firstLineChars="200" w:firstLine="640"/>',
    ),
}
_PIECES = (
    "经查，", "你单位", "二层安全出口被杂物堵塞", "宽度不足1.4米", "，违反", "《中华人民共和国消防法》", "第二十八条", "（以下简称“消防法”）",
    "的规定", "；", "。", "：", "、", "？", "处以罚款人民币3,500.00元", "（大写：叁仟伍佰元整）", "于2026年9月21日9时05分", "FAKE23120200001",
    "——", "……", "“（一）”。", "《〈办法〉实施细则》", "IMG_0001.jpg、", "买买提·艾力", "䶮㛃𬭊", "91330108MA2GK1A2X3", "12.5%", "−5℃", "GB/T 9704—2012",
    "〔2026〕第0007号", "https://example.invalid/wtzf", "①②③", "　地址", "（1）", "1.", "一、", "责令限期改正！", "（Sprinkler System）",
)  # fmt: skip


def texts() -> list[str]:
    """Texts of five to sixty pieces; the same at every run."""
    chance = random.Random(9704)
    return ["根据" + _clauses(chance, chance.randint(5, 60)) for _ in range(TEXTS)]


def _clauses(chance: random.Random, count: int) -> str:
    """Pieces one after another, no two of them of nothing but marks."""
    pieces = ["本案"]
    for piece in chance.choices(_PIECES, k=count):
        if any(c.isalnum() for c in piece) or any(c.isalnum() for c in pieces[-1]):
            pieces.append(piece)
    return "".join(pieces)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("first", range(0, TEXTS, A_FILE))
def test_random_legal_texts(to_pdf: ToPdf, first: int) -> None:
    section, settings, properties = list(_MANNERS.values())[first // A_FILE % len(_MANNERS)]
    batch = texts()[first : first + A_FILE]
    body = "".join(paragraph(text, properties) for text in batch)
    lines = rows(to_pdf(word_file(body, section=section, settings=settings)).pdf)
    assert "".join(g.char for line in lines for g in line) == squeezed("".join(batch))
    begins = _beginnings(batch)
    right = RIGHT - (120 if "w:right" in properties else 0)
    at = 0
    for line, following in pairwise([*lines, []]):
        assert _reach(line) <= right + 1.5, "".join(g.char for g in line)
        assert at in begins or line[0].char not in MARKS.no_start, "".join(g.char for g in line)
        at += len(line)
        if at not in begins and following:
            assert line[-1].char not in MARKS.no_end, "".join(g.char for g in line)
            assert not (line[-1].char == following[0].char and line[-1].char in DOUBLED)


def _beginnings(batch: list[str]) -> set[int]:
    """How many characters stand before each paragraph and behind the last."""
    counts = [0]
    for text in batch:
        counts.append(counts[-1] + len(squeezed(text)))
    return set(counts)


def _reach(line: list[Glyph]) -> float:
    """The right edge of a line, but for a mark that hangs and the blank half of a mark."""
    last = line[-2] if line[-1].char in MARKS.hanging and len(line) > 1 else line[-1]
    narrow = ord(last.char) < 0x2E80 and last.char not in "“”‘’…—·①②③℃"
    half = last.char in "）》〉。，、；：？！〕”’"
    return last.x + (4 if narrow else 8 if half else 16)
