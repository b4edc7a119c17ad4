"""Names, dates and amounts of a finished Word file kept on one line."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable

from lxml import etree

from formsvc.documents.templates.docx_file import WordFile
from formsvc.documents.typesetting.paragraph_spacing import add_letter_spacing
from formsvc.docxpdf import (
    FontCatalog,
    LetterSpacing,
    PhraseFinder,
    PhraseSpacing,
    SpacedParagraph,
    measure_phrases,
)
from formsvc.docxpdf.opc.xml import Element, W
from formsvc.errors import FormsvcError

_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def protect_phrases(word: bytes, fonts: FontCatalog, names: Iterable[str]) -> bytes:
    """Return the file with letter-spacing added so that no phrase breaks.

    The same bytes if none did, or if the file cannot be laid out.
    """
    try:
        return space_phrases(word, measure_phrases(word, fonts, PhraseFinder(names)))
    # the conversion to PDF, which follows, raises the same error with its reason
    except (FormsvcError, RecursionError):
        return word


def space_phrases(word: bytes, spacing: PhraseSpacing) -> bytes:
    """Return the file with the letter spacing and line ends measured for it."""
    roots = {}
    for paragraph, spaced in spacing.paragraphs.items():
        root = paragraph.getroottree().getroot()
        name = spacing.package.name_of(root)
        if name and _space_paragraph(paragraph, spaced):
            roots[name] = root
    if not roots:
        return word
    parts = dict(WordFile.from_bytes(word).parts)
    for name, root in roots.items():
        parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return WordFile(parts).to_bytes()


def _space_paragraph(paragraph: Element, spaced: SpacedParagraph) -> bool:
    """Space the characters and break the lines.

    Return False if the text is not that of the runs. So it is with fields and content controls.
    """
    text = spaced.text
    runs = [run for run in paragraph.iterchildren(f"{W}r") if run.find(f"{W}t") is not None]
    written = "".join(_text(run) for run in runs)
    everything = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
    if written != everything or not text.endswith(written):
        return False
    if spaced.line_ends:
        return _break_lines(runs, len(text) - len(written), spaced.line_ends)
    return _widen_runs(runs, len(text) - len(written), spaced.spacings)


def _break_lines(runs: list[Element], at: int, ends: tuple[int, ...]) -> bool:
    """Put a line break before each character of ``ends``.

    ``at`` is the place of the first run's text.
    """
    changes: list[tuple[Element, list[int]]] = []
    for run in runs:
        length = len(_text(run))
        inside = [end - at for end in ends if at <= end < at + length]
        if inside:
            changes.append((run, inside))
        at += length
    if not all(_is_plain(run) for run, _ in changes):
        return False
    for run, inside in changes:
        _break_run(run, inside)
    return bool(changes)


def _break_run(run: Element, places: list[int]) -> None:
    text = _text(run)
    pieces = [text[a:b] for a, b in itertools.pairwise([0, *places, len(text)])]
    (letters,) = run.iterchildren(f"{W}t")
    letters.text = pieces[0]
    letters.set(_XML_SPACE, "preserve")
    last = letters
    for piece in pieces[1:]:
        line_end, following = etree.Element(f"{W}br"), copy.deepcopy(letters)
        following.text = piece
        last.addnext(line_end)
        line_end.addnext(following)
        last = following
    if not pieces[0]:
        run.remove(letters)


def _widen_runs(runs: list[Element], at: int, widened: list[LetterSpacing]) -> bool:
    changes: list[tuple[Element, list[tuple[int, int, int]]]] = []
    for run in runs:
        end = at + len(_text(run))
        inside = [
            (max(w.start, at) - at, min(w.end, end) - at, w.twentieths)
            for w in widened
            if w.start < end and w.end > at
        ]
        if inside:
            changes.append((run, inside))
        at = end
    if not all(_is_plain(run) for run, _ in changes):
        return False
    for run, inside in changes:
        _split_run(run, inside)
    return bool(changes)


def _text(run: Element) -> str:
    return "".join(t.text or "" for t in run.iterchildren(f"{W}t"))


def _is_plain(run: Element) -> bool:
    return [e.tag for e in run if e.tag != f"{W}rPr"] == [f"{W}t"]


def _split_run(run: Element, inside: list[tuple[int, int, int]]) -> None:
    """Split a run so that the widened characters have runs of their own."""
    text = _text(run)
    bounds = sorted({0, len(text), *(b for start, end, _ in inside for b in (start, end))})
    pieces = list(itertools.pairwise(bounds))
    parts = [run, *(copy.deepcopy(run) for _ in pieces[1:])]
    for (start, end), part, former in zip(pieces, parts, [None, *parts], strict=False):
        for letters in part.iterchildren(f"{W}t"):
            letters.text = text[start:end]
            letters.set(_XML_SPACE, "preserve")
        if more := sum(t for first, last, t in inside if first <= start and end <= last):
            add_letter_spacing(part, more)
        if former is not None:
            former.addnext(part)
