"""Colours of drawings: plain, named, from the theme, lighter or darker."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping

from formsvc.docxpdf.opc.xml import Element, child, children, number
from formsvc.docxpdf.wordml.styles import hex_color

# 100 % in DrawingML
_WHOLE = 100_000
# the theme “Office” of Word 2013
_OFFICE = {
    "dk1": "000000", "lt1": "FFFFFF", "dk2": "44546A", "lt2": "E7E6E6", "accent1": "4472C4", "accent2": "ED7D31",
    "accent3": "A5A5A5", "accent4": "FFC000", "accent5": "5B9BD5", "accent6": "70AD47", "hlink": "0563C1", "folHlink": "954F72",
}  # fmt: skip
# colours of the slide or page → colours of the theme (a:clrMap)
_MEANT = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}
_NAMED = {
    "red": "FF0000", "black": "000000", "white": "FFFFFF", "blue": "0000FF", "green": "008000", "yellow": "FFFF00",
    "gray": "808080", "silver": "C0C0C0", "maroon": "800000", "navy": "000080", "purple": "800080", "teal": "008080",
    "fuchsia": "FF00FF", "lime": "00FF00", "aqua": "00FFFF", "olive": "808000", "orange": "FFA500",
    "window": "FFFFFF", "windowText": "000000",
}  # fmt: skip


def read_palette(theme: Element | None) -> dict[str, str]:
    palette = dict(_OFFICE)
    for name, entry in children(child(theme, "a:themeElements/a:clrScheme")):
        for kind, color in children(entry):
            value = color.get("lastClr") if kind == "sysClr" else color.get("val")
            palette[name] = hex_color(value or "", palette.get(name, "000000"))
    return palette


def drawing_color(palette: Mapping[str, str], holder: Element | None, default: str = "000000") -> str:
    """Return the six hex digits of an ``a:solidFill`` or style reference."""
    for kind, element in children(holder):
        value = element.get("val", "")
        if kind == "srgbClr":
            return _modify_color(hex_color(value, default), element)
        if kind == "schemeClr":
            return _modify_color(palette.get(_MEANT.get(value, value), default), element)
        if kind in ("prstClr", "sysClr"):
            return _modify_color(
                hex_color(element.get("lastClr", ""), "") or _NAMED.get(value, default), element
            )
    return default


def opacity(holder: Element | None) -> float:
    for _, element in children(holder):
        alpha = child(element, "a:alpha")
        if alpha is not None:
            return min(1.0, max(0.0, number(alpha.get("val"), _WHOLE) / _WHOLE))
    return 1.0


def _modify_color(color: str, element: Element) -> str:
    """Apply lumMod, lumOff, tint and shade (ECMA-376 part 1, 20.1.2.3)."""
    rgb = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    for name, change in children(element):
        share = number(change.get("val")) / _WHOLE
        if name in ("lumMod", "lumOff"):
            hue, light, depth = colorsys.rgb_to_hls(*rgb)
            light = light * share if name == "lumMod" else light + share
            rgb = list(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), depth))
        elif name == "shade":
            rgb = [v * share for v in rgb]
        elif name == "tint":
            rgb = [v * share + 1 - share for v in rgb]
    return "".join(f"{round(min(1.0, max(0.0, v)) * 255):02X}" for v in rgb)


def parse_vml_color(text: str | None, default: str) -> str:
    """Return the colour of ``#rrggbb``, ``#rgb`` or a name in VML.

    A palette entry may follow it.
    """
    word = (text or "").split(" ")[0].lower()
    digits = word.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return _NAMED.get(word) or hex_color(digits, default)
