"""A paragraph: read, numbered, broken into lines, and written with its baseline where Word puts it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from formsvc.docxpdf.characters.classes import OFFICE_MARKS, word_marks
from formsvc.docxpdf.context import Desk, Frame
from formsvc.docxpdf.html_tree import Node, joined, node, pt
from formsvc.docxpdf.opc.xml import Element, W, attribute, child, whole
from formsvc.docxpdf.paragraph.anchored_objects import anchored_in, at_letters, beside_paragraph, on_page
from formsvc.docxpdf.paragraph.inline_reader import InlineReader
from formsvc.docxpdf.paragraph.line_spans import SpanWriter
from formsvc.docxpdf.paragraph.metrics import LineBox, Shape, line_box, shape_of, tab_stops
from formsvc.docxpdf.paragraph.ruby import with_rubies
from formsvc.docxpdf.paragraph.text_wrap import FORCED, follow, lines_in_flow
from formsvc.docxpdf.text.bidi import from_right_to_left, in_visual_order, runs_backwards
from formsvc.docxpdf.text.break_rules import Habits
from formsvc.docxpdf.text.clusters import CHAR, TAB, Atom, AtomCutter, Spacing
from formsvc.docxpdf.text.inline_items import AnchoredPiece, Piece, TabPiece, TextPiece
from formsvc.docxpdf.text.line_breaker import Line, Measure, TabStop
from formsvc.docxpdf.wordml.borders import has_border, paragraph_borders, same_borders
from formsvc.docxpdf.wordml.numbering import Label
from formsvc.docxpdf.wordml.properties import Properties, is_on
from formsvc.docxpdf.wordml.structure_roles import heading_role, tell_role
from formsvc.docxpdf.wordml.styles import RunFormat
from formsvc.i18n.messages import msg, quote_characters

_SEEN = 0.05
_CSS_ALIGN = frozenset({"center", "right"})


@dataclass(frozen=True)
class Neighbours:
    """The paragraphs directly above and below."""

    above: Element | None = None
    below: Element | None = None


@dataclass
class Paragraph:
    """A paragraph read and measured, before it is written."""

    properties: Properties
    style: str
    mark: RunFormat
    shape: Shape
    lines: list[Line]
    anchored: list[AnchoredPiece]
    char_space: float
    flows: bool = False
    """Follows other text of its section, so that only a full page brings it to the top of one."""
    lift: float = 0.0
    """From the first line up to where Word measures what is anchored to the paragraph: before its space before."""


def compose_paragraph(desk: Desk, frame: Frame, element: Element, beside: Neighbours) -> list[Node]:
    """The nodes of a ``w:p``."""
    paragraph = read_paragraph(desk, frame, element)
    paragraph.shape = _beside_its_like(desk, paragraph, beside)
    paragraph.flows = _flows(element)
    # where only line ends are asked for, nothing is written
    nodes = [] if desk.keeper else _written(desk, frame, paragraph, beside)
    breaks = is_on(paragraph.properties, "pageBreakBefore")
    follow(desk, paragraph.shape, paragraph.mark, paragraph.lines, breaks_before=breaks)
    return on_page(desk, frame, paragraph.anchored) + nodes


def read_paragraph(desk: Desk, frame: Frame, element: Element) -> Paragraph:
    """Format, number and break a ``w:p``."""
    own = child(element, "w:pPr")
    style = desk.styles.paragraph_style(own)
    label = _label(desk, own, style)
    properties = desk.styles.paragraph(own, label.paragraph if label else {}, frame.table_paragraph)
    mark = desk.styles.run(style, child(own, "w:rPr"), frame.table_run)
    pieces = InlineReader(desk, frame, style).read(element)
    leading = next((p.format for p in pieces if isinstance(p, TextPiece)), mark)
    if label:
        pieces = _numbered(desk, label, leading) + pieces
    shape = shape_of(desk, frame, properties, leading)
    spacing = _spacing(desk, frame, properties)
    pieces = with_rubies(desk, pieces, spacing)
    cutter = AtomCutter(desk.fonts, desk.rules, spacing)
    atoms = cutter.cut(pieces)
    _note_fonts(desk, cutter)
    text = "".join(a.text if a.kind == CHAR else " " for a in atoms)
    desk.written.append(text)
    shape = _aligned_by_frame(shape, frame)
    measure = _measure(desk, frame, properties, shape, atoms)
    found = anchored_in(pieces, lambda some: len(AtomCutter(desk.fonts, desk.rules, spacing).cut(some)))
    lift = max(0.0, shape.before - desk.flow.after)
    lines = lines_in_flow(desk, frame, shape, mark, atoms, measure, [piece for piece, _ in found])
    if desk.keeper:
        desk.keeper.note(element, atoms)
    heights = [line_box(desk, shape, line.atoms, mark).whole for line in lines] if found else []
    anchored = at_letters(found, atoms, lines, heights, shape.left) if found else []
    if is_on(properties, "bidi"):
        lines = [from_right_to_left(line) for line in lines]
    elif runs_backwards(text):
        lines = [in_visual_order(line) for line in lines]
    space = _char_space(desk, frame, properties)
    return Paragraph(properties, style, mark, shape, lines, anchored, space, lift=lift)


def _spacing(desk: Desk, frame: Frame, properties: Properties) -> Spacing:
    return Spacing(
        grid=_char_space(desk, frame, properties),
        letters=is_on(properties, "autoSpaceDE", default=True),
        digits=is_on(properties, "autoSpaceDN", default=True),
        compress=desk.settings.compress_marks and not desk.page.char_space,
    )


def _char_space(desk: Desk, frame: Frame, properties: Properties) -> float:
    return desk.page.char_space if frame.on_grid and is_on(properties, "snapToGrid", default=True) else 0.0


def _note_fonts(desk: Desk, cutter: AtomCutter) -> None:
    for name, family in cutter.unknown.items():
        desk.journal.note(msg("没有字体“{name}”，以 {family} 代替。", name=name, family=family), once=True)
    for char in dict.fromkeys(cutter.missing):
        desk.journal.note(
            msg("{character}没有字体能显示，以〓代替。", character=quote_characters([char])), once=True
        )
        desk.journal.missing[char] = None


def _label(desk: Desk, own: Element | None, style: str) -> Label | None:
    numbered = desk.styles.paragraph(own, {}, {}).get("numPr", {})
    if numbered.get("numId", "0") == "0":
        return None
    label = desk.numbering.label(numbered["numId"], whole(numbered.get("ilvl")))
    for shape in sorted(desk.numbering.unknown):
        desk.journal.note(msg("编号格式“{shape}”按阿拉伯数字排出。", shape=shape), once=True)
    return label


def _numbered(desk: Desk, label: Label, leading: RunFormat) -> list[Piece]:
    style = desk.styles.label(leading, label.run)
    pieces: list[Piece] = [TextPiece(label.text, style)] if label.text else []
    if label.suffix == "tab" and label.text:
        pieces.append(TabPiece(style))
    elif label.suffix == "space":
        pieces.append(TextPiece(" ", style))
    return pieces


def _aligned_by_frame(shape: Shape, frame: Frame) -> Shape:
    """A positioned frame as wide as its text (page numbers often stand in one) puts its lines where it stands itself."""
    if not frame.frame_align:
        return shape
    return replace(shape, align=frame.frame_align, left=0.0, right=0.0, first=0.0)


def _measure(desk: Desk, frame: Frame, properties: Properties, shape: Shape, atoms: list[Atom]) -> Measure:
    width = frame.width
    fits_cells = is_on(properties, "adjustRightInd", default=True)
    if desk.page.char_space and frame.on_grid and not frame.in_cell and fits_cells:
        cell = _default_size(desk) + desk.page.char_space
        width = math.floor(width / cell + 1e-3) * cell
    stops = tab_stops(properties)
    if shape.first < 0 and any(a.kind == TAB for a in atoms):
        stops = tuple(sorted((*stops, TabStop(shape.left, "left", "none")), key=lambda s: s.position))
    return Measure(
        width=max(1.0, width - shape.left - shape.right),
        first=shape.first,
        left=shape.left,
        align=shape.align,
        habits=_habits(desk, frame, properties),
        office=desk.rules.office_breaks,
        pulls_in=desk.rules.pulls_in and desk.settings.compress_marks and not desk.page.char_space,
        spread_step=desk.rules.spread_step,
        stretch_broken=desk.settings.stretch_broken_lines,
        between_margins=width,
        stops=stops,
        default_tab=desk.settings.default_tab,
    )


def _habits(desk: Desk, frame: Frame, properties: Properties) -> Habits:
    standard = OFFICE_MARKS if desk.rules.office_breaks else word_marks(desk.settings.language)
    return Habits(
        marks=desk.settings.marks(standard),
        hanging=is_on(properties, "overflowPunct", default=True)
        and (desk.rules.cell_hanging or not frame.in_cell),
        avoid=is_on(properties, "kinsoku", default=True),
        whole_words=is_on(properties, "wordWrap", default=True),
    )


def _default_size(desk: Desk) -> float:
    return desk.styles.run(desk.styles.default("paragraph"), None).nominal


def _beside_its_like(desk: Desk, paragraph: Paragraph, beside: Neighbours) -> Shape:
    """No space between paragraphs of one style where the style says so."""
    if not is_on(paragraph.properties, "contextualSpacing"):
        return paragraph.shape
    above, below = (
        desk.styles.paragraph_style(child(n, "w:pPr")) if n is not None else None
        for n in (beside.above, beside.below)
    )
    shape = paragraph.shape
    return replace(
        shape,
        before=0.0 if above == paragraph.style else shape.before,
        after=0.0 if below == paragraph.style else shape.after,
    )


def _flows(element: Element) -> bool:
    """Whether neither a section nor a page break stands before a paragraph."""
    before = element.getprevious()
    if before is None:
        return False
    breaks = any(attribute(b, "type") == "page" for b in before.iter(f"{W}br"))
    return not breaks and child(before, "w:pPr/w:sectPr") is None


def _written(desk: Desk, frame: Frame, paragraph: Paragraph, beside: Neighbours) -> list[Node]:
    """Blocks of lines of one height; a page break in the text begins a new block."""
    writer = SpanWriter(desk, paragraph.char_space)
    blocks: list[tuple[LineBox, list[Line]]] = []
    for place, line in enumerate(paragraph.lines):
        last = place == len(paragraph.lines) - 1
        box = line_box(desk, paragraph.shape, line.atoms, paragraph.mark, last=last)
        if blocks and _goes_on(blocks[-1], box, line):
            blocks[-1][1].append(line)
        else:
            blocks.append((box, [line]))
    desk.reach += paragraph.shape.before + paragraph.shape.after + sum(b.whole * len(x) for b, x in blocks)
    nodes = []
    for index, (box, lines) in enumerate(blocks):
        css = _block_css(desk, paragraph, box, first=index == 0, last=index == len(blocks) - 1)
        if box.below and index in (1, len(blocks) - 1) and is_on(paragraph.properties, "widowControl", True):
            css += ";break-before:avoid" if index else ""
        forced = blocks[index - 1][1][-1].forced if index else ""
        if forced in FORCED:
            css += f";break-before:{forced}"
        if lines[0].skip:
            css += f";padding-top:{pt(lines[0].skip)}"
        made = node("p", class_=desk.sheet.name(css))
        _fill(made, [writer.line(line) for line in lines], lines)
        nodes.append(made)
    tell_role(nodes, _heading(paragraph))
    anchors = beside_paragraph(paragraph.anchored, paragraph.lift)
    if has_border(paragraph.properties) or anchors:
        nodes = [_wrapped(desk, frame, paragraph, anchors + nodes, beside)]
    if paragraph.lines[-1].forced in FORCED:
        nodes.append(node("div", style=f"break-after:{paragraph.lines[-1].forced}"))
    return nodes


def _goes_on(block: tuple[LineBox, list[Line]], box: LineBox, line: Line) -> bool:
    """Whether a line stands in one block with those before it."""
    alike = block[0] == box and not box.below and not line.skip
    return alike and block[1][-1].forced not in FORCED


def _heading(paragraph: Paragraph) -> str:
    atoms = [atom for line in paragraph.lines for atom in line.atoms if atom.kind == CHAR]
    leading = atoms[0].format if atoms else paragraph.mark
    text = "".join(atom.text for atom in atoms)
    return heading_role(paragraph.properties, paragraph.shape.align, text, leading)


def _wrapped(desk: Desk, frame: Frame, paragraph: Paragraph, nodes: list[Node], beside: Neighbours) -> Node:
    """A box around the paragraph that carries its space before and after, its borders and what is anchored to it."""
    shape, properties = paragraph.shape, paragraph.properties
    edges = ""
    if has_border(properties):
        styles = [
            desk.styles.paragraph(child(n, "w:pPr"), {}, frame.table_paragraph) if n is not None else None
            for n in (beside.above, beside.below)
        ]
        edges = paragraph_borders(
            properties, *(s is not None and same_borders(s, properties) for s in styles)
        )
    css = (
        f"margin:{pt(shape.before)} 0 {pt(shape.after)}",
        edges,
        *_at_page_top(paragraph, first=False),
        "break-after:avoid" if is_on(properties, "keepNext") else "",
    )
    return node("div", *nodes, style=joined(css))


def _fill(made: Node, written: list[list[Node]], lines: list[Line]) -> None:
    for index, (nodes, line) in enumerate(zip(written, lines, strict=True)):
        if index:
            made.append(node("br"))
        if index and not nodes and index == len(lines) - 1:
            # A last line without content would take no room
            made.append(node("span", style="display:inline-block;width:0pt"))
        if abs(line.indent) > 0.01:
            made.append(node("span", style=f"margin-left:{pt(line.indent)}"))
        made.extend(nodes)
        if line.inset:
            made.append(node("span", style=f"margin-right:{pt(line.inset)}"))


def _block_css(desk: Desk, paragraph: Paragraph, box: LineBox, *, first: bool, last: bool) -> str:
    shape, properties = paragraph.shape, paragraph.properties
    metrics = desk.fonts.strut.metrics
    below_middle = box.baseline - box.height / 2
    strut = max(0.1, 2 * below_middle / (metrics.ascent - metrics.descent))
    wrapped = has_border(properties) or any(not p.on_page for p in paragraph.anchored)
    before = shape.before if first and not wrapped else 0.0
    after = (shape.after if last and not wrapped else 0.0) + box.below
    keeps_lines = is_on(properties, "keepLines") or (desk.rules.keeps_whole and is_on(properties, "keepNext"))
    widows = is_on(properties, "widowControl", default=True)
    return joined(
        (
            f"line-height:{pt(box.height)};min-height:{pt(box.height)};font-size:{pt(strut)}",
            f"margin:{pt(before)} {pt(shape.right)} {pt(after)} {pt(shape.left)}",
            f"text-align:{shape.align}" if shape.align in _CSS_ALIGN else "",
            f"position:relative;top:{pt(below_middle)}" if below_middle < -_SEEN else "",
            *_at_page_top(paragraph, first=first),
            "break-after:avoid"
            if (last and is_on(properties, "keepNext")) or (not last and keeps_lines)
            else "",
            "break-inside:avoid" if keeps_lines else "",
            "orphans:2;widows:2" if widows else "",
        )
    )


def _at_page_top(paragraph: Paragraph, *, first: bool) -> tuple[str, ...]:
    """A break before the paragraph; space before it is left out where a full page brings it to the next one."""
    if first and is_on(paragraph.properties, "pageBreakBefore"):
        return ("break-before:page",)
    return ("margin-break:discard",) if paragraph.flows and paragraph.shape.before else ()
