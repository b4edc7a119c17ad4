"""Phonetic guides (``w:ruby``): small letters above the word they belong to, one thing that no line tears."""

from __future__ import annotations

from collections.abc import Sequence

from formsvc.docxpdf.context import Desk
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.paragraph.line_spans import SpanWriter
from formsvc.docxpdf.text.clusters import CHAR, Atom, AtomCutter, Spacing, chain_of
from formsvc.docxpdf.text.inline_items import BoxPiece, Piece, RubyPiece
from formsvc.docxpdf.text.line_breaker import Line

_LINE, _BASELINE = 1.2, 0.9
"""Height of the lines within, in em, and where their baseline runs, as a share of it."""


def with_rubies(desk: Desk, pieces: Sequence[Piece], spacing: Spacing) -> list[Piece]:
    """The pieces, each phonetic guide made a box."""
    return [_box(desk, piece, spacing) if isinstance(piece, RubyPiece) else piece for piece in pieces]


def _box(desk: Desk, ruby: RubyPiece, spacing: Spacing) -> BoxPiece:
    base, above = (_letters(desk, some, spacing) for some in (ruby.base, ruby.above))
    width = max(_width(base), _width(above))
    ascent = max((_ascent(desk, atom) for atom in above), default=0.0)
    height = (ruby.raised + ascent) if above else 0.0
    content = [
        _row(desk, atoms, width, raised, ruby.align, spacing)
        for atoms, raised in ((above, ruby.raised), (base, 0.0))
        if atoms
    ]
    # of no height itself, so that the paragraph alone decides how high the line is
    style = f"display:inline-block;vertical-align:baseline;position:relative;width:{pt(width)};height:0"
    return BoxPiece(node("span", *content, style=style), width, height)


def _letters(desk: Desk, pieces: Sequence[Piece], spacing: Spacing) -> list[Atom]:
    cutter = AtomCutter(desk.fonts, desk.rules, spacing)
    atoms = [atom for atom in cutter.cut(pieces) if atom.kind == CHAR]
    desk.written.append("".join(atom.text for atom in atoms))
    return atoms


def _width(atoms: Sequence[Atom]) -> float:
    return sum(atom.width + (atom.gap if place else 0.0) for place, atom in enumerate(atoms))


def _ascent(desk: Desk, atom: Atom) -> float:
    nominal = chain_of(desk.fonts, atom.format, atom.east).nominal
    return nominal.ascent * atom.format.size


def _row(desk: Desk, atoms: list[Atom], width: float, raised: float, align: str, spacing: Spacing) -> Node:
    """A row of letters spread over the width, its baseline so far above the line's."""
    free, lead = width - _width(atoms), 0.0
    if align == "distributeSpace":
        share = free / len(atoms)
        lead = share / 2
    else:
        share = free / (len(atoms) - 1) if align == "distributeLetter" and len(atoms) > 1 else 0.0
        lead = {"left": 0.0, "right": free}.get(align, 0.0 if share else free / 2)
    for atom in atoms[:-1]:
        atom.after += share
    size = max(atom.format.size for atom in atoms)
    line = _LINE * size
    metrics = desk.fonts.strut.metrics
    strut = 2 * (_BASELINE - 0.5) * line / (metrics.ascent - metrics.descent)
    style = (
        f"position:absolute;left:{pt(lead)};top:{pt(-raised - _BASELINE * line)};text-indent:0;text-align:left;"
        f"line-height:{pt(line)};font-size:{pt(strut)}"
    )
    return node("p", *SpanWriter(desk, spacing.grid).line(Line(atoms)), style=style)
