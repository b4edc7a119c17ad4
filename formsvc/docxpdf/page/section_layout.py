"""Layout of sections: page rules, headers and footers, columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from formsvc.docxpdf.context import ContainingBlock, LayoutContext, PageGeometry
from formsvc.docxpdf.html_tree import Node, join_css, node, pt
from formsvc.docxpdf.opc.xml import R, attribute, child, children, find_all, flag, value_at, whole
from formsvc.docxpdf.page.page_borders import page_background, page_border_css
from formsvc.docxpdf.page.section_properties import (
    Columns,
    DocumentSection,
    center_grid,
    page_geometry,
    read_columns,
)
from formsvc.docxpdf.page.unequal_columns import lay_out_columns, split_at_column_breaks
from formsvc.docxpdf.page_flow import ColumnFlow
from formsvc.docxpdf.paragraph.notes import begin_note_section, compose_endnotes
from formsvc.docxpdf.tables.floating import flush_pending
from formsvc.i18n.messages import msg

_KINDS = {"headerReference": "header", "footerReference": "footer"}
_EDGES = {"header": "top", "footer": "bottom"}
_SELECTORS = {"first": ":first", "even": ":left"}
_BREAKS = {"oddPage": "right", "evenPage": "left"}


@dataclass
class _RunningElements:
    """Headers and footers of a section, by place and variant.

    `names` are CSS names of running elements, `heights` are in points.
    """

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    heights: dict[tuple[str, str], float] = field(default_factory=dict)


class SectionWriter:
    """Writes the sections of a document in order."""

    def __init__(self, ctx: LayoutContext) -> None:
        self._ctx = ctx
        self._inherited: dict[tuple[str, str], str] = {}
        self._name = ""
        self._base = PageGeometry()
        self.running: list[Node] = []

    def write(self, section: DocumentSection, index: int, following: DocumentSection | None) -> Node:
        """Return a section as a block, on new pages or the current ones."""
        ctx, page = self._ctx, page_geometry(section.properties)
        page = center_grid(page) if ctx.profile.grid_centred else page
        is_continuous = section.kind == "continuous" and self._fits_current_pages(page)
        self._take_references(section, warns=is_continuous)
        if is_continuous:
            base = self._base
            ctx.page = replace(page, top=base.top, bottom=base.bottom, margin_growth=base.margin_growth)
        else:
            self._start_pages(section, index, page, last=following is None)
        _warn_unplaced(ctx, section)
        begin_note_section(ctx, section.properties)
        columns = read_columns(section.properties, ctx.page.text_width)
        parts = [] if columns.equal or not columns.widths else split_at_column_breaks(section.blocks)
        is_side_by_side = 1 < len(parts) <= columns.count
        if not columns.equal and not is_side_by_side:
            ctx.log.warn(msg("各栏宽度不等、又没有用分栏符分开的版面按等宽排出。"))
        ctx.columns = 1 if is_side_by_side else columns.count
        continues = following is not None and following.kind == "continuous"
        container = ContainingBlock(columns.width)
        if is_side_by_side:
            content = [lay_out_columns(ctx, columns, parts)]
        else:
            content = ctx.block_layout.compose_following(ctx, section.blocks, container)
        if following is None:
            content += compose_endnotes(ctx, container)
        content += flush_pending(ctx, ctx.flow.y, last=True)
        css = (
            f"page:{self._name}",
            "" if is_continuous or section.kind not in _BREAKS else f"break-before:{_BREAKS[section.kind]}",
            self._margin_css() if is_continuous else "",
            "" if is_side_by_side else _column_css(columns, balanced=continues),
        )
        # the end of a section whose pages are counted, for cross references to their number
        if self._name in ctx.counted and not continues:
            content.append(node("div", id=f"end-{self._name}", style="height:0"))
        return node("div", *content, style=join_css(css))

    def _fits_current_pages(self, page: PageGeometry) -> bool:
        """Return whether the section can continue the current pages."""
        base = self._base
        return bool(self._name) and abs(page.width - base.width) < 1 and abs(page.height - base.height) < 1

    def _margin_css(self) -> str:
        page, base = self._ctx.page, self._base
        return f"margin-left:{pt(page.left - base.left)};margin-right:{pt(page.right - base.right)}"

    def _start_pages(self, section: DocumentSection, index: int, page: PageGeometry, *, last: bool) -> None:
        ctx = self._ctx
        ctx.page, self._name = page, f"s{index}"
        ctx.section = self._name
        first = flag(child(section.properties, "w:titlePg"))
        running = self._compose_running(index, first=first)
        self._write_page_rules(section, running)
        ctx.page = _with_running_heights(page, running, "default")
        self._base = ctx.page
        ctx.flow = ColumnFlow(page_height=ctx.page.text_height)

    def _take_references(self, section: DocumentSection, *, warns: bool) -> None:
        before = dict(self._inherited)
        for kind, element in children(section.properties):
            if kind in _KINDS:
                key = (_KINDS[kind], attribute(element, "type", "default"))
                # a section without a reference of a kind shows the one before it (ECMA-376 part 1, 17.10.5)
                self._inherited[key] = element.get(R + "id", "")
        if warns and self._inherited != before:
            self._ctx.log.warn(msg("连续分节的页眉、页脚与前一节不同，同一页上沿用前一节的。"))

    def _variants(self, *, first: bool) -> list[str]:
        even = ["even"] if self._ctx.settings.even_and_odd else []
        return ["default", *even, *(["first"] if first else [])]

    def _compose_running(self, index: int, *, first: bool) -> _RunningElements:
        elements = _RunningElements()
        for place in _EDGES:
            for variant in self._variants(first=first):
                name = f"{place}-{index}-{variant}"
                height = self._run(place, variant, name)
                if height is not None:
                    elements.names[(place, variant)], elements.heights[(place, variant)] = name, height
        return elements

    def _run(self, place: str, variant: str, name: str) -> float | None:
        """Lay out a header or footer; return its height, or None without one."""
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

    def _write_page_rules(self, section: DocumentSection, running: _RunningElements) -> None:
        """Write the @page rules: size, margins, running elements, background."""
        ctx, name = self._ctx, self._name
        page = ctx.page
        first = flag(child(section.properties, "w:titlePg"))
        frame = page_border_css(ctx, section.properties)
        background = page_background(ctx)
        if section.number_start:
            ctx.stylesheet.rules.append(
                f"@page :nth(1 of {name}){{counter-reset:page {whole(section.number_start)}}}"
            )
        if name in ctx.counted:
            ctx.stylesheet.rules.append(f"@page {name}{{counter-increment:count-{name}}}")
        for variant in self._variants(first=first):
            selector = _SELECTORS.get(variant, ":right" if ctx.settings.even_and_odd else "")
            grown = _with_running_heights(page, running, variant)
            margins = " ".join(pt(m) for m in (grown.top, grown.right, grown.bottom, grown.left))
            rule = f"size:{pt(page.width)} {pt(page.height)};margin:{margins};{background}"
            boxes = "".join(
                self._margin_box(place, running.names.get((place, variant), "")) for place in _EDGES
            )
            # the bare rule serves pages that hold nothing but a note and so lose their name
            for page_selector in (f"@page {name}{selector}", f"@page {selector}"):
                ctx.stylesheet.rules.append(f"{page_selector}{{{rule}{boxes}}}")
        self._write_border_rules(frame, first=first)

    def _margin_box(self, place: str, running: str) -> str:
        edge, page = _EDGES[place], self._ctx.page
        distance = page.header if place == "header" else page.footer
        content = f"element({running})" if running else "none"
        return f"@{edge}-center{{content:{content};width:100%;vertical-align:{edge};padding-{edge}:{pt(distance)}}}"

    def _write_border_rules(self, frame: tuple[str, str], *, first: bool) -> None:
        display, css = frame
        if not css:
            return
        selector = {"firstPage": f"@page :nth(1 of {self._name})"}.get(display, f"@page {self._name}")
        self._ctx.stylesheet.rules.append(f"{selector}{{{css}}}")
        if display == "notFirstPage":
            self._ctx.stylesheet.rules.append(f"@page :nth(1 of {self._name}){{background-image:none}}")


def _with_running_heights(page: PageGeometry, running: _RunningElements, variant: str) -> PageGeometry:
    """Return the page with margins grown by a high header or footer."""
    header_height, footer_height = (
        running.heights.get((place, variant), 0.0) for place in ("header", "footer")
    )
    top = page.top if page.fixed_top or not header_height else max(page.top, page.header + header_height)
    bottom = (
        page.bottom
        if page.fixed_bottom or not footer_height
        else max(page.bottom, page.footer + footer_height)
    )
    text_height = 0.9 * page.height - top - bottom
    pushed = (top - page.top, bottom - page.bottom)
    # a header that would leave no text is ignored
    return page if text_height < 0 else replace(page, top=top, bottom=bottom, margin_growth=pushed)


def _column_css(columns: Columns, *, balanced: bool) -> str:
    if columns.count == 1:
        return ""
    rule = ";column-rule:0.5pt solid #000" if columns.has_separator else ""
    fill = "balance" if balanced else "auto"
    return f"column-count:{columns.count};column-gap:{pt(columns.space)};column-fill:{fill}{rule}"


def _warn_unplaced(ctx: LayoutContext, section: DocumentSection) -> None:
    if find_all(section.properties, "w:lnNumType"):
        ctx.log.warn(msg("行号未排出。"))
    if value_at(section.properties, "w:textDirection") not in ("", "lrTb"):
        ctx.log.warn(msg("竖排版面按横排排出。"))
