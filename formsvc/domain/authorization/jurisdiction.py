"""Where something is: administrative divisions named in an address, and whether an area holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from formsvc.domain.json_types import JSON


class Position(Enum):
    """How a place stands to an area."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNDECIDED = "undecided"


def divisions_in(text: str, regions: Iterable[Mapping[str, JSON]]) -> frozenset[str]:
    """Codes of the smallest divisions a text names.

    A village whose town is not the one named, or a town whose county is not, is another of the same name.
    """
    named = sorted((str(r["code"]) for r in regions if any(n in text for n in _names(r))), key=_depth)
    kept: list[str] = []
    for code in named:
        above = [_stem(k) for k in kept if _depth(k) < _depth(code)]
        if not above or any(code.startswith(stem) for stem in above):
            kept.append(code)
    return frozenset(c for c in kept if not any(o != c and o.startswith(_stem(c)) for o in kept))


def _depth(code: str) -> int:
    return len(_stem(code))


def _names(region: Mapping[str, JSON]) -> tuple[str, ...]:
    return (str(region["name"]), *region.get("aliases", ()))


def _stem(code: str) -> str:
    """The part of a code that its own parts share: 231200 → 2312, 231202 → 231202."""
    while len(code) == 6 and code.endswith("00"):
        code = code[:-2]
    return code


def position(text: str, area_codes: Iterable[str], regions: Iterable[Mapping[str, JSON]]) -> Position:
    """Whether the place an address names lies in an area."""
    areas = [_stem(code) for code in area_codes]
    named = divisions_in(text, regions)
    if not areas or not named:
        return Position.UNDECIDED
    inside = [any(code.startswith(area) for area in areas) for code in named]
    wider = [any(area.startswith(_stem(code)) for area in areas) for code in named]
    if all(inside):
        return Position.INSIDE
    if any(inside) or any(wider):
        return Position.UNDECIDED
    return Position.OUTSIDE
