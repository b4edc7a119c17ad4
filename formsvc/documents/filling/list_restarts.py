"""Numbered lists that begin again in each round of a loop.

A list in Word counts on through the whole document. Where a loop writes a heading and its numbered items again and again,
each round gets a list of its own: a w:num with a start override (ECMA-376 part 1, 17.9.15 and 17.9.26).
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.documents.templates.review_marks import remove_element
from formsvc.documents.templates.tags import TAG_MARK, paragraph_text, scan_tags
from formsvc.docxpdf.opc.xml import Element, W

_INSTRUCTION = "formsvc-list"
_INSTRUCTION_START = f"<?{_INSTRUCTION} "
_OPENING = re.compile(r"\{%-?\s*(p|tr)\s+for\b")
_ENDING = re.compile(r"\{%-?\s*(?:p|tr)\s+endfor\b")


@dataclass(frozen=True)
class ListItem:
    """A paragraph with an automatic number."""

    paragraph: Element
    number: str
    level: str


@dataclass(frozen=True)
class _ParagraphStyle:
    number: str = ""
    level: str = "0"
    alignment: str = ""


class TemplateLists:
    """Automatic numbers of a template's paragraphs."""

    def __init__(self, word: WordFile) -> None:
        self._word = word
        self.part = self._related("numbering")
        self._styles = self._paragraph_styles()

    @property
    def one_paragraph_styles(self) -> frozenset[str]:
        """Styles whose paragraphs are numbered or centred."""
        return frozenset(
            name for name, style in self._styles.items() if style.number or style.alignment == "center"
        )

    def mark_restarts(self, root: Element) -> bool:
        """Put an instruction where a list begins again. Return if there is one."""
        if self.part not in self._word.parts:
            return False
        items = {item.paragraph: item.number for item in self._items(root)}
        everywhere = Counter(items.values())
        loops = list(_loops(root)) if items else []
        marked = False
        for loop in loops:
            inner = {p for other in loops if other.first in loop.paragraphs for p in other.paragraphs}
            again = [
                number
                for number, own in loop.numbered(items)
                if len(own) == everywhere[number] and loop.restarts(own, inner)
            ]
            if again:
                loop.opening.addnext(etree.ProcessingInstruction(_INSTRUCTION, " ".join(again)))
                marked = True
        return marked

    def number_of(self, paragraph: Element) -> ListItem | None:
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return None
        style = self._styles.get(_value(properties, "pStyle"), _ParagraphStyle())
        number = _value(properties, "numPr/numId") or style.number
        level = _value(properties, "numPr/ilvl") or style.level
        return ListItem(paragraph, number, level) if number not in ("", "0") else None

    def _items(self, root: Element) -> Iterator[ListItem]:
        for paragraph in root.iter(f"{W}p"):
            if (item := self.number_of(paragraph)) is not None:
                yield item

    def _related(self, kind: str) -> str:
        related = self._word.relationships_of(self._word.main)
        return next((r.part_name for r in related if r.kind == kind and not r.external), "")

    def _paragraph_styles(self) -> dict[str, _ParagraphStyle]:
        part = self._related("styles")
        if part not in self._word.parts:
            return {}
        root = parse_part(self._word.parts[part])
        styles = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
        return {
            name: _ParagraphStyle(
                _inherited(name, styles, "pPr/numPr/numId"),
                _inherited(name, styles, "pPr/numPr/ilvl") or "0",
                _inherited(name, styles, "pPr/jc"),
            )
            for name in styles
        }


class ListInstances:
    """Lists that a document needs besides those of its template."""

    def __init__(self, lists: TemplateLists, word: WordFile) -> None:
        self.lists, self._word = lists, word
        self._numbering: Element | None = None
        self._used: set[str] = set()

    def restart_lists(self, root: Element) -> None:
        """Give each round of a marked loop a list of its own."""
        current: dict[str, str] = {}
        pending: set[str] = set()
        for element in list(root.iter(etree.PI, f"{W}p")):
            if element.tag == f"{W}p":
                item = self.lists.number_of(element)
                if item is None:
                    continue
                if item.number in pending:
                    pending.discard(item.number)
                    if item.number in self._used:
                        current[item.number] = self._add_instance(item.number)
                self._used.add(item.number)
                if item.number in current:
                    _set_number(element, current[item.number], item.level)
            elif getattr(element, "target", "") == _INSTRUCTION:
                pending.update((element.text or "").split())
                remove_element(element)

    def changed_parts(self) -> Mapping[str, bytes]:
        if self._numbering is None:
            return {}
        content = etree.tostring(self._numbering, xml_declaration=True, encoding="UTF-8", standalone=True)
        return {self.lists.part: content}

    def _add_instance(self, number: str) -> str:
        if self._numbering is None:
            self._numbering = parse_part(self._word.parts[self.lists.part])
        instances = list(self._numbering.iter(f"{W}num"))
        former = next((n for n in instances if n.get(f"{W}numId") == number), None)
        if former is None:
            return number
        added = copy.deepcopy(former)
        identity = str(1 + max(int(n.get(f"{W}numId") or 0) for n in instances))
        added.set(f"{W}numId", identity)
        _override_starts(added, self._starts(_value(former, "abstractNumId")))
        instances[-1].addnext(added)
        return identity

    def _starts(self, abstract: str) -> dict[str, str]:
        """Return the first number of each level of a list."""
        assert self._numbering is not None
        for element in self._numbering.iter(f"{W}abstractNum"):
            if element.get(f"{W}abstractNumId") == abstract:
                return {
                    level.get(f"{W}ilvl", "0"): _value(level, "start") or "0"
                    for level in element.iter(f"{W}lvl")
                }
        return {}


def has_restarts(xml: str) -> bool:
    return _INSTRUCTION_START in xml


@dataclass(frozen=True)
class _Loop:
    """A loop over paragraphs or rows: its first tag, and what it repeats."""

    opening: Element
    paragraphs: list[Element]

    @property
    def first(self) -> Element:
        return self.opening if self.opening.tag == f"{W}p" else next(self.opening.iter(f"{W}p"))

    def numbered(self, items: Mapping[Element, str]) -> Iterator[tuple[str, list[Element]]]:
        """Yield each list with its paragraphs in one round."""
        for number in dict.fromkeys(items[p] for p in self.paragraphs if p in items):
            yield number, [p for p in self.paragraphs if items.get(p) == number]

    def restarts(self, own: list[Element], inner: Container[Element]) -> bool:
        """Return if a list numbers the items of one round, not the rounds."""
        several = any(p in inner for p in own) or Counter(p.getparent() for p in own).most_common(1)[0][1] > 1
        if self.opening.tag == f"{W}tr":
            return several
        written = (p for p in self.paragraphs if not _controls(p))
        return several and next(written, None) is not own[0]


def _loops(root: Element) -> Iterator[_Loop]:
    for block in root.iter(f"{W}p", f"{W}tr"):
        found = _OPENING.search(_tag_text(block))
        if found is not None and block.tag == W + found.group(1):
            yield _Loop(block, [p for one in _body(block) for p in one.iter(f"{W}p")])


def _controls(paragraph: Element) -> bool:
    """Return if nothing but control tags stands in a paragraph."""
    scan = scan_tags(paragraph_text(paragraph))
    return not scan.plain.replace(TAG_MARK, "").strip() and not any(t.startswith("{{") for t in scan.tags)


def _tag_text(block: Element) -> str:
    paragraphs = [block] if block.tag == f"{W}p" else block.iter(f"{W}p")
    return "".join(map(paragraph_text, paragraphs))


def _body(opening: Element) -> Iterator[Element]:
    depth = 1
    for block in opening.itersiblings():
        if block.tag == opening.tag:
            text = _tag_text(block)
            depth += len(_OPENING.findall(text)) - len(_ENDING.findall(text))
            if depth <= 0:
                return
        yield block


def _inherited(name: str, styles: Mapping[str, Element], path: str) -> str:
    """Return a value of a style or of those it is based on; empty if none."""
    seen: set[str] = set()
    while name in styles and name not in seen:
        if value := _value(styles[name], path):
            return value
        seen.add(name)
        name = _value(styles[name], "basedOn")
    return ""


def _value(element: Element, path: str) -> str:
    found = element.find("/".join(W + name for name in path.split("/")))
    return (found.get(f"{W}val") or "") if found is not None else ""


def _set_number(paragraph: Element, number: str, level: str) -> None:
    properties = paragraph.find(f"{W}pPr")
    assert properties is not None
    own = properties.find(f"{W}numPr")
    if own is None:
        own = etree.Element(f"{W}numPr")
        before = [
            W + name
            for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl")
        ]
        place = sum(1 for e in properties if e.tag in before)
        properties.insert(place, own)
    for name in list(own):
        own.remove(name)
    etree.SubElement(own, f"{W}ilvl").set(f"{W}val", level)
    etree.SubElement(own, f"{W}numId").set(f"{W}val", number)


def _override_starts(instance: Element, starts: Mapping[str, str]) -> None:
    overrides = {o.get(f"{W}ilvl", "0"): o for o in instance.iter(f"{W}lvlOverride")}
    for level, start in starts.items():
        override = overrides.get(level)
        if override is None:
            override = etree.SubElement(instance, f"{W}lvlOverride")
            override.set(f"{W}ilvl", level)
        if override.find(f"{W}startOverride") is None:
            first = etree.Element(f"{W}startOverride")
            first.set(f"{W}val", start)
            override.insert(0, first)
