"""Repair of a filled part, so that Word opens the file as it is.

Conditions and loops take rows and paragraphs away and write others again. Word calls a file damaged in which a cell ends
without a paragraph (ECMA-376 part 1, 17.4.65), a table has no row, or two bookmarks have one name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterator
from functools import partial

from lxml import etree

from formsvc.documents.templates.review_marks import remove_element
from formsvc.docxpdf.opc.xml import Element, W

_BLOCKS = frozenset(W + name for name in ("p", "tbl", "sdt"))
# they hold blocks, the last of which must be a paragraph
_CONTAINERS = tuple(W + name for name in ("tc", "txbxContent", "hdr", "ftr", "footnote", "endnote"))
# what may need repair wherever it stands
_REPAIRED = (
    "<w:txbxContent",
    "<w:hdr",
    "<w:ftr",
    "<w:footnote ",
    "<w:endnote ",
    "<w:bookmark",
    "<w:sdt",
    ":paraId",
)
# what an end may follow in a sound file
_SOUND_ENDS = {
    "</w:tc>": ("</w:p></w:tc>", "<w:p/></w:tc>"),
    "</w:tr>": ("</w:tc></w:tr>",),
    "</w:tbl>": ("</w:tr></w:tbl>",),
}
# between two tables they show nothing
_MARKS = frozenset(W + name for name in ("bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd"))
# what of a paragraph belongs to it alone and not to one like it
_OWN_PROPERTIES = tuple(
    W + name for name in ("numPr", "sectPr", "pageBreakBefore", "framePr", "keepNext", "pPrChange")
)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PARAGRAPH_IDS = tuple(
    f"{{http://schemas.microsoft.com/office/word/2010/wordml}}{name}" for name in ("paraId", "textId")
)


def may_need_repair(xml: str) -> bool:
    """Return False if a part is sound, by a look at its text.

    A tree of a table of 400 rows takes as long to build as the table to fill.
    """
    return (
        any(mark in xml for mark in _REPAIRED)
        or any(xml.count(end) != sum(map(xml.count, sound)) for end, sound in _SOUND_ENDS.items())
        or "</w:tbl><w:tbl>" in xml
    )


def repair_structure(root: Element, *, separate: bool) -> bool:
    """Make a part one that Word opens without repair. Return if it changed.

    ``separate``: put a paragraph between tables side by side.
    """
    changed = [_remove_empty_tables(root)]
    if separate:
        changed.append(_separate_tables(root))
    changed += [_end_with_paragraphs(root), _make_ids_unique(root)]
    return any(changed)


def has_joined_tables(root: Element) -> bool:
    """Return if two tables stand side by side, as their author wants."""
    return next(_joined_tables(root), None) is not None


def _remove_empty_tables(root: Element) -> bool:
    empty = [row for row in root.iter(f"{W}tr") if next(row.iter(f"{W}tc"), None) is None]
    for row in empty:
        remove_element(row)
    tables = [table for table in root.iter(f"{W}tbl") if next(table.iter(f"{W}tr"), None) is None]
    for table in tables:
        remove_element(table)
    return bool(empty or tables)


def _joined_tables(root: Element) -> Iterator[Element]:
    for table in root.iter(f"{W}tbl"):
        follower = next((e for e in table.itersiblings() if e.tag not in _MARKS), None)
        if follower is not None and follower.tag == f"{W}tbl":
            yield table


def _separate_tables(root: Element) -> bool:
    joined = list(_joined_tables(root))
    for table in joined:
        table.addnext(etree.Element(f"{W}p"))
    return bool(joined)


def _end_with_paragraphs(root: Element) -> bool:
    unended = [container for container in root.iter(*_CONTAINERS) if not _ends_with_paragraph(container)]
    for container in unended:
        container.append(_paragraph_like(container))
    return bool(unended)


def _ends_with_paragraph(container: Element) -> bool:
    last = next((e for e in container.iterchildren(reversed=True) if e.tag in _BLOCKS), None)
    if last is None or last.tag == f"{W}tbl":
        return False
    return last.tag == f"{W}p" or next(last.iter(f"{W}p"), None) is not None


def _paragraph_like(container: Element) -> Element:
    """Return an empty paragraph that is as high as those of its row."""
    made = etree.Element(f"{W}p")
    row = container.getparent()
    model = next(row.iter(f"{W}p"), None) if container.tag == f"{W}tc" and row is not None else None
    if model is None:
        return made
    properties = copy.deepcopy(model.find(f"{W}pPr"))
    if properties is None:
        properties = etree.Element(f"{W}pPr")
    for own in properties.findall("*"):
        if own.tag in _OWN_PROPERTIES:
            properties.remove(own)
    letters = model.find(f"{W}r/{W}rPr")
    if properties.find(f"{W}rPr") is None and letters is not None:
        properties.append(copy.deepcopy(letters))
    made.append(properties)
    return made


def _make_ids_unique(root: Element) -> bool:
    changes = [_make_bookmarks_unique(root), _drop_second_ids(root)]
    return any(changes)


def _make_bookmarks_unique(root: Element) -> bool:
    """Keep the first bookmark of each name, each with an id of its own."""
    starts = list(root.iter(f"{W}bookmarkStart"))
    names = [start.get(f"{W}name") for start in starts]
    ids = [start.get(f"{W}id") for start in starts]
    if len(set(names)) == len(names) and len(set(ids)) == len(ids):
        return False
    seen: set[str | None] = set()
    pending: dict[str | None, list[str | None]] = {}
    number = 0
    for mark in list(root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")):
        former = mark.get(f"{W}id")
        if mark.tag == f"{W}bookmarkEnd":
            given = pending[former].pop() if pending.get(former) else None
            if given is None:
                remove_element(mark)
            else:
                mark.set(f"{W}id", given)
            continue
        name = mark.get(f"{W}name")
        if name in seen:
            pending.setdefault(former, []).append(None)
            remove_element(mark)
        else:
            seen.add(name)
            pending.setdefault(former, []).append(str(number))
            mark.set(f"{W}id", str(number))
            number += 1
    return True


def _drop_second_ids(root: Element) -> bool:
    """Remove ids that a loop copied; Word gives such elements new ones."""
    controls = [(e, f"{W}val") for e in root.iter(f"{W}id") if _is_of_control(e)]
    changed = _drop_repeated(controls, remove_element)
    for name in _PARAGRAPH_IDS:
        paragraphs = [(e, name) for e in root.iter(f"{W}p", f"{W}tr") if e.get(name)]
        changed = _drop_repeated(paragraphs, partial(_drop_attribute, name)) or changed
    return changed


def _drop_attribute(name: str, element: Element) -> None:
    del element.attrib[name]


def _is_of_control(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == f"{W}sdtPr"


def _drop_repeated(found: list[tuple[Element, str]], drop: Callable[[Element], object]) -> bool:
    seen: set[str | None] = set()
    repeated = []
    for element, name in found:
        value = element.get(name)
        if value in seen:
            repeated.append(element)
        seen.add(value)
    for element in repeated:
        drop(element)
    return bool(repeated)


def split_lines(root: Element, kept_styles: Container[str]) -> bool:
    """Make each line of a long answer a paragraph. Return if there was one.

    Lines within one paragraph have no first-line indent of their own. They stay in it where a paragraph is numbered or
    centred, by itself or by its style (``kept_styles``).
    """
    broken = [t for t in root.iter(f"{W}t") if t.text and "\n" in t.text]
    changed = False
    for text in broken:
        run = text.getparent()
        paragraph = run.getparent() if run is not None else None
        if run is None or paragraph is None or run.tag != f"{W}r" or paragraph.tag != f"{W}p":
            continue
        if not _keeps_lines(paragraph, kept_styles):
            _split_at_lines(paragraph, run, text)
            changed = True
    return changed


def _keeps_lines(paragraph: Element, kept_styles: Container[str]) -> bool:
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        return False
    style, alignment = properties.find(f"{W}pStyle"), properties.find(f"{W}jc")
    return (
        properties.find(f"{W}numPr") is not None
        or properties.find(f"{W}framePr") is not None
        or (alignment is not None and alignment.get(f"{W}val") == "center")
        or (alignment is None and style is not None and style.get(f"{W}val") in kept_styles)
    )


def _split_at_lines(paragraph: Element, run: Element, text: Element) -> None:
    first, *lines = (text.text or "").split("\n")
    following = [*text.itersiblings()]
    rest = [*run.itersiblings()]
    text.text = first
    last = paragraph
    for line in lines:
        added = etree.Element(f"{W}p")
        properties = paragraph.find(f"{W}pPr")
        if properties is not None:
            added.append(_continued(properties))
        added_run = etree.SubElement(added, f"{W}r")
        letters = run.find(f"{W}rPr")
        if letters is not None:
            added_run.append(copy.deepcopy(letters))
        written = etree.SubElement(added_run, f"{W}t")
        written.text = line
        written.set(_SPACE, "preserve")
        last.addnext(added)
        last = added
    last_run = last.find(f"{W}r")
    assert last_run is not None
    for element in following:
        last_run.append(element)
    for element in rest:
        last.append(element)
    _move_section(paragraph, last)


def _continued(properties: Element) -> Element:
    continued = copy.deepcopy(properties)
    for name in ("pageBreakBefore", "sectPr"):
        for own in continued.findall(f"{W}{name}"):
            continued.remove(own)
    return continued


def _move_section(paragraph: Element, last: Element) -> None:
    """Move the end of a section to the last line of its paragraph."""
    section = paragraph.find(f"{W}pPr/{W}sectPr")
    if section is None:
        return
    properties = last.find(f"{W}pPr")
    assert properties is not None
    later = properties.find(f"{W}pPrChange")
    if later is not None:
        later.addprevious(section)
    else:
        properties.append(section)
