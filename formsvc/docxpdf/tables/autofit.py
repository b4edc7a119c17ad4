"""Columns fitted to what stands in them: as narrow as their longest word allows, as wide as their paragraphs would like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import is_east_asian
from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.opc.xml import Element, attribute, child, children, emu, find_all, points
from formsvc.docxpdf.text.clusters import font_chain

_TRANSPARENT = frozenset(
    {"ins", "hyperlink", "smartTag", "sdtContent", "sdt", "customXml", "moveTo", "fldSimple"}
)
_HAIR = 0.2
"""AvailableSpace that keeps a paragraph just as wide as its column from breaking."""


@dataclass(frozen=True)
class Wish:
    """How wide a cell must be at least, and how wide it would like to be."""

    least: float = 0.0
    most: float = 0.0

    def over(self, other: Wish) -> Wish:
        """What holds for both."""
        return Wish(max(self.least, other.least), max(self.most, other.most))


def wish_of(ctx: LayoutContext, cell: Element, margins: float) -> Wish:
    """What the paragraphs, pictures and tables of a ``w:tc`` ask for."""
    wish = Wish()
    for name, block in children(cell):
        if name == "p":
            wish = wish.over(paragraph_wish(ctx, block))
        elif name == "tbl":
            wide = sum(points(attribute(c, "w")) for c in find_all(block, "w:tblGrid/w:gridCol"))
            wish = wish.over(Wish(wide, wide))
        elif name == "sdt":
            content = child(block, "w:sdtContent")
            wish = wish.over(wish_of(ctx, content, -_HAIR)) if content is not None else wish
    return Wish(wish.least + margins + _HAIR, wish.most + margins + _HAIR)


def paragraph_wish(ctx: LayoutContext, paragraph: Element) -> Wish:
    """What one paragraph asks for."""
    own = child(paragraph, "w:pPr")
    style = ctx.styles.paragraph_style_id(own)
    least = most = line = word = 0.0
    for run in _runs(paragraph):
        for width, ends_word, ends_line in _steps(ctx, style, run):
            line += width
            word = width if ends_word else word + width
            least = max(least, word)
            if ends_word:
                word = 0.0
            if ends_line:
                most, line = max(most, line), 0.0
    indent = ctx.styles.paragraph_properties(own, {}, {}).get("ind", {})
    sides = sum(max(0.0, points(indent.get(side))) for side in ("left", "right"))
    first = max(0.0, points(indent.get("firstLine")))
    return Wish(least + sides, max(most, line) + sides + first)


def _runs(parent: Element) -> Iterator[Element]:
    for name, element in children(parent):
        if name == "r":
            yield element
        elif name in _TRANSPARENT:
            yield from _runs(element)


def _steps(ctx: LayoutContext, style: str, run: Element) -> Iterator[tuple[float, bool, bool]]:
    """Widths with whether a line may end there and whether it does."""
    look = ctx.styles.run_format(style, child(run, "w:rPr"))
    if look.hidden:
        return
    for name, element in children(run):
        if name == "t":
            for char in element.text or "":
                east = is_east_asian(char, look.east_hint)
                _, em = font_chain(ctx.fonts, look, east).find(char)
                yield em * look.size * look.scale + look.spacing, east or char == " ", False
        elif name in ("br", "cr"):
            yield 0.0, True, True
        elif name == "tab":
            yield look.size, True, False
        elif name == "drawing":
            extent = child(element, "wp:inline/wp:extent")
            yield (emu(extent.get("cx")) if extent is not None else 0.0), True, False


def shared_out(wishes: Sequence[Wish], wanted: Sequence[float], room: float, *, fills: bool) -> list[float]:
    """Widths of columns: ``wanted`` where given, else what they like, within ``room``, which they fill if asked to."""
    likes = [max(wish.least, want or wish.most) for wish, want in zip(wishes, wanted, strict=True)]
    total, least = sum(likes), sum(wish.least for wish in wishes)
    if total <= room:
        return [like * room / total for like in likes] if fills and total else likes
    if least >= room:
        return [wish.least for wish in wishes]
    share = (room - least) / (total - least)
    return [wish.least + (like - wish.least) * share for wish, like in zip(wishes, likes, strict=True)]
