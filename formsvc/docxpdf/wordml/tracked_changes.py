"""Tracked changes, laid out as if all of them were accepted."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from formsvc.docxpdf.opc.xml import Element, child, children, local

_DELETED = ("w:del", "w:moveFrom")
_NOT_CONTENT = frozenset(
    {
        "pPr",
        "del",
        "moveFrom",
        "bookmarkStart",
        "bookmarkEnd",
        "proofErr",
        "moveFromRangeStart",
        "moveFromRangeEnd",
    }
)


def accept_tracked_changes(blocks: Iterable[Element]) -> list[Element]:
    """Join each paragraph whose mark was deleted to the next one.

    Such a paragraph disappears if nothing else of it is left.
    """
    blocks_left: list[Element] = []
    pending: list[Element] = []
    for block in blocks:
        if local(block) != "p":
            blocks_left += _remaining(pending)
            pending = []
            blocks_left.append(block)
        elif _mark_is_deleted(block):
            pending.append(block)
        else:
            blocks_left.append(_join_paragraphs(pending, block) if pending else block)
            pending = []
    return blocks_left + _remaining(pending)


def _mark_is_deleted(block: Element) -> bool:
    mark = child(block, "w:pPr/w:rPr")
    if mark is None or all(child(mark, path) is None for path in _DELETED):
        return False
    return child(block, "w:pPr/w:sectPr") is None


def _remaining(pending: list[Element]) -> list[Element]:
    # no paragraph follows that they could join
    return [block for block in pending if _content(block)]


def _content(block: Element) -> list[Element]:
    return [element for name, element in children(block) if name not in _NOT_CONTENT]


def _join_paragraphs(pending: list[Element], last: Element) -> Element:
    """Return ``last`` with the content of the pending paragraphs in front."""
    before = [element for block in pending for element in _content(block)]
    if not before:
        return last
    joined = copy.deepcopy(last)
    place = 1 if child(joined, "w:pPr") is not None else 0
    for offset, element in enumerate(before):
        joined.insert(place + offset, copy.deepcopy(element))
    return joined
