"""Borders of paragraphs and cells."""

from __future__ import annotations

import re

from formsvc.docxpdf.html_tree import join_css, pt
from formsvc.docxpdf.opc.xml import number
from formsvc.docxpdf.wordml.properties import Attributes, Properties
from formsvc.docxpdf.wordml.styles import hex_color

_PATTERN = re.compile(r"pct(\d+)")
# rough share of the ground that a striped or crossed pattern covers
_STRIPES = 0.25
_SIDES = ("top", "bottom", "left", "right")
_ABSENT = ("", "nil", "none")
# w:sz is in eighths of a point; thinner lines vanish in print
_LEAST = 0.25


def is_drawn(edge: Attributes) -> bool:
    return edge.get("val", "") not in _ABSENT


def border_width(edge: Attributes) -> float:
    """Return the thickness of a border in points, 0 if there is none."""
    if not is_drawn(edge):
        return 0.0
    single = max(number(edge.get("sz"), 4) / 8, _LEAST)
    if _style(edge) == "double":
        return single * (3 if edge.get("val") == "double" else 2)
    return single


def border_css(side: str, edge: Attributes) -> str:
    return f"border-{side}:{pt(border_width(edge))} {_style(edge)} #{hex_color(edge.get('color', ''))}"


def shading_color(shading: Attributes) -> str:
    """Return the colour of a ``w:shd`` as six hex digits, empty for none.

    A pattern is mixed with its ground: seen from a distance it is the same, and it prints cleaner.
    """
    kind, fill = shading.get("val", "clear"), shading.get("fill", "auto")
    if kind in ("clear", "nil", ""):
        return "" if fill in ("", "auto") else hex_color(fill, "")
    percent = _PATTERN.fullmatch(kind)
    share = 1.0 if kind == "solid" else int(percent[1]) / 100 if percent else _STRIPES
    pairs = zip(
        _channels(hex_color(shading.get("color", ""))), _channels(hex_color(fill, "FFFFFF")), strict=True
    )
    return "".join(f"{round(front * share + ground * (1 - share)):02X}" for front, ground in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[:2], 16), int(color[2:4], 16), int(color[4:], 16)


def has_border(properties: Properties) -> bool:
    return any(is_drawn(properties.get(f"pBdr.{side}", {})) for side in _SIDES)


def have_same_border(one: Properties, other: Properties) -> bool:
    """Return whether two adjacent paragraphs share one border box.

    See ECMA-376 part 1, 17.3.1.7.
    """
    edges = all(one.get(f"pBdr.{side}") == other.get(f"pBdr.{side}") for side in _SIDES)
    return edges and one.get("ind", {}) == other.get("ind", {})


def paragraph_borders(properties: Properties, joins_above: bool, joins_below: bool) -> str:
    """Return the CSS of a paragraph's borders.

    Adjacent paragraphs in one border box have only the ``between`` border between them.
    """
    css = []
    for side in _SIDES:
        edge = properties.get(f"pBdr.{side}", {})
        if (side == "top" and joins_above) or (side == "bottom" and joins_below):
            edge = properties.get("pBdr.between", {}) if side == "top" else {}
        if is_drawn(edge):
            space = number(edge.get("space"))
            css.append(f"{border_css(side, edge)};padding-{side}:{pt(space)}")
            css.append(
                f"margin-{side}:{pt(-space - border_width(edge))}" if side in ("left", "right") else ""
            )
    return join_css(css)


def _style(edge: Attributes) -> str:
    # CSS has four of the 25 line styles; the others become the one most like them
    kind = edge.get("val", "")
    if kind in ("double", "triple") or kind.startswith(("thinThick", "thickThin")):
        return "double"
    return "dotted" if kind == "dotted" else "dashed" if "ash" in kind else "solid"
