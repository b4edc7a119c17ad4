"""Faces of font files: names, weight, metrics and advances."""

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
# name IDs of the OpenType name table: family, full, PostScript, typographic family
_FAMILY_NAMES = (1, 4, 6, 16)
_PAN_CJK = re.compile(
    r"(Noto(?:Sans|Serif)(?:Mono)?(?:CJK)?|SourceHan(?:Sans|Serif|Mono)(?:HW)?)(SC|CN|JP|KR|TC|HK|HC|K|J)?(?=-|VF|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Metrics:
    """Ascent, descent and line gap in em."""

    ascent: float
    descent: float
    gap: float = 0.0

    @property
    def height(self) -> float:
        return self.ascent + self.descent + self.gap


@dataclass(eq=False)
class Typeface:
    """One face of a font file.

    `family` is its PostScript name, unique among all faces.
    """

    path: Path
    index: int
    family: str
    names: frozenset[str]
    weight: int
    italic: bool
    _advances: dict[str, float | None] = field(default_factory=dict, repr=False)
    _kernings: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    @cached_property
    def hb_font(self) -> hb.Font:
        return hb.Font(_open_face(self.path, self.index))

    @cached_property
    def metrics(self) -> Metrics:
        """Return the metrics that Pango reads."""
        extents = self.hb_font.get_font_extents("ltr")
        em = float(self.hb_font.face.upem)
        return Metrics(extents.ascender / em, -extents.descender / em, extents.line_gap / em)

    @property
    def code_points(self) -> set[int]:
        return set(self.hb_font.face.unicodes)

    def advance(self, char: str) -> float | None:
        """Return the width of a character in em, or None if it is missing."""
        try:
            return self._advances[char]
        except KeyError:
            width = self._advances[char] = self._measure_advance(char)
            return width

    def kerning(self, before: str, after: str) -> float:
        """Return the kerning between two characters in em; negative is closer."""
        try:
            return self._kernings[before, after]
        except KeyError:
            kerning = self._kernings[before, after] = self._shaped_width(before + after) - sum(
                self.advance(c) or 0.0 for c in (before, after)
            )
            return kerning

    def _shaped_width(self, text: str) -> float:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self.hb_font, buffer, {"kern": True, "liga": False, "clig": False})
        return float(sum(p.x_advance for p in buffer.glyph_positions)) / float(self.hb_font.face.upem)

    def _measure_advance(self, char: str) -> float | None:
        glyph = self.hb_font.get_nominal_glyph(ord(char))
        if not glyph:
            return None
        return float(self.hb_font.get_glyph_h_advance(glyph)) / float(self.hb_font.face.upem)


def _open_face(path: Path, index: int) -> hb.Face:
    if os.name == "posix":
        return hb.Face(hb.Blob.from_file_path(str(path)), index)
    # HarfBuzz opens paths by the code page on Windows
    return hb.Face(hb.Blob(path.read_bytes()), index)


def _names(face: hb.Face) -> frozenset[str]:
    names = set()
    for entry in face.list_names():
        if entry.name_id in _FAMILY_NAMES:
            name = face.get_name(entry.name_id, entry.language) or ""
            names.add(name.replace("\0", "").strip().lower())
    return frozenset(names - {""})


def read_faces(path: Path) -> Iterator[Typeface]:
    """Yield the faces of a font file that suit simplified Chinese or Latin."""
    try:
        count = _open_face(path, 0).count
        if not count:
            raise ValueError("no face in the file")
        for index in range(count):
            face = _open_face(path, index)
            family = (face.get_name(6) or path.stem).replace("\0", "").strip()
            if _is_other_region(family):
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


def _is_other_region(family: str) -> bool:
    """Return whether a face has the glyphs of Japan, Korea or Taiwan."""
    match = _PAN_CJK.match(family)
    if match is None:
        return False
    region = (match[2] or "").upper()
    # Source Han without a region is Japanese
    return region not in ("SC", "CN") if region else match[1].lower().startswith("sourcehan")


def list_font_files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
