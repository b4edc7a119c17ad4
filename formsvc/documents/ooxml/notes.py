"""Footnotes: the number in the text, the note at the foot of the page that holds it."""

from __future__ import annotations

from formsvc.documents.ooxml.desk import Desk, Frame
from formsvc.documents.ooxml.markup import PICTURE_SCHEME, Picture, node, pt
from formsvc.documents.ooxml.names import Element, attribute, find_all
from formsvc.documents.ooxml.pieces import BoxPiece
from formsvc.sentences import say

_SEPARATOR = f"{PICTURE_SCHEME}:footnote-separator"
_RULE = f"@page{{@footnote{{padding-top:4pt;background:url({_SEPARATOR}) no-repeat 0 1pt/144pt 0.5pt}}}}"
_DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 288 1"><rect width="288" height="1"/></svg>'
_KIND = "/footnotes"


def read_footnote(desk: Desk, identity: str) -> BoxPiece | None:
    """The note of a reference as a piece without width; its number is then ``desk.note``. None where it is not there."""
    part = _part(desk)
    note = _note(desk, part, identity)
    if note is None or desk.part != desk.package.document:
        return None
    desk.note += 1
    desk.part = part
    desk.journal.enter(say("脚注{n}", n=desk.note))
    content = desk.blocks(note, Frame(desk.page.text_width))
    desk.journal.leave()
    desk.part = desk.package.document
    if _RULE not in desk.sheet.rules:
        desk.sheet.rules.append(_RULE)
        desk.pictures[_SEPARATOR] = Picture(_DRAWN, "image/svg+xml")
    style = f"width:{pt(desk.page.text_width)};text-align:left;text-indent:0"
    return BoxPiece(node("div", *content, class_="foot", style=style), 0.0, 0.0)


def _part(desk: Desk) -> str:
    relations = desk.package.relations(desk.package.document).values()
    return next((r.target for r in relations if r.kind.endswith(_KIND) and not r.outside), "")


def _note(desk: Desk, part: str, identity: str) -> Element | None:
    root = desk.package.part(part) if part else None
    notes = find_all(root, "w:footnote")
    return next((n for n in notes if attribute(n, "id") == identity), None)
