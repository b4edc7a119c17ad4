"""Tracked changes and comments, removed before a template is filled.

A Word file that is issued shows neither who wrote what into the template nor what a reviewer asked. Changes count as
accepted, as in the layout (``docxpdf.wordml.tracked_changes``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from formsvc.documents.templates.docx_file import parse_part
from formsvc.docxpdf.opc.xml import Element, W

_UNWRAPPED = (f"{W}ins", f"{W}moveTo")
_CHANGES = tuple(
    W + name
    for name in (
        *("del", "moveFrom", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange"),
        *("trPrChange", "tcPrChange", "tblGridChange", "numberingChange", "cellIns", "cellMerge"),
    )
)
_REMOVED = _CHANGES + tuple(
    W + name
    for name in (
        *("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"),
        *("customXmlInsRangeStart", "customXmlInsRangeEnd", "customXmlDelRangeStart", "customXmlDelRangeEnd"),
        *("customXmlMoveFromRangeStart", "customXmlMoveFromRangeEnd"),
        *("customXmlMoveToRangeStart", "customXmlMoveToRangeEnd"),
        *("commentRangeStart", "commentRangeEnd", "commentReference", "delText", "delInstrText"),
    )
)
_COMMENTS = (f"{W}commentReference", f"{W}commentRangeStart")
_ANY_MARK = re.compile(
    rb":(?:ins|del|move(?:From|To)|\w+Change|cell(?:Ins|Del|Merge)|comment(?:Range|Reference)|delText|dataBinding)\b"
)


def changes_in(root: Element) -> Iterator[Element]:
    """Yield the tracked changes of a part."""
    yield from root.iter(*_UNWRAPPED, *_CHANGES, f"{W}cellDel")


def comments_in(root: Element) -> Iterator[Element]:
    """Yield the marks of comments in a part."""
    yield from root.iter(*_COMMENTS)


def deleted_texts(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield the paragraphs with text in deletions, and that text."""
    for paragraph in root.iter(f"{W}p"):
        pieces = [
            text.text or ""
            for text in paragraph.iter(f"{W}delText", f"{W}t")
            if any(a.tag in (f"{W}del", f"{W}moveFrom") for a in text.iterancestors())
        ]
        if pieces:
            yield paragraph, "".join(pieces)


def without_review_marks(part: bytes) -> bytes:
    """Return the part with changes accepted and marks of comments removed.

    The same bytes if there are none. Raise BrokenPart.
    """
    if not _ANY_MARK.search(part):
        return part
    root = parse_part(part)
    _accept_deleted_rows(root)
    deleted_marks = [p for p in root.iter(f"{W}p") if _mark_is_deleted(p)]
    # the content may be another's: what a document shows is bound to data that is never filled in
    for element in list(root.iter(*_REMOVED, f"{W}dataBinding")):
        remove_element(element)
    for element in list(root.iter(*_UNWRAPPED)):
        unwrap_element(element)
    for paragraph in deleted_marks:
        _join_with_next(paragraph)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _accept_deleted_rows(root: Element) -> None:
    for mark in [*root.iterfind(f".//{W}trPr/{W}del"), *root.iterfind(f".//{W}tcPr/{W}cellDel")]:
        properties = mark.getparent()
        owner = properties.getparent() if properties is not None else None
        holder = owner.getparent() if owner is not None else None
        if owner is None or holder is None:
            continue
        holder.remove(owner)
        # a row without cells and a table without rows are no valid content
        if holder.tag == f"{W}tbl" and holder.find(f"{W}tr") is None:
            remove_element(holder)


def _mark_is_deleted(paragraph: Element) -> bool:
    path = f"{W}pPr/{W}rPr/{W}"
    # the mark that ends a section holds its page
    is_deleted = any(paragraph.find(path + name) is not None for name in ("del", "moveFrom"))
    return is_deleted and paragraph.find(f"{W}pPr/{W}sectPr") is None


def remove_element(element: Element) -> None:
    """Remove an element, and the run that held nothing else."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
        if parent.tag == f"{W}r" and all(child.tag == f"{W}rPr" for child in parent):
            remove_element(parent)


def unwrap_element(element: Element) -> None:
    """Put the children of an element in its place."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    for offset, child in enumerate(list(element)):
        parent.insert(place + offset, child)
    parent.remove(element)


def _join_with_next(paragraph: Element) -> None:
    """Put the content before that of the next paragraph."""
    following = paragraph.getnext()
    content = [child for child in paragraph if child.tag != f"{W}pPr"]
    if following is None or following.tag != f"{W}p":
        if not content and following is not None:
            remove_element(paragraph)
        return
    place = 1 if following.find(f"{W}pPr") is not None else 0
    for offset, child in enumerate(content):
        following.insert(place + offset, child)
    remove_element(paragraph)
