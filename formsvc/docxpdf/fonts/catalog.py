"""Font catalogue: which face draws a character of a font that Word names."""

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
    LAST_RESORT,
    STYLED_FAMILIES,
    find_substitute,
    normalize_name,
)
from formsvc.docxpdf.fonts.system import copy_system_fonts, system_font_folders
from formsvc.docxpdf.fonts.typeface import Metrics, Typeface, list_font_files, read_faces
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

BOLD = 600
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})
_IGNORABLE_RANGES = ((0x034F, 0x034F), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


@dataclass(frozen=True)
class FaceChoice:
    """A face, emboldened if the substitute has no bold cut."""

    face: Typeface
    embolden: bool = False


class FallbackChain:
    """Faces tried in order for one font name and weight.

    The first `own` faces bear the name itself. Without any, `latin` draws ASCII: the Latin letters of the free Chinese
    fonts are far heavier than their ideographs.
    """

    def __init__(
        self,
        faces: Iterable[FaceChoice],
        nominal: Metrics,
        *,
        is_known: bool,
        own: int = 0,
        latin: FaceChoice | None = None,
    ) -> None:
        self.faces = tuple(faces)
        self.nominal = nominal
        self.is_known = is_known
        self._ascii = self.faces if latin is None else (*self.faces[:own], latin, *self.faces[own:])
        self._choices: dict[str, tuple[FaceChoice, float]] = {}
        self._coverage: dict[str, bool] = {}

    def find(self, char: str) -> tuple[FaceChoice, float]:
        """Return the face that draws a character, and its width in em."""
        try:
            return self._choices[char]
        except KeyError:
            choice = self._choices[char] = self._search(char)
            return choice

    def _search(self, char: str) -> tuple[FaceChoice, float]:
        for choice in self._ascii if char.isascii() else self.faces:
            width = choice.face.advance(char)
            if width is not None:
                return choice, width
        # no face has the character: the first draws .notdef, one em wide
        return self.faces[0], 0.0 if is_default_ignorable(char) else 1.0

    def covers(self, char: str) -> bool:
        try:
            return self._coverage[char]
        except KeyError:
            is_covered = is_default_ignorable(char) or any(
                choice.face.advance(char) is not None for choice in self.faces
            )
            self._coverage[char] = is_covered
            return is_covered


def is_default_ignorable(char: str) -> bool:
    """Return whether a character is invisible by itself (UAX #44).

    Controls, joiners and variation selectors.
    """
    code = ord(char)
    return unicodedata.category(char) in _INVISIBLE_CATEGORIES or any(
        low <= code <= high for low, high in _IGNORABLE_RANGES
    )


class FontCatalog:
    """Fonts of one directory: `own/`, then those of Windows, then `pack/`."""

    def __init__(self, directory: Path, cache: Path, *, system: Path | None = None) -> None:
        self.directory = directory
        self.cache = cache
        folders = [system] if system else system_font_folders()
        self._faces = list(_read_ranked_faces(directory, copy_system_fonts(folders, cache)))
        if not self._faces:
            raise FormsvcError(
                msg("字体目录“{directory}”里没有可用的字体。", directory=directory),
                msg("请运行 formsvc setup 准备字体。"),
            )
        self._by_name: dict[str, list[Typeface]] = {}
        self._pack_by_stem = {f.path.stem: f for f in self._faces if f.path.parent.name == "pack"}
        for face in self._faces:
            # a file in own/ may be named after the font that documents ask for
            stem = {normalize_name(face.path.stem)} if face.path.parent == directory / "own" else set()
            for name in {normalize_name(n) for n in face.names} | stem:
                self._by_name.setdefault(name, []).append(face)
        self._chains: dict[tuple[str, bool, bool, bool], FallbackChain] = {}
        self._substitutes_latin = True

    def without_latin_substitutes(self) -> FontCatalog:
        """Return a catalogue whose fonts draw every character that they have."""
        if not self._substitutes_latin:
            return self
        # chains depend on the substitutes, so the copy starts without the cached ones
        catalog = copy.copy(self)
        catalog._chains, catalog._substitutes_latin = {}, False
        return catalog

    @cached_property
    def strut(self) -> Typeface:
        """Return the face whose metrics position every line."""
        return self._pack_by_stem.get("FandolFang-Regular") or self._faces[0]

    @cached_property
    def faces(self) -> tuple[Typeface, ...]:
        return tuple(self._faces)

    def chain(
        self, name: str, *, bold: bool = False, italic: bool = False, east: bool = True
    ) -> FallbackChain:
        key = (name, bold, italic, east)
        try:
            return self._chains[key]
        except KeyError:
            chain = self._chains[key] = self._build_chain(name, bold, italic, east)
            return chain

    @cached_property
    def characters(self) -> frozenset[str]:
        return frozenset(chr(code) for face in self._faces if face.index == 0 for code in face.code_points)

    def undrawable(self, text: str) -> tuple[str, ...]:
        """Return the characters of a text that no font draws, each once, in order."""
        missing = (c for c in dict.fromkeys(text) if c not in self.characters)
        return tuple(c for c in missing if not c.isspace() and not is_default_ignorable(c))

    def activate(self) -> None:
        """Show Fontconfig these fonts only. Call before WeasyPrint is imported."""
        config = write_fontconfig(self.faces, self.cache)
        os.environ["FONTCONFIG_FILE"] = str(config)
        # FONTCONFIG_PATH would add the system's configuration
        os.environ.pop("FONTCONFIG_PATH", None)

    def _build_chain(self, name: str, bold: bool, italic: bool, east: bool) -> FallbackChain:
        substitute, is_known = find_substitute(name, east)
        names = (name, *(n for n in substitute.names if n != name)) if is_known else (name,)
        faces: list[FaceChoice] = []
        for candidate in names:
            faces += self._faces_named(
                candidate, bold, italic, heavy=substitute.heavy, packed=candidate == name
            )
        own = len(dict.fromkeys(faces))
        latin = (
            self._pack_face(substitute.latin, bold, italic, heavy=substitute.heavy)
            if substitute.latin and self._substitutes_latin
            else []
        )
        for stem in (*(substitute.bold if bold else ()), *substitute.pack, *LAST_RESORT):
            faces += self._pack_face(stem, bold, italic, heavy=substitute.heavy)
        # any other face of the directory is better than a missing character
        faces += [FaceChoice(face) for face in self._faces if face.index == 0]
        return FallbackChain(
            dict.fromkeys(faces),
            substitute.nominal,
            is_known=is_known or normalize_name(name) in self._by_name,
            own=own,
            latin=latin[0] if latin else None,
        )

    def _faces_named(
        self, name: str, bold: bool, italic: bool, *, heavy: bool, packed: bool
    ) -> list[FaceChoice]:
        """Return the best face with a name; one of the pack only if `packed`."""
        faces = [
            f for f in self._by_name.get(normalize_name(name), []) if packed or f.path.parent.name != "pack"
        ]
        if not faces:
            return []
        best = min(faces, key=lambda f: (f.italic != italic, (f.weight >= BOLD) != bold))
        return [FaceChoice(best, bold and best.weight < BOLD and not heavy)]

    def _pack_face(self, stem: str, bold: bool, italic: bool, *, heavy: bool) -> list[FaceChoice]:
        face = self._pack_by_stem.get(_styled(stem, bold, italic)) or self._pack_by_stem.get(stem)
        if face is None:
            return []
        return [FaceChoice(face, bold and face.weight < BOLD and not heavy)]


class FontCoverage:
    """Coverage of a font directory, for processes that render nothing.

    The fonts are read on first use.
    """

    def __init__(self, directory: Path, cache: Path) -> None:
        self._directory, self._cache = directory, cache
        self._catalog: FontCatalog | None = None

    def undrawable(self, text: str) -> tuple[str, ...]:
        if text.isascii():
            return ()
        try:
            self._catalog = self._catalog or FontCatalog(self._directory, self._cache)
        except FormsvcError:
            # the renderer reports missing fonts
            return ()
        return self._catalog.undrawable(text)


def _styled(stem: str, bold: bool, italic: bool) -> str:
    family = stem.removesuffix("-Regular")
    if family not in STYLED_FAMILIES or not (bold or italic):
        return stem
    return f"{family}-{'Bold' if bold else ''}{'Italic' if italic else ''}"


def _read_ranked_faces(directory: Path, system: Path | None) -> Iterator[Typeface]:
    seen: set[str] = set()
    for folder in (directory / "own", system, directory / "pack"):
        for path in list_font_files(folder) if folder else []:
            for face in read_faces(path):
                # a PostScript name may occur once only: Fontconfig finds faces by it
                if face.family not in seen:
                    seen.add(face.family)
                    yield face
