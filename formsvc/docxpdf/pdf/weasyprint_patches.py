"""Shorter ways to what the page engine works out at length, each with the same outcome.

Imported only once the fonts are active, for the page engine reads them when it is imported.
"""

from __future__ import annotations

import zlib
from typing import Any

import pydyf
from weasyprint import layout
from weasyprint.css import ComputedStyle
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.functions import check_math
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.formatting_structure import boxes
from weasyprint.layout import percent

_RESOLVING = [
    module
    for module in (layout, *(getattr(layout, name) for name in dir(layout)))
    if hasattr(module, "resolve_percentages")
]
_LEVEL = 6
"""Beyond it zlib takes twice the time for a hundredth of the size."""
_SPECIFIED = frozenset({"page", "position", "float", "display"})


def _is_plain(key: str) -> bool:
    """Whether a property has no rule of its own beyond inheriting, or beyond its initial value."""
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


def install() -> None:
    """Put them in place, once for the interpreter."""
    _read_plain_styles()
    _compress_once()
    _resolve_lengths_once()


def _read_plain_styles() -> None:
    thorough = ComputedStyle.__missing__

    def missing(style: Any, key: str) -> Any:
        cascaded = style.cascaded
        if key in cascaded:
            return thorough(style, key)
        if key in _PASSED_DOWN and style.parent_style is not None:
            value = style[key] = style.parent_style[key]
            return value
        if key in _INITIAL and (key not in PHYSICAL_FUNCTIONS or _LOGICAL.isdisjoint(cascaded)):
            value = style[key] = _INITIAL[key]
            return value
        return thorough(style, key)

    ComputedStyle.__missing__ = missing


def _compress_once() -> None:
    """The writer asks for a stream's bytes once to write them and once to number the file."""

    def data(stream: Any) -> bytes:
        known: bytes | None = stream.__dict__.get("_written")
        if known is None:
            content = b"\n".join([pydyf._to_bytes(item) for item in stream.stream])
            extra = pydyf.Dictionary(stream.extra.copy())
            if stream.compress:
                extra["Filter"] = "/FlateDecode"
                content = zlib.compress(content, _LEVEL)
            extra["Length"] = len(content)
            known = stream._written = b"\n".join((extra.data, b"stream", content, b"endstream"))
        return known

    pydyf.Stream.data = property(data)


_LENGTHS = tuple(
    [f"{kind}_{side}" for kind in ("margin", "padding") for side in ("top", "right", "bottom", "left")]
    + [f"{bound}{size}" for bound in ("", "min_", "max_") for size in ("width", "height")]
)
_BORDERS = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))


def _resolve_lengths_once() -> None:
    """Lengths that are no share of anything are the same in every box of a style."""
    thorough = percent.resolve_percentages

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        known = box.style.__dict__.get("_lengths")
        if known is None:
            known = box.style.__dict__["_lengths"] = _absolute(box.style)
        if not known or isinstance(box, boxes.PageBox):
            thorough(box, containing_block)
            return
        lengths, borders, collapse = known
        box.__dict__.update(lengths)
        if collapse:
            for name, width in borders.items():
                if not hasattr(box, name):
                    setattr(box, name, width)
        else:
            box.__dict__.update(borders)

    for module in _RESOLVING:
        module.resolve_percentages = resolve_percentages


def _absolute(style: Any) -> tuple[dict[str, Any], dict[str, Any], bool] | tuple[()]:
    """Lengths, widths of borders, whether borders collapse; nothing where a length depends on something else."""
    if style["box_sizing"] != "content-box":
        return ()
    lengths = {}
    for name in _LENGTHS:
        value = style[name]
        if value == "auto":
            lengths[name] = 0 if name in ("min_width", "min_height") else value
        elif getattr(value, "unit", "") == "px":
            lengths[name] = value.value
        else:
            return ()
    return lengths, {name: style[name] for name in _BORDERS}, style["border_collapse"] == "collapse"
