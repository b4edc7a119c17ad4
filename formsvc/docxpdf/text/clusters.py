"""Pieces cut into atoms: one character, tab, break or box each, with its width and the face that draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import (
    JOINER,
    blank_between,
    glues,
    is_dropped,
    is_east,
    is_quote,
    is_weak,
    takes_autospace,
)
from formsvc.docxpdf.fonts.catalog import Chain, Drawn, FontBook
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.text.compatibility import Rules
from formsvc.docxpdf.text.inline_items import BoxPiece, BreakPiece, FieldPiece, Piece, TabPiece, TextPiece
from formsvc.docxpdf.wordml.styles import RunFormat

CHAR, TAB, BREAK, BOX, FIELD = "char", "tab", "break", "box", "field"
_FIELD_SAMPLE = "8"
_JOINERS = frozenset((JOINER, "\u200d", "\ufeff"))
"""Word's “不间断零宽字符” is U+200D; U+2060 and U+FEFF are Unicode's own."""
NO_GLYPH = "〓"
"""The printers' mark for a character that is not in the case: never an empty box that nobody notices."""


class Atom:
    """One thing on a line. ``gap`` is the autospace before it, ``after`` what is drawn behind it beside its own width.

    ``joined``: the document forbids a line to end before it.
    """

    __slots__ = (
        "after",
        "drawn",
        "east",
        "format",
        "gap",
        "height",
        "joined",
        "kind",
        "leader",
        "node",
        "text",
        "width",
    )

    def __init__(self, kind: str, text: str, width: float, style: RunFormat) -> None:
        self.kind, self.text, self.width, self.format = kind, text, width, style
        self.drawn: Drawn | None = None
        self.east = self.joined = False
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


@dataclass(frozen=True)
class Spacing:
    """What stands between the characters of a paragraph: the grid's share, autospace beside letters and digits."""

    grid: float = 0.0
    letters: bool = True
    digits: bool = True
    compress: bool = False
    """Of two marks side by side the blank half between them is left out."""


class AtomCutter:
    """Cuts the pieces of one paragraph."""

    def __init__(self, fonts: FontBook, rules: Rules, spacing: Spacing) -> None:
        self._fonts, self._rules, self._spacing = fonts, rules, spacing
        self._east: bool | None = None
        self._joined = False
        self.atoms: list[Atom] = []
        self.missing: list[str] = []
        self.unknown: dict[str, str] = {}

    def cut(self, pieces: Iterable[Piece]) -> list[Atom]:
        """All atoms of the pieces."""
        for piece in pieces:
            if isinstance(piece, TextPiece):
                self._text(piece.text, piece.format)
            elif isinstance(piece, TabPiece):
                self.atoms.append(Atom(TAB, piece.place or "\t", 0.0, piece.format))
            elif isinstance(piece, BreakPiece):
                self.atoms.append(Atom(BREAK, piece.kind, 0.0, piece.format))
            elif isinstance(piece, FieldPiece):
                self._field(piece)
            elif isinstance(piece, BoxPiece):
                self._box(piece)
        if self._spacing.letters or self._spacing.digits:
            self._set_gaps()
        if self._spacing.compress and self._rules.compresses_marks:
            self._close_marks()
        self._fit()
        return self.atoms

    def _text(self, text: str, style: RunFormat) -> None:
        western = not any(is_east(c) and not is_quote(c) for c in text)
        for place, char in enumerate(text):
            if char == "\t":
                self.atoms.append(Atom(TAB, "\t", 0.0, style))
            elif char == "\n":
                self.atoms.append(Atom(BREAK, "line", 0.0, style))
            elif char in _JOINERS:
                self._joined = bool(self.atoms)
            elif not is_dropped(char):
                self._char(char, style, self._script(char, text, place, style, western=western))

    def _script(self, char: str, text: str, place: int, style: RunFormat, *, western: bool) -> bool:
        """Whether a character takes the East Asian font; the text around it decides where its code does not."""
        if self._rules.office_scripts and is_weak(char):
            return self._script_around(text, place)
        if western and self._east is not True and is_quote(char) and not style.east_hint:
            return False
        return is_east(char, style.east_hint)

    def _script_around(self, text: str, place: int) -> bool:
        if self._east is None:
            return next((is_east(c) for c in text[place:] if not is_weak(c)), False)
        return self._east

    def _char(self, char: str, style: RunFormat, east: bool) -> None:
        self._east = east
        chain = chain_of(self._fonts, style, east)
        if not chain.known:
            self.unknown[style.east if east else style.latin] = chain.faces[0].face.family
        if not chain.covers(char):
            self.missing.append(char)
            char = NO_GLYPH
        drawn, em = chain.find(char)
        grid = self._spacing.grid if east else 0.0
        atom = Atom(CHAR, char, em * style.size * style.scale + style.spacing + grid, style)
        atom.drawn, atom.east, atom.joined = drawn, east, self._joined or glues(char)
        if style.kerned and self.atoms:
            self._kern(self.atoms[-1], atom)
        self._joined = glues(char)
        self.atoms.append(atom)

    @staticmethod
    def _kern(before: Atom, atom: Atom) -> None:
        """Letters that the font moves together are drawn so; the width of the first is less by it."""
        if before.kind == CHAR and before.format is atom.format and before.drawn == atom.drawn and atom.drawn:
            moved = atom.drawn.face.kerning(before.text, atom.text)
            before.width += moved * atom.format.size * atom.format.scale

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
                wanted = self._spacing.digits if latin.text.isdigit() else self._spacing.letters
                if wanted and takes_autospace(east.text, latin.text):
                    after.gap = after.format.size * self._rules.autospace

    def _close_marks(self) -> None:
        """Half of the narrower mark's square goes from between two marks."""
        for before, after in zip(self.atoms, self.atoms[1:], strict=False):
            if before.east and after.east and blank_between(before.text, after.text):
                after.gap -= min(before.format.size, after.format.size) / 2

    def _fit(self) -> None:
        """Runs that are to have a width of their own (``w:fitText``) are spread or drawn together evenly."""
        groups: dict[str, list[Atom]] = {}
        for atom in self.atoms:
            if atom.kind == CHAR and atom.format.fit:
                groups.setdefault(atom.format.fit_group or str(id(atom.format)), []).append(atom)
        for atoms in groups.values():
            share = (atoms[0].format.fit - sum(a.width + a.gap for a in atoms)) / max(1, len(atoms) - 1)
            for place, atom in enumerate(atoms):
                atom.joined = atom.joined or place > 0
                if place < len(atoms) - 1:
                    atom.width += share
                    atom.after += share
