"""The style of a VML shape: its size, where it stands, how text goes around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.anchor_position import outer_side
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.opc.xml import Element, child, number
from formsvc.docxpdf.text.inline_items import AnchoredItem, Insets

_LENGTH = re.compile(r"(-?\d*\.?\d+)(pt|mm|cm|in|px|pc|emu)?")
_UNITS = {
    "pt": 1.0,
    "mm": 72 / 25.4,
    "cm": 72 / 2.54,
    "in": 72.0,
    "px": 0.75,
    "pc": 12.0,
    "emu": 1 / 12700,
    None: 1.0,
}
_BESIDE = frozenset({"square", "tight", "through"})


def length(text: str | None) -> float:
    """A length in points; a plain number counts as it is."""
    match = _LENGTH.match((text or "").strip())
    return number(match[1]) * _UNITS[match[2]] if match else 0.0


@dataclass(frozen=True)
class Units:
    """A group's coordinates: where they begin and how long one is in points."""

    left: float = 0.0
    top: float = 0.0
    across: float = 1.0
    down: float = 1.0

    @staticmethod
    def of(group: Element, width: float, height: float) -> Units:
        """The coordinates of a group drawn at a size."""
        left, top = _pair(group.get("coordorigin"), 0.0)
        wide, high = _pair(group.get("coordsize"), 1000.0)
        return Units(left, top, width / (wide or 1.0), height / (high or 1.0))


def _pair(text: str | None, default: float) -> tuple[float, float]:
    values = (text or "").split(",")
    one, two = [number(v, default) if v.strip() else default for v in [*values, "", ""][:2]]
    return one, two


@dataclass(frozen=True)
class Style:
    """The declarations of a shape."""

    words: dict[str, str]

    @property
    def floats(self) -> bool:
        """Whether it stands beside the text."""
        return self.words.get("position") == "absolute"

    @property
    def hidden(self) -> bool:
        """Whether it is not shown."""
        return self.words.get("visibility") == "hidden"

    @property
    def flip(self) -> str:
        """The axes it is mirrored on."""
        return self.words.get("flip", "")

    @property
    def anchor(self) -> str:
        """Where its text stands: t, ctr or b."""
        return {"middle": "ctr", "bottom": "b"}.get(
            self.words.get("v-text-anchor", "").partition("-")[0], "t"
        )

    @property
    def rotation(self) -> float:
        """Degrees it is turned by; 65536ths of a degree have fd behind them."""
        text = self.words.get("rotation", "")
        return number(text[:-2]) / 65_536 if text.endswith("fd") else number(text)

    def size(self, units: Units) -> tuple[float, float]:
        """Width and height."""
        return length(self.words.get("width")) * units.across, length(self.words.get("height")) * units.down

    def corner(self, units: Units) -> tuple[float, float]:
        """The upper left corner in a group."""
        left, top = length(self.words.get("left")), length(self.words.get("top"))
        return (left - units.left) * units.across, (top - units.top) * units.down


def style_of(shape: Element) -> Style:
    """The style of a shape."""
    pairs = (part.partition(":") for part in shape.get("style", "").split(";"))
    return Style({name.strip().lower(): value.strip() for name, _, value in pairs if value})


def placed_shape(
    ctx: LayoutContext,
    container: ContainingBlock,
    shape: Element,
    style: Style,
    drawn: Node,
    size: tuple[float, float],
) -> AnchoredItem:
    """A shape that stands beside the text."""
    words, page = style.words, ctx.page
    width, height = size
    left, top = _corner(shape, words)
    across = words.get("mso-position-horizontal-relative", "text")
    start, span = {
        "page": (-page.left, page.width),
        "margin": (0.0, page.text_width if not container.is_inside else container.width),
        "left-margin-area": (-page.left, page.left),
        "right-margin-area": (page.text_width, page.right),
    }.get(across, (0.0, container.width))
    side = outer_side(words.get("mso-position-horizontal", ""), container)
    y, on_page = _vertical(ctx, words, top, height)
    behind, wrap = number(words.get("z-index")) < 0, _wrap(shape)
    if side in ("left", "center", "right") and words.get("mso-wrap-style") == "none":
        return AnchoredItem(
            drawn, start, y, span, height, on_page=on_page, behind=behind, align=side, wrap=wrap
        )
    x = start + {"left": 0.0, "center": (span - width) / 2, "right": span - width}.get(side, left)
    by_character = across == "char"
    return AnchoredItem(
        drawn, x, y, width, height, on_page=on_page, behind=behind, wrap=wrap, wrap_distances=_keeps(words),
        from_character=by_character, from_line=words.get("mso-position-vertical-relative") == "line",
    )  # fmt: skip


def _corner(shape: Element, words: dict[str, str]) -> tuple[float, float]:
    left = length(words.get("margin-left") or words.get("left"))
    top = length(words.get("margin-top") or words.get("top"))
    ends = [shape.get("from"), shape.get("to")]
    if all(ends):
        points = [[length(v) for v in (end or "0,0").split(",")[:2]] for end in ends]
        left += min(p[0] for p in points)
        top += min(p[-1] for p in points)
    return left, top


def _vertical(ctx: LayoutContext, words: dict[str, str], top: float, height: float) -> tuple[float, bool]:
    page = ctx.page
    down = words.get("mso-position-vertical-relative", "text")
    areas = {
        "page": (-page.top, page.height),
        "margin": page.margin_area,
        "top-margin-area": (-page.top, page.top),
        "bottom-margin-area": (page.text_height, page.bottom),
    }
    if down not in areas:
        return top, False
    start, span = areas[down]
    kept = {"top": 0.0, "center": (span - height) / 2, "bottom": span - height}
    return start + kept.get(words.get("mso-position-vertical", ""), top), True


def _wrap(shape: Element) -> str:
    kind = child(shape, "w10:wrap")
    word = kind.get("type", "") if kind is not None else ""
    return "square" if word in _BESIDE else "topAndBottom" if word == "topAndBottom" else ""


def _keeps(words: dict[str, str]) -> Insets:
    sides = [
        length(words.get(f"mso-wrap-distance-{side}", "")) for side in ("left", "top", "right", "bottom")
    ]
    return sides[0], sides[1], sides[2], sides[3]
