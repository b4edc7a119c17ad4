"""Glyphs of a face by character, and the small font files that hold only those of one document."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uharfbuzz as hb

from formsvc.docxpdf.fonts.typeface import Typeface

_DROPPED = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ", "cmap", "name", "post", "vhea", "vmtx", "VORG")  # fmt: skip
_DROPPED_BY_ENGINE = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")
_CODES = [(0x20, 0x58F), (0x1E00, 0x2BFF), (0x2C60, 0x2C7F), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xE000, 0xFAFF), (0xFE10, 0xFE1F), (0xFE30, 0xFE6F), (0xFF00, 0xFFEE), (0x1F100, 0x1F2FF), (0x20000, 0x3FFFD)]  # fmt: skip
_SHAPED_ALONE = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Co"})  # fmt: skip
_JOINING = frozenset("—―…⸺⸻")
_FIRST_UNKERNED = "\u2e80"
"""Where the ideographs begin, whose squares stay."""
_LIGATURES_OFF = {"liga": False, "clig": False, "dlig": False}
_CACHE_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph, its width in em, the text it stands for, and how far kerning moves what follows."""

    number: int
    advance: float
    text: str
    kern: float = 0.0


class GlyphFinder:
    """The glyphs of one face. Characters whose shape depends on their neighbours have none here."""

    def __init__(self, typeface: Typeface) -> None:
        self.typeface = typeface
        self._font = typeface.opened
        self._em = float(self._font.face.upem)
        self._known: dict[str, Glyph | None] = {}

    def glyphs(self, text: str, *, kerned: bool = False) -> list[Glyph] | None:
        """The glyphs of a text one after another; None where the engine must shape it."""
        if (kerned and len(text) > 1 and min(text) < _FIRST_UNKERNED) or not _JOINING.isdisjoint(text):
            return self._shaped(text, kerned=kerned)
        found = []
        for char in text:
            glyph = self._known[char] if char in self._known else self._looked_up(char)
            if glyph is None:
                return None
            found.append(glyph)
        return found

    def _looked_up(self, char: str) -> Glyph | None:
        shaped = self._shaped(char)
        glyph = self._known[char] = shaped[0] if shaped and len(shaped) == 1 else None
        return glyph

    def _shaped(self, text: str, *, kerned: bool = False) -> list[Glyph] | None:
        if not all(_stands_alone(char) for char in text):
            return None
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction, buffer.language = "ltr", "zh-cn"
        hb.shape(self._font, buffer, {**_LIGATURES_OFF, "kern": kerned})
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        ends = [info.cluster for info in infos[1:]] + [len(text)]
        found = []
        for info, position, end in zip(infos, positions, ends, strict=True):
            if not info.codepoint or position.x_offset or position.y_offset:
                return None
            own = self._font.get_glyph_h_advance(info.codepoint)
            moved = (position.x_advance - own) / self._em
            found.append(Glyph(info.codepoint, own / self._em, text[info.cluster : end], moved))
        return found


def _stands_alone(char: str) -> bool:
    code = ord(char)
    return (
        any(first <= code <= last for first, last in _CODES)
        and unicodedata.category(char) in _SHAPED_ALONE
        and unicodedata.bidirectional(char) not in ("R", "AL", "AN")
    )


class CutFonts:
    """Font files made lately, up to so many bytes: the words printed on a form are the same in each of its acts."""

    def __init__(self, limit: int = _CACHE_BYTES) -> None:
        self._limit = limit
        self._files: OrderedDict[bytes, tuple[bytes, dict[int, int]]] = OrderedDict()
        self._bytes = 0

    def cut(self, typeface: Typeface, glyphs: Iterable[int]) -> tuple[bytes, dict[int, int]]:
        """The file that holds these glyphs alone, and the place of each in it."""
        wanted = sorted(glyphs)
        key = hashlib.sha256(f"{typeface.path}\0{typeface.index}\0{wanted}".encode()).digest()
        known = self._files.get(key)
        if known is not None:
            self._files.move_to_end(key)
            return known
        made = self._files[key] = _cut(typeface, wanted)
        self._bytes += len(made[0])
        while self._bytes > self._limit and len(self._files) > 1:
            _, (dropped, _) = self._files.popitem(last=False)
            self._bytes -= len(dropped)
        return made


def _cut(typeface: Typeface, wanted: list[int]) -> tuple[bytes, dict[int, int]]:
    order = hb.SubsetInput()
    order.glyph_set.update(wanted)
    order.drop_table_tag_set.update(_tag_numbers(_DROPPED))
    order.flags = (
        hb.SubsetFlags.NO_HINTING
        | hb.SubsetFlags.DESUBROUTINIZE
        | hb.SubsetFlags.NOTDEF_OUTLINE
        | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        | hb.SubsetFlags.CFF_IDENTITY_CHARSET
    )
    plan = hb.SubsetPlan(typeface.opened.face, order)
    places = plan.old_to_new_glyph_mapping
    return bytes(plan.execute().blob.data), {glyph: int(places[glyph]) for glyph in wanted}


@dataclass
class DocumentFont:
    """One face in one document, in the shape the page engine's PDF writer asks for."""

    finder: GlyphFinder
    cuts: CutFonts
    used: dict[int, Glyph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        family = self.finder.typeface.family
        letters = hashlib.sha256(family.encode()).digest()[:6]
        self.hash = "".join(chr(65 + letter % 26) for letter in letters) + "s"
        self.family = family
        metrics = self.finder.typeface.metrics
        self.ascent, self.descent = round(metrics.ascent * 1000), -round(metrics.descent * 1000)
        self.flags = 4 + (64 if self.finder.typeface.italic else 0)
        self.index = self.italic_angle = 0
        self.stemv = self.stemh = 80
        self.bitmap = self.used_in_forms = False
        self.missing: dict[int, int] = {}
        self._file = b""
        self._codes: dict[int, str] = {}
        self._widths: dict[int, float] = {}
        self._texts: dict[int, str] = {}

    def use(self, glyphs: Iterable[Glyph]) -> None:
        """Take glyphs into the document."""
        for glyph in glyphs:
            self.used.setdefault(glyph.number, glyph)

    @property
    def codes(self) -> dict[int, str]:
        """What stands for each glyph in the pages, in hexadecimal. No glyph can be taken in any more."""
        if not self._codes:
            self._cut()
        return self._codes

    def _cut(self) -> None:
        self._file, places = self.cuts.cut(self.finder.typeface, self.used)
        for number, glyph in sorted(self.used.items()):
            place = places[number]
            self._codes[number] = f"{place:04x}"
            self._widths[place] = round(glyph.advance * 1000, 3)
            self._texts[place] = glyph.text

    @property
    def name(self) -> bytes:
        """The font's name in the PDF, as bytes of a PDF name."""
        tag = hashlib.sha256(repr(sorted(self.used)).encode()).digest()[:6]
        letters = "".join(chr(65 + letter % 26) for letter in tag)
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in self.family)
        return f"/{letters}+{plain}".encode()

    @property
    def widths(self) -> dict[int, float]:
        """Width of each code in thousandths of an em."""
        return self._widths

    @property
    def to_unicode(self) -> dict[int, str]:
        """The text each code stands for."""
        return self._texts

    @property
    def file_content(self) -> bytes:
        """The font file."""
        return self._file

    @property
    def type(self) -> str:
        """Kind of outlines."""
        return "otf" if self._file[:4] == b"OTTO" else "ttf"

    def clean(self, _to_unicode: Any, _hinting: bool) -> None:
        """It is cut already."""


def lacks_harfbuzz_subset() -> bool:
    """Return whether WeasyPrint would fall back to fontTools: the C library is missing or older than 4.1."""
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
