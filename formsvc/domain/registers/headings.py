"""Headings of workbooks and the columns of a register they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from formsvc.domain.registers.definition import RegisterDefinition

# written next to the name of a column: a star for required, blanks; and a remark in brackets
_MARKS = re.compile(r"[*＊:：\s]")
_REMARK = re.compile(r"[（(][^（）()]*[）)]")


def heading_name(text: str) -> str:
    """Return a heading as it is compared: without marks and blanks."""
    return _MARKS.sub("", text).replace("(", "（").replace(")", "）").casefold()


def match_headings(register: RegisterDefinition, headings: Iterable[str]) -> dict[str, str]:
    """Return the column that each heading names; none for an unknown heading.

    A remark in brackets is left out where the whole heading names no column. Of two headings for one column the first
    that names it whole counts.
    """
    exact = _names_of(register)
    without_remark: Mapping[str, str] = {_REMARK.sub("", name): key for name, key in exact.items()}
    found: dict[str, str] = {}
    headings = list(headings)
    for names, reduce in ((exact, heading_name), (without_remark, _without_remark)):
        for heading in headings:
            key = names.get(reduce(heading), "")
            if key and heading not in found and key not in found.values():
                found[heading] = key
    return found


def _without_remark(heading: str) -> str:
    return _REMARK.sub("", heading_name(heading))


def _names_of(register: RegisterDefinition) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in register.columns:
        for heading in (*register.source.headings.get(column.key, ()), column.label):
            names.setdefault(heading_name(heading), column.key)
    return names
