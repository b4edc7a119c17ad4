"""Administrative divisions named in an address, and areas of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from formsvc.domain.json_types import JSON


class AreaMatch(Enum):
    """Result of matching an address against an area."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNDECIDED = "undecided"


def divisions_named_in(text: str, regions: Iterable[Mapping[str, JSON]]) -> frozenset[str]:
    """Return the codes of the smallest divisions that a text names."""
    codes = sorted((str(r["code"]) for r in regions if any(n in text for n in _names(r))), key=_prefix_length)
    # A village whose town is not the one named, or a town whose county is not, is another of the same name.
    consistent: list[str] = []
    for code in codes:
        above = [_code_prefix(k) for k in consistent if _prefix_length(k) < _prefix_length(code)]
        if not above or any(code.startswith(stem) for stem in above):
            consistent.append(code)
    return frozenset(
        c for c in consistent if not any(o != c and o.startswith(_code_prefix(c)) for o in consistent)
    )


def _prefix_length(code: str) -> int:
    return len(_code_prefix(code))


def _names(region: Mapping[str, JSON]) -> tuple[str, ...]:
    return (str(region["name"]), *region.get("aliases", ()))


def _code_prefix(code: str) -> str:
    """Return the digits that codes of its parts share: 231200 → 2312."""
    while len(code) == 6 and code.endswith("00"):
        code = code[:-2]
    return code


def match_area(text: str, area_codes: Iterable[str], regions: Iterable[Mapping[str, JSON]]) -> AreaMatch:
    """Return whether an address lies in an area.

    Undecided if it names no division, or only one that holds the area.
    """
    areas = [_code_prefix(code) for code in area_codes]
    codes = divisions_named_in(text, regions)
    if not areas or not codes:
        return AreaMatch.UNDECIDED
    inside = [any(code.startswith(area) for area in areas) for code in codes]
    wider = [any(area.startswith(_code_prefix(code)) for area in areas) for code in codes]
    if all(inside):
        return AreaMatch.INSIDE
    if any(inside) or any(wider):
        return AreaMatch.UNDECIDED
    return AreaMatch.OUTSIDE
