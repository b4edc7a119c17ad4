"""What is anchored to a paragraph put into the tree: measured from the paragraph, its lines and letters, or the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from formsvc.docxpdf.context import Desk, Frame
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.text.clusters import TAB, Atom
from formsvc.docxpdf.text.inline_items import AnchoredPiece, Piece
from formsvc.docxpdf.text.line_breaker import Line

Cut = Callable[[Sequence[Piece]], int]
"""How many atoms pieces come to."""


def anchored_in(pieces: Sequence[Piece], cut: Cut) -> list[tuple[AnchoredPiece, int]]:
    """The anchored things of a paragraph, with the place of the atom each stands before where that matters."""
    found = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, AnchoredPiece):
            needed = piece.by_character or piece.by_line
            found.append((piece, cut(pieces[:place]) if needed else 0))
    return found


def at_letters(
    found: Sequence[tuple[AnchoredPiece, int]],
    atoms: Sequence[Atom],
    lines: Sequence[Line],
    heights: Sequence[float],
    left: float,
) -> list[AnchoredPiece]:
    """The anchored things with what counts from a letter or a line counted from the paragraph."""
    placed = []
    for piece, at in found:
        if piece.by_character or piece.by_line:
            across, down = _letter(atoms[at] if at < len(atoms) else None, lines, heights)
            piece = replace(
                piece,
                x=piece.x + (left + across if piece.by_character else 0.0),
                y=piece.y + (down if piece.by_line else 0.0),
            )
        placed.append(piece)
    return placed


def _letter(wanted: Atom | None, lines: Sequence[Line], heights: Sequence[float]) -> tuple[float, float]:
    """Where an atom stands, from the paragraph's left and top; the end of the text where it stands on no line."""
    down = across = 0.0
    for line, height in zip(lines, heights, strict=True):
        across = line.indent
        for place, atom in enumerate(line.atoms):
            if atom is wanted:
                return across, down
            across += line.tabs[place] if atom.kind == TAB else atom.width + atom.gap + atom.after
        down += height
    return across, down - (heights[-1] if heights else 0.0)


def beside_paragraph(anchored: Sequence[AnchoredPiece], lift: float) -> list[Node]:
    """What is placed from the paragraph's top, in a box without height that stays with the first line."""
    placed = [piece for piece in anchored if not piece.on_page]
    if not placed:
        return []
    boxes = [_box(replace(piece, y=piece.y - lift)) for piece in placed]
    return [node("div", *boxes, style="position:relative;height:0;break-after:avoid")]


def on_page(desk: Desk, frame: Frame, anchored: Sequence[AnchoredPiece]) -> list[Node]:
    """What is placed from the page's text area."""
    return [_pinned(desk, frame, piece) for piece in anchored if piece.on_page]


def _pinned(desk: Desk, frame: Frame, piece: AnchoredPiece) -> Node:
    """In a header or footer the engine measures from its own text."""
    page = desk.page
    if frame.place == "header":
        return _box(replace(piece, y=piece.y + page.top - page.header))
    if frame.place == "footer":
        return _box(piece, bottom=page.height - page.footer - page.top - piece.y - piece.height)
    return _box(piece)


def _box(piece: AnchoredPiece, bottom: float | None = None) -> Node:
    down = f"top:{pt(piece.y)}" if bottom is None else f"bottom:{pt(bottom)}"
    css = f"position:absolute;left:{pt(piece.x)};{down};z-index:{-1 if piece.behind else 1}"
    if piece.align:
        css += f";width:{pt(piece.width)};text-align:{piece.align}"
    return node("div", piece.node, style=css)
