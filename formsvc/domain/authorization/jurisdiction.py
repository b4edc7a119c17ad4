"""Administrative divisions named in an address, and areas of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from formsvc.domain.json_types import JSON
from formsvc.domain.regions import code_prefix, divisions_named_in


class AreaMatch(Enum):
    """Result of matching an address against an area."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNDECIDED = "undecided"


def match_area(text: str, area_codes: Iterable[str], regions: Iterable[Mapping[str, JSON]]) -> AreaMatch:
    """Return whether an address lies in an area.

    Undecided if it names no division, or only one that holds the area.
    """
    areas = [code_prefix(code) for code in area_codes]
    codes = divisions_named_in(text, regions)
    if not areas or not codes:
        return AreaMatch.UNDECIDED
    inside = [any(code.startswith(area) for area in areas) for code in codes]
    wider = [any(area.startswith(code_prefix(code)) for area in areas) for code in codes]
    if all(inside):
        return AreaMatch.INSIDE
    if any(inside) or any(wider):
        return AreaMatch.UNDECIDED
    return AreaMatch.OUTSIDE
