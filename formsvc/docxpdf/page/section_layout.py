"""Sections written: pages with their margins, running heads and feet, borders, backgrounds and columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext, PageGeometry
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import R, attribute, child, children, find_all, flag, value_at, whole
from formsvc.docxpdf.page.page_borders import page_background, page_frame
from formsvc.docxpdf.page.section_properties import Columns, Section, columns_of, page_of, with_centred_grid
from formsvc.docxpdf.page.unequal_columns import divided, side_by_side
from formsvc.docxpdf.page_flow import ColumnFlow
from formsvc.docxpdf.paragraph.notes import begin_note_section, compose_endnotes
from formsvc.docxpdf.tables.floating import write_waiting
from formsvc.i18n.messages import msg

_KINDS = {"headerReference": "header", "footerReference": "footer"}
_EDGES = {"header": "top", "footer": "bottom"}
_SELECTORS = {"first": ":first", "even": ":left"}
_SIDES = {"oddPage": "right", "evenPage": "left"}


@dataclass
class _Running:
    """The headers and footers of one section: element names and heights by place and variant."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    heights: dict[tuple[str, str], float] = field(default_factory=dict)


class SectionWriter:
    """Writes sections one after another; headers and footers are inherited."""

    def __init__(self, ctx: LayoutContext) -> None:
        self._ctx = ctx
        self._inherited: dict[tuple[str, str], str] = {}
        self._name = ""
        self._base = PageGeometry()
        self.running: list[Node] = []

    def write(self, section: Section, index: int, following: Section | None) -> Node:
        """One section as a block: on pages of its own name, or going on with those of the section before."""
        ctx, page = self._ctx, page_of(section.properties)
        page = with_centred_grid(page) if ctx.profile.grid_centred else page
        goes_on = section.kind == "continuous" and self._fits(page)
        self._take_references(section, noted=goes_on)
        if goes_on:
            ctx.page = replace(
                page, top=self._base.top, bottom=self._base.bottom, margin_growth=self._base.margin_growth
            )
        else:
            self._begin_pages(section, index, page, last=following is None)
        _note_unplaced(ctx, section)
        begin_note_section(ctx, section.properties)
        columns = columns_of(section.properties, ctx.page.text_width)
        parts = [] if columns.equal or not columns.widths else divided(section.blocks)
        beside = 1 < len(parts) <= columns.count
        if not columns.equal and not beside:
            ctx.log.warn(msg("各栏宽度不等、又没有用分栏符分开的版面按等宽排出。"))
        ctx.columns = 1 if beside else columns.count
        balanced = following is not None and following.kind == "continuous"
        if beside:
            content = [side_by_side(ctx, columns, parts)]
        else:
            content = ctx.block_layout.compose_following(ctx, section.blocks, ContainingBlock(columns.width))
        if following is None:
            content += compose_endnotes(ctx, ContainingBlock(columns.width))
        content += write_waiting(ctx, ctx.flow.y, last=True)
        css = (
            f"page:{self._name}",
            "" if goes_on or section.kind not in _SIDES else f"break-before:{_SIDES[section.kind]}",
            self._indents() if goes_on else "",
            "" if beside else _column_css(columns, balanced=balanced),
        )
        if self._name in ctx.counted and (following is None or following.kind != "continuous"):
            content.append(node("div", id=f"end-{self._name}", style="height:0"))
        return node("div", *content, style=join_css(css))

    def _fits(self, page: PageGeometry) -> bool:
        """Whether a section can go on with the pages of the one before."""
        base = self._base
        return bool(self._name) and abs(page.width - base.width) < 1 and abs(page.height - base.height) < 1

    def _indents(self) -> str:
        page, base = self._ctx.page, self._base
        return f"margin-left:{pt(page.left - base.left)};margin-right:{pt(page.right - base.right)}"

    def _begin_pages(self, section: Section, index: int, page: PageGeometry, *, last: bool) -> None:
        ctx = self._ctx
        ctx.page, self._name = page, f"s{index}"
        ctx.section = self._name
        first = flag(child(section.properties, "w:titlePg"))
        running = self._compose_running(index, first=first)
        self._write_rules(section, running)
        ctx.page = _grown(page, running, "default")
        self._base = ctx.page
        ctx.flow = ColumnFlow(page_height=ctx.page.text_height)

    def _take_references(self, section: Section, *, noted: bool) -> None:
        before = dict(self._inherited)
        for kind, element in children(section.properties):
            if kind in _KINDS:
                key = (_KINDS[kind], attribute(element, "type", "default"))
                self._inherited[key] = element.get(R + "id", "")
        if noted and self._inherited != before:
            self._ctx.log.warn(msg("连续分节的页眉、页脚与前一节不同，同一页上沿用前一节的。"))

    def _variants(self, *, first: bool) -> list[str]:
        even = ["even"] if self._ctx.settings.even_and_odd else []
        return ["default", *even, *(["first"] if first else [])]

    def _compose_running(self, index: int, *, first: bool) -> _Running:
        made = _Running()
        for place in _EDGES:
            for variant in self._variants(first=first):
                name = f"{place}-{index}-{variant}"
                height = self._run(place, variant, name)
                if height is not None:
                    made.names[(place, variant)], made.heights[(place, variant)] = name, height
        return made

    def _run(self, place: str, variant: str, name: str) -> float | None:
        """Write a running element; its height, nothing where the section has none of this kind."""
        ctx = self._ctx
        relationships = ctx.package.relationships(ctx.package.document)
        relationship = relationships.get(self._inherited.get((place, variant), ""))
        if relationship is None or relationship.external:
            return None
        root = ctx.package.part(relationship.part_name)
        if root is None:
            return None
        ctx.part = relationship.part_name
        ctx.log.push(msg("页眉") if place == "header" else msg("页脚"))
        content = ctx.block_layout.compose(
            ctx,
            root,
            ContainingBlock(ctx.page.text_width, on_grid=False, running_variant=variant, running_kind=place),
        )
        ctx.log.pop()
        ctx.part = ctx.package.document
        self.running.append(node("div", *content.nodes, style=f"position:running({name})"))
        return content.height

    def _write_rules(self, section: Section, running: _Running) -> None:
        """Margins, running elements, frame and background of the section's pages."""
        ctx, name = self._ctx, self._name
        page = ctx.page
        first = flag(child(section.properties, "w:titlePg"))
        frame = page_frame(ctx, section.properties)
        background = page_background(ctx)
        if section.number_start:
            ctx.stylesheet.rules.append(
                f"@page :nth(1 of {name}){{counter-reset:page {whole(section.number_start)}}}"
            )
        if name in ctx.counted:
            ctx.stylesheet.rules.append(f"@page {name}{{counter-increment:count-{name}}}")
        for variant in self._variants(first=first):
            selector = _SELECTORS.get(variant, ":right" if ctx.settings.even_and_odd else "")
            grown = _grown(page, running, variant)
            margins = " ".join(pt(m) for m in (grown.top, grown.right, grown.bottom, grown.left))
            rule = f"size:{pt(page.width)} {pt(page.height)};margin:{margins};{background}"
            boxes = "".join(
                self._margin_box(place, running.names.get((place, variant), "")) for place in _EDGES
            )
            # the bare rule serves pages that hold nothing but a note and so lose their name
            for wanted in (f"@page {name}{selector}", f"@page {selector}"):
                ctx.stylesheet.rules.append(f"{wanted}{{{rule}{boxes}}}")
        self._write_frame(frame, first=first)

    def _margin_box(self, place: str, running: str) -> str:
        edge, page = _EDGES[place], self._ctx.page
        distance = page.header if place == "header" else page.footer
        content = f"element({running})" if running else "none"
        return f"@{edge}-center{{content:{content};width:100%;vertical-align:{edge};padding-{edge}:{pt(distance)}}}"

    def _write_frame(self, frame: tuple[str, str], *, first: bool) -> None:
        shown, css = frame
        if not css:
            return
        selector = {"firstPage": f"@page :nth(1 of {self._name})"}.get(shown, f"@page {self._name}")
        self._ctx.stylesheet.rules.append(f"{selector}{{{css}}}")
        if shown == "notFirstPage":
            self._ctx.stylesheet.rules.append(f"@page :nth(1 of {self._name}){{background-image:none}}")


def _grown(page: PageGeometry, running: _Running, variant: str) -> PageGeometry:
    """The page with margins that a high header or footer pushes into the text."""
    head, foot = (running.heights.get((place, variant), 0.0) for place in ("header", "footer"))
    top = page.top if page.fixed_top or not head else max(page.top, page.header + head)
    bottom = page.bottom if page.fixed_bottom or not foot else max(page.bottom, page.footer + foot)
    room = 0.9 * page.height - top - bottom
    growth = (top - page.top, bottom - page.bottom)
    return page if room < 0 else replace(page, top=top, bottom=bottom, margin_growth=growth)


def _column_css(columns: Columns, *, balanced: bool) -> str:
    if columns.count == 1:
        return ""
    rule = ";column-rule:0.5pt solid #000" if columns.ruled else ""
    fill = "balance" if balanced else "auto"
    return f"column-count:{columns.count};column-gap:{pt(columns.space)};column-fill:{fill}{rule}"


def _note_unplaced(ctx: LayoutContext, section: Section) -> None:
    if find_all(section.properties, "w:lnNumType"):
        ctx.log.warn(msg("行号未排出。"))
    if value_at(section.properties, "w:textDirection") not in ("", "lrTb"):
        ctx.log.warn(msg("竖排版面按横排排出。"))
