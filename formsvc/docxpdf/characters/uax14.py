"""Line break opportunities by UAX #14, for the pairs in legal texts.

For the LibreOffice test profile only. The library uniseg 0.10 is no substitute: it decides 498 of 6,724 pairs
differently, because LibreOffice tailors UAX #14, and takes a hundred times as long.
"""

from __future__ import annotations

from functools import lru_cache

from formsvc.docxpdf.characters.classes import forbids_break, is_east_asian

_CLASSES = {
    **dict.fromkeys("([{", "OP"), **dict.fromkeys(")]", "CP"), "}": "CL", **dict.fromkeys("\"'‘’“”«»", "QU"),
    **dict.fromkeys("!?", "EX"), **dict.fromkeys(",.:;", "IS"), "/": "SY", **dict.fromkeys("$+\\￥£€¥", "PR"),
    **dict.fromkeys("%°‰℃￠", "PO"), "-": "HY", **dict.fromkeys("|–\u2010\t", "BA"), "—": "B2", "…": "IN",
    **dict.fromkeys("（《〈「『【〔〖［｛", "OP"), **dict.fromkeys("）》〉」』】〕〗］｝，。、．", "CL"),
    **dict.fromkeys("！？", "EX"), **dict.fromkeys("：；々・‼", "NS"),
}  # fmt: skip
_NEVER_BEFORE = frozenset({"CL", "CP", "EX", "IS", "SY", "BA", "HY", "NS", "IN", "QU"})
_NEVER_AFTER = frozenset({"OP", "QU"})
_TOGETHER = frozenset(
    {("B2", "B2"), ("PR", "ID"), ("ID", "PO"), ("IS", "AL"), ("CP", "AL"), ("CP", "NU"), ("AL", "OP"), ("NU", "OP"),
     *((a, b) for a in ("AL", "NU") for b in ("AL", "NU", "PR", "PO")),
     *((a, b) for a in ("PR", "PO") for b in ("AL", "NU", "OP")),
     *((a, b) for a in ("CL", "CP") for b in ("PR", "PO")), ("HY", "NU"), ("IS", "NU"), ("SY", "NU")}
)  # fmt: skip


@lru_cache(maxsize=4096)
def allows_break_between(before: str, after: str) -> bool:
    if forbids_break(before) or forbids_break(after):
        return False
    one, two = _class(before), _class(after)
    return two not in _NEVER_BEFORE and one not in _NEVER_AFTER and (one, two) not in _TOGETHER


def _class(char: str) -> str:
    listed = _CLASSES.get(char)
    if listed:
        return listed
    if is_east_asian(char):
        return "ID"
    return "NU" if char.isdigit() else "AL"
