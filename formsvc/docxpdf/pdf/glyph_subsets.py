"""Shaping of context-free text, and font subsets for one document."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uharfbuzz as hb

from formsvc.docxpdf.fonts.typeface import Typeface

# tables that no PDF reader needs; with glyph numbers as codes the second group is not needed either
_DROPPED_BY_ENGINE = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")
_DROPPED = (*_DROPPED_BY_ENGINE, "cmap", "name", "post", "vhea", "vmtx", "VORG")
_CONTEXT_FREE_RANGES = [(0x20, 0x58F), (0x1E00, 0x2BFF), (0x2C60, 0x2C7F), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xE000, 0xFAFF), (0xFE10, 0xFE1F), (0xFE30, 0xFE6F), (0xFF00, 0xFFEE), (0x1F100, 0x1F2FF), (0x20000, 0x3FFFD)]  # fmt: skip
_CONTEXT_FREE_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Co"})  # fmt: skip
# these join into one line in some fonts, so runs of them are shaped together
_JOINING = frozenset("—―…⸺⸻")
# kerning is measured only for text with characters before the CJK blocks: ideographs keep their squares
_FIRST_IDEOGRAPH = "\u2e80"
_LIGATURES_OFF = {"liga": False, "clig": False, "dlig": False}
_CACHE_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph with its text. `advance` and `kern` (added after it) are in em."""

    number: int
    advance: float
    text: str
    kern: float = 0.0


class Shaper:
    """Shapes text of one face whose glyphs do not depend on their neighbours."""

    def __init__(self, typeface: Typeface) -> None:
        self.typeface = typeface
        self._font = typeface.hb_font
        self._em = float(self._font.face.upem)
        self._by_character: dict[str, Glyph | None] = {}

    def shape(self, text: str, *, kerned: bool = False) -> list[Glyph] | None:
        """Return the glyphs of a text, or None if Pango has to shape it."""
        if (kerned and len(text) > 1 and min(text) < _FIRST_IDEOGRAPH) or not _JOINING.isdisjoint(text):
            return self._shape_text(text, kerned=kerned)
        shaped = []
        for char in text:
            glyph = self._by_character[char] if char in self._by_character else self._shape_character(char)
            if glyph is None:
                return None
            shaped.append(glyph)
        return shaped

    def _shape_character(self, char: str) -> Glyph | None:
        shaped = self._shape_text(char)
        glyph = self._by_character[char] = shaped[0] if shaped and len(shaped) == 1 else None
        return glyph

    def _shape_text(self, text: str, *, kerned: bool = False) -> list[Glyph] | None:
        if not all(_is_shaped_alone(char) for char in text):
            return None
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction, buffer.language = "ltr", "zh-cn"
        hb.shape(self._font, buffer, {**_LIGATURES_OFF, "kern": kerned})
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        ends = [info.cluster for info in infos[1:]] + [len(text)]
        shaped = []
        for info, position, end in zip(infos, positions, ends, strict=True):
            # a missing glyph or an offset means marks or a script that Pango must handle
            if not info.codepoint or position.x_offset or position.y_offset:
                return None
            own = self._font.get_glyph_h_advance(info.codepoint)
            kern = (position.x_advance - own) / self._em
            shaped.append(Glyph(info.codepoint, own / self._em, text[info.cluster : end], kern))
        return shaped


def _is_shaped_alone(char: str) -> bool:
    """Return whether the character's glyph never depends on its context."""
    code = ord(char)
    return (
        any(first <= code <= last for first, last in _CONTEXT_FREE_RANGES)
        and unicodedata.category(char) in _CONTEXT_FREE_CATEGORIES
        and unicodedata.bidirectional(char) not in ("R", "AL", "AN")
    )


class FontSubsetter:
    """Builds font subsets; keeps the latest, up to `limit` bytes."""

    def __init__(self, limit: int = _CACHE_BYTES) -> None:
        self._limit = limit
        # the printed words of a form are the same in each act, and so are the subsets they need
        self._files: OrderedDict[bytes, tuple[bytes, dict[int, int]]] = OrderedDict()
        self._bytes = 0

    def subset(self, typeface: Typeface, glyphs: Iterable[int]) -> tuple[bytes, dict[int, int]]:
        """Return a font file with these glyphs only, and their new numbers."""
        numbers = sorted(glyphs)
        key = hashlib.sha256(f"{typeface.path}\0{typeface.index}\0{numbers}".encode()).digest()
        cached = self._files.get(key)
        if cached is not None:
            self._files.move_to_end(key)
            return cached
        subset = self._files[key] = _build_subset(typeface, numbers)
        self._bytes += len(subset[0])
        while self._bytes > self._limit and len(self._files) > 1:
            _, (dropped, _) = self._files.popitem(last=False)
            self._bytes -= len(dropped)
        return subset


def _build_subset(typeface: Typeface, numbers: list[int]) -> tuple[bytes, dict[int, int]]:
    order = hb.SubsetInput()
    order.glyph_set.update(numbers)
    order.drop_table_tag_set.update(_tag_numbers(_DROPPED))
    order.flags = (
        hb.SubsetFlags.NO_HINTING
        | hb.SubsetFlags.DESUBROUTINIZE
        | hb.SubsetFlags.NOTDEF_OUTLINE
        | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        # glyph codes in the page are glyph numbers, so the CFF charset must be the identity
        | hb.SubsetFlags.CFF_IDENTITY_CHARSET
    )
    plan = hb.SubsetPlan(typeface.hb_font.face, order)
    new_numbers = plan.old_to_new_glyph_mapping
    return bytes(plan.execute().blob.data), {glyph: int(new_numbers[glyph]) for glyph in numbers}


@dataclass
class DocumentFont:
    """A face in one document, shaped like WeasyPrint's `pdf.fonts.Font`."""

    shaper: Shaper
    subsetter: FontSubsetter
    glyphs: dict[int, Glyph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        family = self.shaper.typeface.family
        letters = hashlib.sha256(family.encode()).digest()[:6]
        # WeasyPrint's fonts have hashes of upper-case letters; the suffix keeps ours apart
        self.hash = "".join(chr(65 + letter % 26) for letter in letters) + "s"
        self.family = family
        metrics = self.shaper.typeface.metrics
        self.ascent, self.descent = round(metrics.ascent * 1000), -round(metrics.descent * 1000)
        self.flags = 4 + (64 if self.shaper.typeface.italic else 0)
        self.index = self.italic_angle = 0
        self.stemv = self.stemh = 80
        self.bitmap = self.used_in_forms = False
        self.missing: dict[int, int] = {}
        self._file = b""
        self._codes: dict[int, str] = {}
        self._widths: dict[int, float] = {}
        self._texts: dict[int, str] = {}

    def add(self, glyphs: Iterable[Glyph]) -> None:
        for glyph in glyphs:
            self.glyphs.setdefault(glyph.number, glyph)

    @property
    def codes(self) -> dict[int, str]:
        """Return the hexadecimal code of each glyph.

        The first call builds the subset; glyphs added later are lost.
        """
        if not self._codes:
            self._build()
        return self._codes

    def _build(self) -> None:
        self._file, new_numbers = self.subsetter.subset(self.shaper.typeface, self.glyphs)
        for number, glyph in sorted(self.glyphs.items()):
            code = new_numbers[number]
            self._codes[number] = f"{code:04x}"
            self._widths[code] = round(glyph.advance * 1000, 3)
            self._texts[code] = glyph.text

    @property
    def name(self) -> bytes:
        tag = hashlib.sha256(repr(sorted(self.glyphs)).encode()).digest()[:6]
        letters = "".join(chr(65 + letter % 26) for letter in tag)
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in self.family)
        return f"/{letters}+{plain}".encode()

    @property
    def widths(self) -> dict[int, float]:
        """Return the width of each code in thousandths of an em."""
        return self._widths

    @property
    def to_unicode(self) -> dict[int, str]:
        return self._texts

    @property
    def file_content(self) -> bytes:
        return self._file

    @property
    def type(self) -> str:
        return "otf" if self._file[:4] == b"OTTO" else "ttf"

    def clean(self, _to_unicode: Any, _hinting: bool) -> None:
        """Do nothing: the font is a subset already."""


def lacks_harfbuzz_subset() -> bool:
    """Return whether WeasyPrint would fall back to fontTools.

    It does if the C library is missing or older than 4.1.
    """
    from weasyprint.text import ffi

    return ffi.harfbuzz_subset is None or not ffi.harfbuzz.hb_version_atleast(4, 1, 0)


def subset_with_uharfbuzz(_original: Callable[..., None]) -> Callable[..., None]:
    """Build a `Font.subset` that uses the HarfBuzz of the uharfbuzz wheel."""
    faces: dict[tuple[bytes, int], Any] = {}

    def subset(font: Any, to_unicode: Any, hinting: bool) -> None:
        if not to_unicode:
            return
        key = (hashlib.sha256(font.file_content).digest(), font.index)
        if key not in faces:
            faces[key] = hb.Face(font.file_content, font.index)
        order = hb.SubsetInput()
        order.glyph_set.update(to_unicode)
        flags = (
            hb.SubsetFlags.RETAIN_GIDS
            | hb.SubsetFlags.PASSTHROUGH_UNRECOGNIZED
            | hb.SubsetFlags.DESUBROUTINIZE
        )
        flags |= hb.SubsetFlags.DEFAULT if hinting else hb.SubsetFlags.NO_HINTING
        order.flags = flags | hb.SubsetFlags.NOTDEF_OUTLINE if font.missing else flags
        order.drop_table_tag_set.update(_tag_numbers(_DROPPED_BY_ENGINE))
        subset_face = hb.subset(faces[key], order)
        # an empty result means the face cannot be subset: the whole file is embedded then
        if subset_face is not None and subset_face.blob.data:
            font.file_content = subset_face.blob.data

    return subset


def _tag_numbers(tags: Iterable[str]) -> Iterator[int]:
    return (int.from_bytes(tag.encode(), "big") for tag in tags)
