"""Footnotes at the foot of the page that holds their number, endnotes behind the document."""

from __future__ import annotations

from formsvc.docxpdf.characters.number_formats import is_known, written
from formsvc.docxpdf.context import Desk, Frame, Notes
from formsvc.docxpdf.html_tree import PICTURE_SCHEME, Node, Picture, node, pt
from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, value_at, whole
from formsvc.docxpdf.text.inline_items import BoxPiece
from formsvc.i18n.messages import msg

_SEPARATOR = f"{PICTURE_SCHEME}:footnote-separator"
_RULE = f"@page{{@footnote{{padding-top:4pt;background:url({_SEPARATOR}) no-repeat 0 1pt/144pt 0.5pt}}}}"
_DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 288 1"><rect width="288" height="1"/></svg>'
_SEPARATOR_WIDTH = 144.0
_USUAL = {"footnote": "decimal", "endnote": "lowerRoman"}


def begin_section(desk: Desk, properties: Element | None) -> None:
    """How the notes of a section are counted: its own word, or the document's."""
    settings = desk.package.related(desk.package.document, "settings")
    for kind, usual in _USUAL.items():
        notes = _notes(desk, kind)
        said = [child(properties, f"w:{kind}Pr"), child(settings, f"w:{kind}Pr")]
        notes.shape = next((s for e in said if (s := value_at(e, "w:numFmt"))), usual)
        if not is_known(notes.shape):
            desk.journal.note(msg("注释编号格式“{shape}”按阿拉伯数字排出。", shape=notes.shape), once=True)
        restart = next((r for e in said if (r := value_at(e, "w:numRestart"))), "continuous")
        if restart == "eachSect" or not notes.count:
            notes.count = next((whole(s) - 1 for e in said if (s := value_at(e, "w:numStart"))), 0)
        if restart == "eachPage" and kind == "footnote" and _part(desk, kind):
            desk.journal.note(msg("脚注每页重新编号的要求未执行，全文连续编号。"), once=True)
        if kind == "endnote" and any(value_at(e, "w:pos") == "sectEnd" for e in said) and _part(desk, kind):
            desk.journal.note(msg("尾注排在全文末尾，没有排在各节末尾。"), once=True)


def read_footnote(desk: Desk, identity: str, *, custom: bool) -> BoxPiece | None:
    """The note of a reference as a piece without width; its mark is then ``mark_of``. None where it is not there."""
    note = _note(desk, "footnote", identity)
    if note is None:
        return None
    mark = _count(desk, "footnote", custom=custom)
    desk.part = _part(desk, "footnote")
    desk.journal.enter(msg("脚注{n}", n=mark))
    content = desk.blocks(note, Frame(desk.page.text_width))
    desk.journal.leave()
    desk.part = desk.package.document
    if _RULE not in desk.sheet.rules:
        desk.sheet.rules.append(_RULE)
        desk.pictures[_SEPARATOR] = Picture(_DRAWN, "image/svg+xml")
    style = f"width:{pt(desk.page.text_width)};text-align:left;text-indent:0"
    return BoxPiece(node("div", *content, class_="foot", style=style), 0.0, 0.0)


def read_endnote(desk: Desk, identity: str, *, custom: bool) -> bool:
    """Put an endnote with those that wait for the end of the document. Whether it is there."""
    note = _note(desk, "endnote", identity)
    if note is None:
        return False
    _notes(desk, "endnote").waiting.append((note, _count(desk, "endnote", custom=custom)))
    return True


def mark_of(desk: Desk, kind: str) -> str:
    """The mark of the footnote or endnote read last."""
    return _notes(desk, kind).mark


def write_endnotes(desk: Desk, frame: Frame) -> list[Node]:
    """The endnotes that wait, below a rule."""
    notes = _notes(desk, "endnote")
    if not notes.waiting:
        return []
    waiting, notes.waiting = notes.waiting, []
    desk.part = _part(desk, "endnote")
    nodes: list[Node] = []
    separator = _note(desk, "endnote", "", kind="separator", anywhere=True)
    if separator is not None:
        nodes += desk.following(separator, frame)
    for note, mark in waiting:
        notes.mark = mark
        desk.journal.enter(msg("尾注{n}", n=mark))
        nodes += desk.following(note, frame)
        desk.journal.leave()
    desk.part = desk.package.document
    return nodes


def separator_piece() -> BoxPiece:
    """The short rule above notes."""
    style = (
        f"display:inline-block;vertical-align:3pt;width:{pt(_SEPARATOR_WIDTH)};height:0.5pt;background:#000"
    )
    return BoxPiece(node("span", style=style), _SEPARATOR_WIDTH, 0.5)


def _count(desk: Desk, kind: str, *, custom: bool) -> str:
    """The next mark; a note with a mark of the author's own is not counted."""
    notes = _notes(desk, kind)
    if custom:
        notes.mark = ""
        return notes.mark
    notes.count += 1
    notes.mark = written(notes.count, notes.shape or _USUAL[kind])
    return notes.mark


def _notes(desk: Desk, kind: str) -> Notes:
    return desk.notes.setdefault(kind, Notes(kind))


def _part(desk: Desk, kind: str) -> str:
    relations = desk.package.relations(desk.package.document).values()
    return next((r.target for r in relations if r.kind.endswith(f"/{kind}s") and not r.outside), "")


def _note(desk: Desk, name: str, identity: str, *, kind: str = "", anywhere: bool = False) -> Element | None:
    """A note by its id or by its kind; notes within notes, headers and footers are none."""
    part = _part(desk, name)
    root = desk.package.part(part) if part else None
    if desk.part != desk.package.document and not anywhere:
        return None
    for note in find_all(root, f"w:{name}"):
        if attribute(note, "type") == kind if kind else attribute(note, "id") == identity:
            return note
    return None
