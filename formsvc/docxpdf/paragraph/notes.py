"""Footnotes on their page, endnotes after the document."""

from __future__ import annotations

from formsvc.docxpdf.characters.number_formats import format_number, is_supported
from formsvc.docxpdf.context import ContainingBlock, LayoutContext, NoteSequence
from formsvc.docxpdf.html_tree import IMAGE_SCHEME, EmbeddedImage, Node, node, pt
from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, value_at, whole
from formsvc.docxpdf.text.inline_items import BoxItem
from formsvc.i18n.messages import msg

_SEPARATOR = f"{IMAGE_SCHEME}:footnote-separator"
_RULE = f"@page{{@footnote{{padding-top:4pt;background:url({_SEPARATOR}) no-repeat 0 1pt/144pt 0.5pt}}}}"
_DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 288 1"><rect width="288" height="1"/></svg>'
_SEPARATOR_WIDTH = 144.0
_DEFAULT_FORMATS = {"footnote": "decimal", "endnote": "lowerRoman"}


def begin_note_section(ctx: LayoutContext, properties: Element | None) -> None:
    """Read the numbering of notes from a section, else from the document."""
    settings = ctx.package.related(ctx.package.document, "settings")
    for kind, default in _DEFAULT_FORMATS.items():
        notes = _notes(ctx, kind)
        note_properties = [child(properties, f"w:{kind}Pr"), child(settings, f"w:{kind}Pr")]
        notes.number_format = next((s for e in note_properties if (s := value_at(e, "w:numFmt"))), default)
        if not is_supported(notes.number_format):
            ctx.log.warn(msg("注释编号格式“{shape}”按阿拉伯数字排出。", shape=notes.number_format), once=True)
        restart = next((r for e in note_properties if (r := value_at(e, "w:numRestart"))), "continuous")
        if restart == "eachSect" or not notes.count:
            notes.count = next((whole(s) - 1 for e in note_properties if (s := value_at(e, "w:numStart"))), 0)
        if restart == "eachPage" and kind == "footnote" and _part(ctx, kind):
            ctx.log.warn(msg("脚注每页重新编号的要求未执行，全文连续编号。"), once=True)
        if (
            kind == "endnote"
            and any(value_at(e, "w:pos") == "sectEnd" for e in note_properties)
            and _part(ctx, kind)
        ):
            ctx.log.warn(msg("尾注排在全文末尾，没有排在各节末尾。"), once=True)


def read_footnote(ctx: LayoutContext, note_id: str, *, custom: bool) -> BoxItem | None:
    """Return a footnote as an item without width, None if it is missing.

    ``custom`` notes have a mark of the author's own and are not counted.
    """
    note = _note(ctx, "footnote", note_id)
    if note is None:
        return None
    mark = _count(ctx, "footnote", custom=custom)
    ctx.part = _part(ctx, "footnote")
    ctx.log.push(msg("脚注{n}", n=mark))
    content = ctx.block_layout.compose(ctx, note, ContainingBlock(ctx.page.text_width))
    ctx.log.pop()
    ctx.part = ctx.package.document
    if _RULE not in ctx.stylesheet.rules:
        ctx.stylesheet.rules.append(_RULE)
        ctx.pictures[_SEPARATOR] = EmbeddedImage(_DRAWN, "image/svg+xml")
    style = f"width:{pt(ctx.page.text_width)};text-align:left;text-indent:0"
    return BoxItem(node("div", *content.nodes, class_="foot", style=style), 0.0, 0.0)


def read_endnote(ctx: LayoutContext, note_id: str, *, custom: bool) -> bool:
    """Keep an endnote for the end of the document; return whether it exists."""
    note = _note(ctx, "endnote", note_id)
    if note is None:
        return False
    _notes(ctx, "endnote").pending.append((note, _count(ctx, "endnote", custom=custom)))
    return True


def note_mark(ctx: LayoutContext, kind: str) -> str:
    return _notes(ctx, kind).mark


def compose_endnotes(ctx: LayoutContext, container: ContainingBlock) -> list[Node]:
    """Return the endnotes collected so far, below a separator."""
    notes = _notes(ctx, "endnote")
    if not notes.pending:
        return []
    pending, notes.pending = notes.pending, []
    ctx.part = _part(ctx, "endnote")
    nodes: list[Node] = []
    separator = _note(ctx, "endnote", "", kind="separator", anywhere=True)
    if separator is not None:
        nodes += ctx.block_layout.compose_following(ctx, separator, container)
    for note, mark in pending:
        notes.mark = mark
        ctx.log.push(msg("尾注{n}", n=mark))
        nodes += ctx.block_layout.compose_following(ctx, note, container)
        ctx.log.pop()
    ctx.part = ctx.package.document
    return nodes


def separator_item() -> BoxItem:
    style = (
        f"display:inline-block;vertical-align:3pt;width:{pt(_SEPARATOR_WIDTH)};height:0.5pt;background:#000"
    )
    return BoxItem(node("span", style=style), _SEPARATOR_WIDTH, 0.5)


def _count(ctx: LayoutContext, kind: str, *, custom: bool) -> str:
    """Return the next mark, empty for a custom one."""
    notes = _notes(ctx, kind)
    if custom:
        notes.mark = ""
        return notes.mark
    notes.count += 1
    notes.mark = format_number(notes.count, notes.number_format or _DEFAULT_FORMATS[kind])
    return notes.mark


def _notes(ctx: LayoutContext, kind: str) -> NoteSequence:
    return ctx.notes.setdefault(kind, NoteSequence(kind))


def _part(ctx: LayoutContext, kind: str) -> str:
    relationships = ctx.package.relationships(ctx.package.document).values()
    return next((r.part_name for r in relationships if r.kind == f"{kind}s" and not r.external), "")


def _note(
    ctx: LayoutContext, name: str, note_id: str, *, kind: str = "", anywhere: bool = False
) -> Element | None:
    """Return a note by id or kind; None within notes, headers and footers."""
    part = _part(ctx, name)
    root = ctx.package.part(part) if part else None
    if ctx.part != ctx.package.document and not anywhere:
        return None
    for note in find_all(root, f"w:{name}"):
        if attribute(note, "type") == kind if kind else attribute(note, "id") == note_id:
            return note
    return None
