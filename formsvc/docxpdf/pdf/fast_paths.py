"""Faster replacements for hot functions of WeasyPrint and pydyf.

Each builds a function that returns what the original returns; the ledger of weasyprint_patches says why. Import only
after `FontCatalog.activate`: WeasyPrint reads the font configuration on import.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import pydyf
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.functions import check_math
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.formatting_structure import boxes

_LEVEL = 6  # level 9 takes twice the time to save one per cent
# these have special cases in ComputedStyle.__missing__
_SPECIFIED = frozenset({"page", "position", "float", "display"})


def _is_plain(key: str) -> bool:
    """Return whether a property is only inherited or initial."""
    return key not in _SPECIFIED and not key.startswith("text_decoration_")


_PASSED_DOWN = frozenset(k for k in INHERITED if _is_plain(k) and k not in PHYSICAL_FUNCTIONS)
_INITIAL = {
    key: value
    for key, value in INITIAL_VALUES.items()
    if key not in INHERITED and key not in INITIAL_NOT_COMPUTED and _is_plain(key) and not check_math(value)
}
_LOGICAL = frozenset(
    function(block="ttb", inline=direction)
    for function in PHYSICAL_FUNCTIONS.values()
    for direction in ("ltr", "rtl")
)


def compute_plain_properties(original: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def missing(style: Any, key: str) -> Any:
        cascaded = style.cascaded
        if key in cascaded:
            return original(style, key)
        if key in _PASSED_DOWN and style.parent_style is not None:
            value = style[key] = style.parent_style[key]
            return value
        # a logical property in the cascade may set this physical one, so only the original knows the value
        if key in _INITIAL and (key not in PHYSICAL_FUNCTIONS or _LOGICAL.isdisjoint(cascaded)):
            value = style[key] = _INITIAL[key]
            return value
        return original(style, key)

    return missing


def compress_once(_original: property) -> property:
    # the same bytes as pydyf 0.13, see Stream.data there
    def data(stream: Any) -> bytes:
        cached: bytes | None = stream.__dict__.get("_written")
        if cached is None:
            content = b"\n".join([pydyf._to_bytes(item) for item in stream.stream])
            extra = pydyf.Dictionary(stream.extra.copy())
            if stream.compress:
                extra["Filter"] = "/FlateDecode"
                content = zlib.compress(content, _LEVEL)
            extra["Length"] = len(content)
            cached = stream._written = b"\n".join((extra.data, b"stream", content, b"endstream"))
        return cached

    return property(data)


_LENGTHS = tuple(
    [f"{kind}_{side}" for kind in ("margin", "padding") for side in ("top", "right", "bottom", "left")]
    + [f"{bound}{size}" for bound in ("", "min_", "max_") for size in ("width", "height")]
)
_BORDERS = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))


def resolve_absolute_lengths(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def resolve_percentages(box: Any, containing_block: Any) -> None:
        cached = absolute_lengths(box.style)
        # the margins of a page box come from @page rules and the page size, not from its style alone
        if cached is None or isinstance(box, boxes.PageBox):
            original(box, containing_block)
            return
        lengths, borders, collapse = cached
        box.__dict__.update(lengths)
        if collapse:
            # the table has resolved conflicts between cells already and set the winning widths on the box
            for name, width in borders.items():
                if not hasattr(box, name):
                    box.__dict__[name] = width
        else:
            box.__dict__.update(borders)

    return resolve_percentages


class AbsoluteLengths(NamedTuple):
    """Used values of a style in pixels, and whether borders collapse."""

    lengths: dict[str, Any]
    borders: dict[str, Any]
    collapse: bool


def absolute_lengths(style: Any) -> AbsoluteLengths | None:
    """Return the lengths of a style, resolved once.

    None if a length depends on the containing block or the font.
    """
    kept = style.__dict__
    if "_lengths" not in kept:
        kept["_lengths"] = _resolve_lengths(style)
    found: AbsoluteLengths | None = kept["_lengths"]
    return found


def _resolve_lengths(style: Any) -> AbsoluteLengths | None:
    if style["box_sizing"] != "content-box":
        return None
    lengths = {}
    for name in _LENGTHS:
        value = style[name]
        if value == "auto":
            lengths[name] = 0 if name in ("min_width", "min_height") else value
        elif getattr(value, "unit", "") == "px":
            lengths[name] = value.value
        else:
            return None
    return AbsoluteLengths(
        lengths, {name: style[name] for name in _BORDERS}, style["border_collapse"] == "collapse"
    )
