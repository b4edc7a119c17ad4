"""Sections: pages with their margins and grid, headers and footers for odd, even and first pages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formsvc.documents.ooxml.desk import Desk, Frame, Page
from formsvc.documents.ooxml.markup import Node, node, pt
from formsvc.documents.ooxml.names import (
    Element,
    R,
    attribute,
    child,
    children,
    find_all,
    flag,
    number,
    points,
    value_at,
    whole,
)
from formsvc.sentences import say

_KINDS = {"headerReference": "header", "footerReference": "footer"}
_GRIDS = frozenset({"lines", "linesAndChars", "snapToChars"})


@dataclass(frozen=True)
class Section:
    """The blocks of a section and its properties."""

    blocks: list[Element]
    properties: Element | None


def split_sections(body: Element) -> list[Section]:
    """The body cut where sections end."""
    sections: list[Section] = []
    blocks: list[Element] = []
    for name, element in children(body):
        if name == "sectPr":
            sections.append(Section(blocks, element))
            blocks = []
            continue
        blocks.append(element)
        ending = child(element, "w:pPr/w:sectPr") if name == "p" else None
        if ending is not None:
            sections.append(Section(blocks, ending))
            blocks = []
    if blocks or not sections:
        sections.append(Section(blocks, sections[-1].properties if sections else None))
    return sections


def page_of(properties: Element | None) -> Page:
    """Page size, margins and grid of a section."""
    size, margins, grid = (child(properties, f"w:{n}") for n in ("pgSz", "pgMar", "docGrid"))
    kind = attribute(grid, "type")
    return Page(
        width=min(3200.0, max(36.0, points(attribute(size, "w"), 595.3))),
        height=min(3200.0, max(36.0, points(attribute(size, "h"), 841.9))),
        left=points(attribute(margins, "left"), 90.0) + points(attribute(margins, "gutter")),
        top=abs(points(attribute(margins, "top"), 72.0)),
        right=points(attribute(margins, "right"), 90.0),
        bottom=abs(points(attribute(margins, "bottom"), 72.0)),
        header=points(attribute(margins, "header"), 42.55),
        footer=points(attribute(margins, "footer"), 49.6),
        pitch=points(attribute(grid, "linePitch")) if kind in _GRIDS else 0.0,
        char_space=_char_space(grid) if kind in ("linesAndChars", "snapToChars") else 0.0,
        number_format=value_at(properties, "w:pgNumType", "fmt", "decimal"),
    )


def _with_centred_grid(page: Page) -> Page:
    """The page with what its text height holds beyond whole lines of the grid given to both margins."""
    if not page.pitch:
        return page
    spare = page.text_height % page.pitch
    return replace(page, top=page.top + spare / 2, bottom=page.bottom + spare / 2)


def _char_space(grid: Element | None) -> float:
    """What the grid adds to each character, in points; some programs write a negative one unsigned."""
    text = attribute(grid, "charSpace")
    wrapped = text.isascii() and text.isdigit() and len(text) <= 10 and int(text) >= 2**31
    return (int(text) - 2**32 if wrapped else number(text)) / 4096


class SectionWriter:
    """Writes sections one after another; headers and footers are inherited."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._inherited: dict[tuple[str, str], str] = {}
        self.running: list[Node] = []

    def write(self, section: Section, index: int, *, last: bool) -> Node:
        """One section as a block on pages of its own name."""
        desk = self._desk
        desk.page = page_of(section.properties)
        if desk.rules.grid_centred:
            desk.page = _with_centred_grid(desk.page)
        name = f"s{index}"
        self._page_rule(name, last=last)
        self._first_number(section, name)
        self._header_and_footer(section, index, name, last=last)
        _note_unplaced(desk, section)
        content = desk.blocks(section.blocks, Frame(desk.page.text_width))
        return node("div", *content, style=f"page:{name}")

    def _page_rule(self, name: str, *, last: bool) -> None:
        page = self._desk.page
        margins = " ".join(pt(m) for m in (page.top, page.right, page.bottom, page.left))
        for selector in (f"@page {name}", "@page") if last else (f"@page {name}",):
            self._desk.sheet.rules.append(
                f"{selector}{{size:{pt(page.width)} {pt(page.height)};margin:{margins}}}"
            )

    def _first_number(self, section: Section, name: str) -> None:
        start = value_at(section.properties, "w:pgNumType", "start")
        if start:
            self._desk.sheet.rules.append(f"@page :nth(1 of {name}){{counter-reset:page {whole(start)}}}")

    def _header_and_footer(self, section: Section, index: int, name: str, *, last: bool) -> None:
        first = flag(child(section.properties, "w:titlePg"))
        for kind, element in children(section.properties):
            if kind in _KINDS:
                self._inherited[(_KINDS[kind], attribute(element, "type", "default"))] = element.get(
                    R + "id", ""
                )
        for place in ("header", "footer"):
            wanted = (
                ["default"]
                + (["even"] if self._desk.settings.even_and_odd else [])
                + (["first"] if first else [])
            )
            for variant in wanted:
                made = self._running(place, variant, f"{place}-{index}-{variant}")
                self._margin_box(place, variant, name, made, last=last)

    def _running(self, place: str, variant: str, name: str) -> str:
        """A running element, or nothing where the section has none of this kind."""
        desk = self._desk
        relation = desk.package.relations(desk.package.document).get(
            self._inherited.get((place, variant), "")
        )
        root = desk.package.part(relation.target) if relation is not None and not relation.outside else None
        if relation is None or root is None:
            return ""
        desk.part = relation.target
        desk.journal.enter(say("页眉") if place == "header" else say("页脚"))
        content = desk.blocks(root, Frame(desk.page.text_width, on_grid=False, running=variant))
        desk.journal.leave()
        desk.part = desk.package.document
        self.running.append(node("div", *content, style=f"position:running({name})"))
        return name

    def _margin_box(self, place: str, variant: str, page: str, running: str, *, last: bool) -> None:
        selector = {"first": ":first", "even": ":left"}.get(
            variant, ":right" if self._desk.settings.even_and_odd else ""
        )
        edge, distance = (
            ("top", self._desk.page.header) if place == "header" else ("bottom", self._desk.page.footer)
        )
        content = f"element({running})" if running else "none"
        box = f"@{edge}-center{{content:{content};width:100%;vertical-align:{edge};padding-{edge}:{pt(distance)}}}"
        for name in (page, "") if last else (page,):
            self._desk.sheet.rules.append(f"@page {name}{selector}{{{box}}}")


def _note_unplaced(desk: Desk, section: Section) -> None:
    columns = whole(value_at(section.properties, "w:cols", "num"), 1)
    if columns > 1:
        desk.journal.note(say("分为 {columns} 栏的版面按一栏排出。", columns=columns))
    if find_all(section.properties, "w:lnNumType"):
        desk.journal.note(say("行号未排出。"))
    if value_at(section.properties, "w:textDirection") not in ("", "lrTb"):
        desk.journal.note(say("竖排版面按横排排出。"))
