"""Administrative divisions: their codes and the names in an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formsvc.domain.json_types import JSON

# a village has the code of its town and three digits
_VILLAGE_DIGITS = 12
_COUNTY_DIGITS = 6


def divisions_named_in(text: str, regions: Iterable[Mapping[str, JSON]]) -> frozenset[str]:
    """Return the codes of the smallest divisions that a text names."""
    codes = sorted((str(r["code"]) for r in regions if any(n in text for n in _names(r))), key=_prefix_length)
    # A village whose town is not the one named, or a town whose county is not, is another of the same name.
    consistent: list[str] = []
    for code in codes:
        above = [code_prefix(k) for k in consistent if _prefix_length(k) < _prefix_length(code)]
        if not above or any(code.startswith(stem) for stem in above):
            consistent.append(code)
    return frozenset(
        c for c in consistent if not any(o != c and o.startswith(code_prefix(c)) for o in consistent)
    )


def _prefix_length(code: str) -> int:
    return len(code_prefix(code))


def _names(region: Mapping[str, JSON]) -> tuple[str, ...]:
    return (str(region["name"]), *region.get("aliases", ()))


def code_prefix(code: str) -> str:
    """Return the digits that codes of its parts share: 231200 → 2312."""
    while len(code) == 6 and code.endswith("00"):
        code = code[:-2]
    return code


def only_division_in(text: str, names: Mapping[str, str]) -> str:
    """Return the code of the one division that an address names, or "".

    ``names`` are those of the divisions by code.
    """
    found = divisions_named_in(text, [{"code": code, "name": name} for code, name in names.items()])
    return next(iter(found)) if len(found) == 1 else ""


def is_local(code: str) -> bool:
    """Return whether it is the code of a town or of a village."""
    return len(code) > _COUNTY_DIGITS


def is_village(code: str) -> bool:
    return len(code) == _VILLAGE_DIGITS


def name_with_town(code: str, names: Mapping[str, str]) -> str:
    """Return the name of a division, that of a village after its town's."""
    town = names.get(code[:-3], "") if is_village(code) else ""
    return town + names[code]
