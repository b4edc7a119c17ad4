"""One face of one font file: its names, its weight, and how wide each of its characters is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import uharfbuzz as hb

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_FAMILY_NAMES = (1, 4, 6, 16)
_PAN_CJK = re.compile(
    r"(Noto(?:Sans|Serif)(?:Mono)?(?:CJK)?|SourceHan(?:Sans|Serif|Mono)(?:HW)?)(SC|CN|JP|KR|TC|HK|HC|K|J)?(?=-|VF|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Metrics:
    """Height above and below the baseline and the gap between lines, in em."""

    ascent: float
    descent: float
    gap: float = 0.0

    @property
    def height(self) -> float:
        """The natural distance of two lines."""
        return self.ascent + self.descent + self.gap


@dataclass(eq=False)
class Typeface:
    """A face that can be drawn with. ``family`` is its PostScript name, which no other face here has."""

    path: Path
    index: int
    family: str
    names: frozenset[str]
    weight: int
    italic: bool
    _advances: dict[str, float | None] = field(default_factory=dict, repr=False)
    _kernings: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    @cached_property
    def opened(self) -> hb.Font:
        """The face opened to look glyphs up and to cut files from."""
        return hb.Font(_open_face(self.path, self.index))

    @cached_property
    def metrics(self) -> Metrics:
        """Ascent, descent and gap as the layout engine reads them."""
        extents = self.opened.get_font_extents("ltr")
        em = float(self.opened.face.upem)
        return Metrics(extents.ascender / em, -extents.descender / em, extents.line_gap / em)

    @property
    def unicodes(self) -> set[int]:
        """The code points the face draws."""
        return set(self.opened.face.unicodes)

    def advance(self, char: str) -> float | None:
        """Width of a character in em, None where the face does not have it."""
        try:
            return self._advances[char]
        except KeyError:
            width = self._advances[char] = self._measured(char)
            return width

    def kerning(self, before: str, after: str) -> float:
        """How much nearer than their widths two characters stand, in em; negative is nearer."""
        try:
            return self._kernings[before, after]
        except KeyError:
            moved = self._kernings[before, after] = self._shaped(before + after) - sum(
                self.advance(c) or 0.0 for c in (before, after)
            )
            return moved

    def _shaped(self, text: str) -> float:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self.opened, buffer, {"kern": True, "liga": False, "clig": False})
        return float(sum(p.x_advance for p in buffer.glyph_positions)) / float(self.opened.face.upem)

    def _measured(self, char: str) -> float | None:
        glyph = self.opened.get_nominal_glyph(ord(char))
        if not glyph:
            return None
        return float(self.opened.get_glyph_h_advance(glyph)) / float(self.opened.face.upem)


def _open_face(path: Path, index: int) -> hb.Face:
    if os.name == "posix":
        return hb.Face(hb.Blob.from_file_path(str(path)), index)
    return hb.Face(hb.Blob(path.read_bytes()), index)


def _names(face: hb.Face) -> frozenset[str]:
    found = set()
    for entry in face.list_names():
        if entry.name_id in _FAMILY_NAMES:
            name = face.get_name(entry.name_id, entry.language) or ""
            found.add(name.replace("\0", "").strip().lower())
    return frozenset(found - {""})


def faces_in(path: Path) -> Iterator[Typeface]:
    """The faces of a font file that write simplified Chinese or Latin; Japanese and other cuts are left out."""
    try:
        count = _open_face(path, 0).count
        if not count:
            raise ValueError("no face in the file")
        for index in range(count):
            face = _open_face(path, index)
            family = (face.get_name(6) or path.stem).replace("\0", "").strip()
            if _is_another_cut(family):
                continue
            font = hb.Font(face)
            yield Typeface(
                path=path,
                index=index,
                family=family,
                names=_names(face),
                weight=round(font.get_style_value(hb.StyleTag.WEIGHT) or 400),
                italic=bool(font.get_style_value(hb.StyleTag.ITALIC)),
            )
    except (hb.HarfBuzzError, OSError, ValueError) as error:
        raise FormsvcError(
            msg("字体文件“{name}”无法读取。", name=path.name),
            msg("请换一个完好的字体文件，或把它移出字体目录。"),
        ) from error


def _is_another_cut(family: str) -> bool:
    """Whether a face writes Han characters as Japan, Korea or Taiwan do. Source Han without a mark is Japanese."""
    found = _PAN_CJK.match(family)
    if found is None:
        return False
    mark = (found[2] or "").upper()
    return mark not in ("SC", "CN") if mark else found[1].lower().startswith("sourcehan")


def font_files(directory: Path) -> list[Path]:
    """Font files under a directory, in a fixed order."""
    if not directory.is_dir():
        return []
    return sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
