"""Which glyphs a PDF of ours shows, of which font, and what of it should not be there."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pikepdf
import uharfbuzz as hb

from formsvc.docxpdf.fonts.typeface import Typeface

_BOX = 0
_INVISIBLE = 3
_DRAWN_THICKER = ("-Bold", "-Light", "-Italic", "-Oblique")


@dataclass
class Shown:
    """A font of a PDF: its PostScript name, its file, what each of its glyphs says, the glyphs that are shown."""

    name: str
    file: bytes | None
    texts: Mapping[int, str]
    glyphs: set[int] = field(default_factory=set)


def shown(pdf: bytes) -> list[Shown]:
    """The fonts a PDF draws with."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts: dict[Any, Shown] = {}
        for page in document.pages:
            _walk(page, page.get("/Resources", {}), fonts)
        # cells that nobody sees mark gaps within words
        return [font for font in fonts.values() if font.glyphs]


def _walk(stream: Any, resources: Any, fonts: dict[Any, Shown]) -> None:
    current, visible = None, True
    for instruction in pikepdf.parse_content_stream(stream):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            font = resources["/Font"][str(operands[0])]
            current = fonts.get(font.objgen) or _read(font)
            fonts[font.objgen] = current
        elif str(operator) == "Tr":
            visible = int(operands[0]) != _INVISIBLE
        elif str(operator) in ("Tj", "TJ") and current is not None and visible:
            current.glyphs |= set(_glyphs(operands[0]))
        elif str(operator) == "Do" and resources["/XObject"][str(operands[0])].get("/Subtype") == "/Form":
            form = resources["/XObject"][str(operands[0])]
            _walk(form, form.get("/Resources", resources), fonts)


def _glyphs(operand: Any) -> Iterator[int]:
    for piece in operand if isinstance(operand, pikepdf.Array) else [operand]:
        if isinstance(piece, pikepdf.String):
            codes = bytes(piece)
            yield from (int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2))


def _read(font: Any) -> Shown:
    name = str(font.BaseFont).lstrip("/").partition("+")[2] or str(font.BaseFont)
    descriptor = font.DescendantFonts[0].FontDescriptor
    files = [descriptor[key].read_bytes() for key in ("/FontFile2", "/FontFile3") if key in descriptor]
    return Shown(name, files[0] if files else None, dict(_texts(font.ToUnicode)))


def _texts(stream: Any) -> Iterator[tuple[int, str]]:
    for instruction in pikepdf.parse_content_stream(stream):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "endbfchar":
            pairs = [bytes(o) for o in operands]
            for code, said in zip(pairs[::2], pairs[1::2], strict=True):
                yield int.from_bytes(code, "big"), said.decode("utf-16-be")


def strange_glyphs(pdf: bytes, faces: Iterable[Typeface]) -> list[str]:
    """What is not drawn by the very glyph that a face of ours has for the character, a line each.

    Our Chinese faces have one form a character, the simplified Chinese one. A Japanese form, another font's glyph and
    the box for a missing one are therefore none of theirs.
    """
    ours = {face.family: face for face in faces}
    fonts = shown(pdf)
    faults = [] if fonts else ["no text is drawn"]
    for font in fonts:
        face = ours.get(font.name) or ours.get(_plain_name(font.name))
        faults += _faults(font, face) if face else [f"{font.name} is no font of ours"]
    return faults


def _plain_name(name: str) -> str:
    for ending in _DRAWN_THICKER:
        name = name.removesuffix(ending)
    return name


def _faults(font: Shown, face: Typeface) -> Iterator[str]:
    if font.file is None:
        yield f"{font.name} is not embedded"
        return
    whole = hb.Font(hb.Face(hb.Blob.from_file_path(str(face.path)), face.index))
    cut = hb.Font(hb.Face(font.file))
    for glyph in sorted(font.glyphs):
        text = font.texts.get(glyph, "")
        if glyph == _BOX:
            yield f"{font.name} draws a box for “{text}”"
        elif not text or "\ufffd" in text:
            yield f"{font.name}: glyph {glyph} says nothing"
        elif len(text) == 1 and whole.get_nominal_glyph(ord(text)) is None:
            yield f"{font.name} has no “{text}” and draws a box"
        elif _outline(cut, glyph) != _outline(whole, _own_glyph(whole, text)):
            yield f"{font.name}: “{text}” is drawn by glyph {glyph}, not as in {face.path.name}"


def _own_glyph(font: hb.Font, text: str) -> int:
    """The glyph of a face for a character, or for characters that it joins."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.language = "zh-cn"
    hb.shape(font, buffer, {"kern": False})
    return int(buffer.glyph_infos[0].codepoint)


def _outline(font: hb.Font, glyph: int) -> list[tuple[Any, ...]]:
    pen = hb.DrawFuncs()
    drawn: list[tuple[Any, ...]] = []
    pen.set_move_to_func(lambda x, y, _: drawn.append(("m", x, y)))
    pen.set_line_to_func(lambda x, y, _: drawn.append(("l", x, y)))
    pen.set_cubic_to_func(lambda *p: drawn.append(("c", *p[:6])))
    pen.set_quadratic_to_func(lambda *p: drawn.append(("q", *p[:4])))
    font.draw_glyph(glyph, pen)
    return drawn
