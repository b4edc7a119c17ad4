"""Pieces cut into atoms: one character, tab, break or box each, with its width and the face that draws it."""

from __future__ import annotations

from collections.abc import Iterable

from formsvc.documents.fonts import Chain, Drawn, FontBook
from formsvc.documents.ooxml.characters import blank_between, is_dropped, is_east, takes_autospace
from formsvc.documents.ooxml.drawings import BoxPiece
from formsvc.documents.ooxml.inline import BreakPiece, FieldPiece, Piece, TabPiece, TextPiece
from formsvc.documents.ooxml.markup import Node
from formsvc.documents.ooxml.rules import Rules
from formsvc.documents.ooxml.styles import RunFormat

CHAR, TAB, BREAK, BOX, FIELD = "char", "tab", "break", "box", "field"
_FIELD_SAMPLE = "8"
NO_GLYPH = "〓"
"""The printers' mark for a character that is not in the case: never an empty box that nobody notices."""


class Atom:
    """One thing on a line. ``gap`` is the autospace before it, ``after`` what justification adds behind it."""

    __slots__ = (
        "after",
        "drawn",
        "east",
        "format",
        "gap",
        "height",
        "kind",
        "leader",
        "node",
        "text",
        "width",
    )

    def __init__(self, kind: str, text: str, width: float, style: RunFormat) -> None:
        self.kind, self.text, self.width, self.format = kind, text, width, style
        self.drawn: Drawn | None = None
        self.east = False
        self.gap = self.after = self.height = 0.0
        self.leader = ""
        self.node: Node | None = None

    @property
    def is_space(self) -> bool:
        """A space that may hang over the end of a line."""
        return self.kind == CHAR and self.text == " "


def chain_of(fonts: FontBook, style: RunFormat, east: bool) -> Chain:
    """The font chain a run uses for East Asian or for other characters."""
    return fonts.chain(style.east if east else style.latin, bold=style.bold, italic=style.italic, east=east)


class AtomCutter:
    """Cuts the pieces of one paragraph."""

    def __init__(
        self, fonts: FontBook, rules: Rules, char_space: float, *, autospace: bool, compress: bool = False
    ) -> None:
        self._fonts, self._rules, self._char_space, self._autospace = fonts, rules, char_space, autospace
        self._compress = compress and rules.compresses_marks
        self._east: bool | None = None
        self.atoms: list[Atom] = []
        self.missing: list[str] = []
        self.unknown: dict[str, str] = {}

    def cut(self, pieces: Iterable[Piece]) -> list[Atom]:
        """All atoms of the pieces."""
        for piece in pieces:
            if isinstance(piece, TextPiece):
                self._text(piece.text, piece.format)
            elif isinstance(piece, TabPiece):
                self.atoms.append(Atom(TAB, "\t", 0.0, piece.format))
            elif isinstance(piece, BreakPiece):
                self.atoms.append(Atom(BREAK, piece.kind, 0.0, piece.format))
            elif isinstance(piece, FieldPiece):
                self._field(piece)
            elif isinstance(piece, BoxPiece):
                self._box(piece)
        if self._autospace:
            self._set_gaps()
        if self._compress:
            self._close_marks()
        return self.atoms

    def _text(self, text: str, style: RunFormat) -> None:
        for char in text:
            if char == "\t":
                self.atoms.append(Atom(TAB, "\t", 0.0, style))
            elif char == "\n":
                self.atoms.append(Atom(BREAK, "line", 0.0, style))
            elif not is_dropped(char):
                self._char(char, style)

    def _char(self, char: str, style: RunFormat) -> None:
        east = is_east(char, style.east_hint)
        if char == " " and not self._rules.space_is_latin and self._east is not None:
            east = self._east
        self._east = east
        chain = chain_of(self._fonts, style, east)
        if not chain.known:
            self.unknown[style.east if east else style.latin] = chain.faces[0].face.family
        if not chain.covers(char):
            self.missing.append(char)
            char = NO_GLYPH
        drawn, em = chain.find(char)
        width = em * style.size * style.scale + style.spacing + (self._char_space if east else 0.0)
        atom = Atom(CHAR, char, width, style)
        atom.drawn, atom.east = drawn, east
        self.atoms.append(atom)

    def _field(self, piece: FieldPiece) -> None:
        chain = chain_of(self._fonts, piece.format, False)
        drawn, em = chain.find(_FIELD_SAMPLE)
        atom = Atom(FIELD, piece.kind, em * piece.format.size, piece.format)
        atom.drawn, atom.leader = drawn, piece.shape
        self.atoms.append(atom)

    def _box(self, piece: BoxPiece) -> None:
        style = self.atoms[-1].format if self.atoms else RunFormat("宋体", "Times New Roman", 10.5, 10.5)
        atom = Atom(BOX, "", piece.width, style)
        atom.node, atom.height, atom.east = piece.node, piece.height, True
        self.atoms.append(atom)

    def _set_gaps(self) -> None:
        for before, after in zip(self.atoms, self.atoms[1:], strict=False):
            if before.kind == after.kind == CHAR and before.east != after.east:
                east, latin = (before, after) if before.east else (after, before)
                if takes_autospace(east.text, latin.text):
                    after.gap = after.format.size * self._rules.autospace

    def _close_marks(self) -> None:
        """Half of the narrower mark's square goes from between two marks."""
        for before, after in zip(self.atoms, self.atoms[1:], strict=False):
            if before.east and after.east and blank_between(before.text, after.text):
                after.gap -= min(before.format.size, after.format.size) / 2
