"""Which font file stands in for the font a Word document names, character by character."""

from __future__ import annotations

import copy
import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from formsvc.docxpdf.fonts.fontconfig import write_fontconfig
from formsvc.docxpdf.fonts.substitutes import (
    EAST_DESIGNS,
    LAST,
    LATIN_DESIGNS,
    STYLED_FAMILIES,
    design_of,
    plain_name,
)
from formsvc.docxpdf.fonts.system import copied_fonts, system_folders
from formsvc.docxpdf.fonts.typeface import Metrics, Typeface, faces_in, font_files
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

__all__ = ["EAST_DESIGNS", "LATIN_DESIGNS", "Chain", "Drawn", "FontBook"]

BOLD = 600
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
_SELECTORS = ((0x034F, 0x034F), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


@dataclass(frozen=True)
class Drawn:
    """A face as it is to be drawn: as it is, or thickened where the design has no bold cut."""

    face: Typeface
    embolden: bool = False


class Chain:
    """The faces tried one after another for one font name and weight; the first that has a character draws it.

    ``own`` faces bear the name itself. Where there are none, ``latin`` draws digits and Latin letters: the free
    designs' own are far heavier than their ideographs, and as wide as those of Times.
    """

    def __init__(
        self,
        faces: Iterable[Drawn],
        nominal: Metrics,
        *,
        known: bool,
        own: int = 0,
        latin: Drawn | None = None,
    ) -> None:
        self.faces = tuple(faces)
        self.nominal = nominal
        self.known = known
        self._ascii = self.faces if latin is None else (*self.faces[:own], latin, *self.faces[own:])
        self._found: dict[str, tuple[Drawn, float]] = {}
        self._covered: dict[str, bool] = {}

    def find(self, char: str) -> tuple[Drawn, float]:
        """The face that draws a character, and its width in em."""
        try:
            return self._found[char]
        except KeyError:
            found = self._found[char] = self._searched(char)
            return found

    def _searched(self, char: str) -> tuple[Drawn, float]:
        for drawn in self._ascii if char.isascii() else self.faces:
            width = drawn.face.advance(char)
            if width is not None:
                return drawn, width
        return self.faces[0], 0.0 if is_unseen(char) else 1.0

    def covers(self, char: str) -> bool:
        """Whether some face of the chain has the character."""
        try:
            return self._covered[char]
        except KeyError:
            known = is_unseen(char) or any(drawn.face.advance(char) is not None for drawn in self.faces)
            self._covered[char] = known
            return known


def is_unseen(char: str) -> bool:
    """Whether a character draws nothing of its own: controls, joiners, selectors of variants."""
    code = ord(char)
    return unicodedata.category(char) in _UNSEEN or any(low <= code <= high for low, high in _SELECTORS)


class FontBook:
    """The fonts of one font directory: ``own/`` before Windows' own fonts before ``pack/``."""

    def __init__(self, directory: Path, cache: Path, *, system: Path | None = None) -> None:
        self.directory = directory
        self.cache = cache
        folders = [system] if system else system_folders()
        self._ranked = list(_ranked_faces(directory, copied_fonts(folders, cache)))
        if not self._ranked:
            raise FormsvcError(
                msg("字体目录“{directory}”里没有可用的字体。", directory=directory),
                msg("请运行 formsvc setup 准备字体。"),
            )
        self._by_name: dict[str, list[Typeface]] = {}
        self._pack = {f.path.stem: f for f in self._ranked if f.path.parent.name == "pack"}
        for face in self._ranked:
            # whoever drops a font in may name the file after the font that documents ask for
            stem = {plain_name(face.path.stem)} if face.path.parent == directory / "own" else set()
            for name in {plain_name(n) for n in face.names} | stem:
                self._by_name.setdefault(name, []).append(face)
        self._chains: dict[tuple[str, bool, bool, bool], Chain] = {}
        self._stand_ins = True

    def as_named(self) -> FontBook:
        """The same fonts without stand-ins for digits and letters: a font draws whatever it has."""
        if not self._stand_ins:
            return self
        book = copy.copy(self)
        book._chains, book._stand_ins = {}, False
        return book

    @cached_property
    def strut(self) -> Typeface:
        """The face whose metrics position every line."""
        return self._pack.get("FandolFang-Regular") or self._ranked[0]

    @cached_property
    def faces(self) -> tuple[Typeface, ...]:
        """Every face that may be drawn, each under a family name of its own."""
        return tuple(self._ranked)

    def chain(self, name: str, *, bold: bool = False, italic: bool = False, east: bool = True) -> Chain:
        """The chain for a font name as it stands in the document."""
        key = (name, bold, italic, east)
        try:
            return self._chains[key]
        except KeyError:
            chain = self._chains[key] = self._built(name, bold, italic, east)
            return chain

    def missing_characters(self, text: str, font_name: str) -> list[str]:
        """Characters of a text that no font here can draw, each once, in order."""
        chain = self.chain(font_name, east=True)
        return [char for char in dict.fromkeys(text) if not char.isspace() and not chain.covers(char)]

    @cached_property
    def characters(self) -> frozenset[str]:
        """Every character that some font here draws; each chain falls back on all of them."""
        return frozenset(chr(code) for face in self._ranked if face.index == 0 for code in face.unicodes)

    def undrawable(self, text: str) -> tuple[str, ...]:
        """Characters of a text that no font here can draw whatever font is asked for, each once, in order."""
        lacking = (c for c in dict.fromkeys(text) if c not in self.characters)
        return tuple(c for c in lacking if not c.isspace() and not is_unseen(c))

    def activate(self) -> None:
        """Let the layout engine see these fonts and no others. Must come before it is first imported."""
        config = write_fontconfig(self.faces, self.cache)
        os.environ["FONTCONFIG_FILE"] = str(config)
        os.environ.pop("FONTCONFIG_PATH", None)

    def _built(self, name: str, bold: bool, italic: bool, east: bool) -> Chain:
        design, known = design_of(name, east)
        names = (name, *(n for n in design.names if n != name)) if known else (name,)
        faces: list[Drawn] = []
        for candidate in names:
            faces += self._named(candidate, bold, italic, heavy=design.heavy, packed=candidate == name)
        own = len(dict.fromkeys(faces))
        latin = (
            self._packed(design.latin, bold, italic, heavy=design.heavy)
            if design.latin and self._stand_ins
            else []
        )
        for stem in (*(design.bold if bold else ()), *design.pack, *LAST):
            faces += self._packed(stem, bold, italic, heavy=design.heavy)
        faces += [Drawn(face) for face in self._ranked if face.index == 0]
        return Chain(
            dict.fromkeys(faces),
            design.nominal,
            known=known or plain_name(name) in self._by_name,
            own=own,
            latin=latin[0] if latin else None,
        )

    def _named(self, name: str, bold: bool, italic: bool, *, heavy: bool, packed: bool) -> list[Drawn]:
        """The face that bears a name; of the pack only where ``packed``: where the document gives that very name."""
        faces = [f for f in self._by_name.get(plain_name(name), []) if packed or f.path.parent.name != "pack"]
        if not faces:
            return []
        best = min(faces, key=lambda f: (f.italic != italic, (f.weight >= BOLD) != bold))
        return [Drawn(best, bold and best.weight < BOLD and not heavy)]

    def _packed(self, stem: str, bold: bool, italic: bool, *, heavy: bool) -> list[Drawn]:
        face = self._pack.get(_styled(stem, bold, italic)) or self._pack.get(stem)
        if face is None:
            return []
        return [Drawn(face, bold and face.weight < BOLD and not heavy)]


class FontCoverage:
    """What the fonts of a directory can print, for a process that draws nothing; read when first asked."""

    def __init__(self, directory: Path, cache: Path) -> None:
        self._directory, self._cache = directory, cache
        self._book: FontBook | None = None

    def undrawable(self, text: str) -> tuple[str, ...]:
        """Characters of a text that no font here can draw. Without any font that is for whoever draws to say."""
        if text.isascii():
            return ()
        try:
            self._book = self._book or FontBook(self._directory, self._cache)
        except FormsvcError:
            return ()
        return self._book.undrawable(text)


def _styled(stem: str, bold: bool, italic: bool) -> str:
    family = stem.removesuffix("-Regular")
    if family not in STYLED_FAMILIES or not (bold or italic):
        return stem
    return f"{family}-{'Bold' if bold else ''}{'Italic' if italic else ''}"


def _ranked_faces(directory: Path, system: Path | None) -> Iterator[Typeface]:
    seen: set[str] = set()
    for folder in (directory / "own", system, directory / "pack"):
        for path in font_files(folder) if folder else []:
            for face in faces_in(path):
                if face.family not in seen:
                    seen.add(face.family)
                    yield face
