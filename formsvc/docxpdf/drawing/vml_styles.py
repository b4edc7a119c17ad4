"""CSS-like `style` attributes of VML shapes: size, position, wrapping."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.anchor_position import resolve_side
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
_SQUARE_WRAPS = frozenset({"square", "tight", "through"})


def vml_length(text: str | None) -> float:
    """Return a length in points; a plain number is returned as it is."""
    match = _LENGTH.match((text or "").strip())
    return number(match[1]) * _UNITS[match[2]] if match else 0.0


@dataclass(frozen=True)
class GroupCoordinates:
    """Origin of a group's coordinates, and points per unit on each axis."""

    left: float = 0.0
    top: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0

    @staticmethod
    def of(group: Element, width: float, height: float) -> GroupCoordinates:
        left, top = _pair(group.get("coordorigin"), 0.0)
        width_units, height_units = _pair(group.get("coordsize"), 1000.0)
        return GroupCoordinates(left, top, width / (width_units or 1.0), height / (height_units or 1.0))


def _pair(text: str | None, default: float) -> tuple[float, float]:
    values = (text or "").split(",")
    one, two = [number(v, default) if v.strip() else default for v in [*values, "", ""][:2]]
    return one, two


@dataclass(frozen=True)
class VmlStyle:
    """Declarations of a shape."""

    declarations: dict[str, str]

    @property
    def is_floating(self) -> bool:
        return self.declarations.get("position") == "absolute"

    @property
    def is_hidden(self) -> bool:
        return self.declarations.get("visibility") == "hidden"

    @property
    def flip(self) -> str:
        return self.declarations.get("flip", "")

    @property
    def anchor(self) -> str:
        """Return the vertical alignment of the text: t, ctr or b."""
        return {"middle": "ctr", "bottom": "b"}.get(
            self.declarations.get("v-text-anchor", "").partition("-")[0], "t"
        )

    @property
    def rotation(self) -> float:
        """Return the rotation in degrees."""
        text = self.declarations.get("rotation", "")
        # fd: 65536ths of a degree
        return number(text[:-2]) / 65_536 if text.endswith("fd") else number(text)

    def size(self, units: GroupCoordinates) -> tuple[float, float]:
        width, height = (vml_length(self.declarations.get(name)) for name in ("width", "height"))
        return width * units.scale_x, height * units.scale_y

    def corner(self, units: GroupCoordinates) -> tuple[float, float]:
        """Return the upper left corner within a group."""
        left, top = vml_length(self.declarations.get("left")), vml_length(self.declarations.get("top"))
        return (left - units.left) * units.scale_x, (top - units.top) * units.scale_y


def vml_style(shape: Element) -> VmlStyle:
    pairs = (part.partition(":") for part in shape.get("style", "").split(";"))
    return VmlStyle({name.strip().lower(): value.strip() for name, _, value in pairs if value})


def anchor_shape(
    ctx: LayoutContext,
    container: ContainingBlock,
    shape: Element,
    style: VmlStyle,
    graphic: Node,
    size: tuple[float, float],
) -> AnchoredItem:
    """Return the item of a shape that floats."""
    declarations, page = style.declarations, ctx.page
    width, height = size
    left, top = _corner(shape, declarations)
    relative_to = declarations.get("mso-position-horizontal-relative", "text")
    start, span = {
        "page": (-page.left, page.width),
        "margin": (0.0, page.text_width if not container.is_inside else container.width),
        "left-margin-area": (-page.left, page.left),
        "right-margin-area": (page.text_width, page.right),
    }.get(relative_to, (0.0, container.width))
    side = resolve_side(declarations.get("mso-position-horizontal", ""), container)
    y, on_page = _vertical(ctx, declarations, top, height)
    behind, wrap = number(declarations.get("z-index")) < 0, _wrap(shape)
    if side in ("left", "center", "right") and declarations.get("mso-wrap-style") == "none":
        return AnchoredItem(
            graphic, start, y, span, height, on_page=on_page, behind=behind, align=side, wrap=wrap
        )
    x = start + {"left": 0.0, "center": (span - width) / 2, "right": span - width}.get(side, left)
    by_character = relative_to == "char"
    return AnchoredItem(
        graphic, x, y, width, height, on_page=on_page, behind=behind, wrap=wrap, wrap_distances=_text_distances(declarations),
        from_character=by_character, from_line=declarations.get("mso-position-vertical-relative") == "line",
    )  # fmt: skip


def _corner(shape: Element, declarations: dict[str, str]) -> tuple[float, float]:
    left = vml_length(declarations.get("margin-left") or declarations.get("left"))
    top = vml_length(declarations.get("margin-top") or declarations.get("top"))
    ends = [shape.get("from"), shape.get("to")]
    if all(ends):
        points = [[vml_length(v) for v in (end or "0,0").split(",")[:2]] for end in ends]
        left += min(p[0] for p in points)
        top += min(p[-1] for p in points)
    return left, top


def _vertical(
    ctx: LayoutContext, declarations: dict[str, str], top: float, height: float
) -> tuple[float, bool]:
    page = ctx.page
    relative_to = declarations.get("mso-position-vertical-relative", "text")
    areas = {
        "page": (-page.top, page.height),
        "margin": page.margin_area,
        "top-margin-area": (-page.top, page.top),
        "bottom-margin-area": (page.text_height, page.bottom),
    }
    if relative_to not in areas:
        return top, False
    start, span = areas[relative_to]
    offsets = {"top": 0.0, "center": (span - height) / 2, "bottom": span - height}
    return start + offsets.get(declarations.get("mso-position-vertical", ""), top), True


def _wrap(shape: Element) -> str:
    kind = child(shape, "w10:wrap")
    word = kind.get("type", "") if kind is not None else ""
    return "square" if word in _SQUARE_WRAPS else "topAndBottom" if word == "topAndBottom" else ""


def _text_distances(declarations: dict[str, str]) -> Insets:
    sides = [
        vml_length(declarations.get(f"mso-wrap-distance-{side}", ""))
        for side in ("left", "top", "right", "bottom")
    ]
    return sides[0], sides[1], sides[2], sides[3]
