"""Paragraphs of the element tree as lines of glyphs with known positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from formsvc.docxpdf.fonts.typeface import Typeface
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.pdf.glyph_subsets import DocumentFont, FontSubsetter, Glyph, Shaper
from formsvc.docxpdf.pdf.run_style import (
    RunStyle,
    class_rules,
    parse_declarations,
    parse_length,
    parse_run_style,
)

_COUNTER_CHARACTERS = "0123456789- "


@dataclass(slots=True)
class PlacedRun:
    """Glyphs of one style.

    `x` counts from the line's start, `spacing` follows each glyph. `counter` is "page" or "pages" for a number that
    is known only when the page is made.
    """

    style: RunStyle
    font: DocumentFont
    glyphs: list[Glyph]
    x: float
    width: float
    spacing: float
    is_blank: bool
    counter: str = ""
    dashed: bool = False
    # its gap is filled, as that of the run after it is
    fills_gap: bool = False


@dataclass(slots=True)
class PlacedLine:
    """Line that is ready to draw."""

    runs: list[PlacedRun] = field(default_factory=list)
    width: float = 0.0
    text: str = ""
    is_empty: bool = True

    @property
    def has_counters(self) -> bool:
        return any(run.counter for run in self.runs)

    def with_counters(self, numbers: Mapping[str, int]) -> PlacedLine:
        """Return the line with the page numbers filled in."""
        numbered, shift = PlacedLine(is_empty=self.is_empty), 0.0
        for run in self.runs:
            copy = replace(run, x=run.x + shift)
            if run.counter:
                text = str(numbers.get(run.counter, 0))
                copy.glyphs = run.font.shaper.shape(f"- {text} -" if run.dashed else text) or []
                copy.width = _width(copy.style, copy.glyphs, copy.spacing)
                shift += copy.width - run.width
            numbered.runs.append(copy)
        numbered.width = self.width + shift
        numbered.text = "".join(glyph.text for run in numbered.runs for glyph in run.glyphs)
        return numbered


class LinePlacer:
    """Places the lines of plain paragraphs; WeasyPrint sets the others."""

    def __init__(
        self, style: str, faces: Mapping[str, Typeface], shapers: dict[str, Shaper], subsetter: FontSubsetter
    ) -> None:
        self._classes = class_rules(style)
        self._faces, self._shapers, self._subsetter = faces, shapers, subsetter
        self._styles: dict[str, RunStyle | None] = {}
        self.fonts: dict[str, DocumentFont] = {}
        self.skipped_paragraphs = 0
        self._is_running = False

    def place(self, root: Node) -> dict[Node, list[PlacedLine]]:
        """Return the lines of each paragraph placed, and empty those paragraphs."""
        placed: dict[Node, list[PlacedLine]] = {}
        running = {
            paragraph
            for block in root.iter("div")
            if block.get("style", "").startswith("position:running(")
            for paragraph in block.iter("p")
        }
        for paragraph in root.iter("p"):
            if len(paragraph):
                self._is_running = paragraph in running
                lines = self._place_paragraph(paragraph)
                if lines is None:
                    self.skipped_paragraphs += 1
                else:
                    placed[paragraph] = lines
                    paragraph[:] = []
        for lines in placed.values():
            for line in lines:
                for run in line.runs:
                    run.font.add(run.glyphs)
                    if run.counter:
                        # the subset is built before the page numbers are known, so it holds all digits
                        run.font.add(run.font.shaper.shape(_COUNTER_CHARACTERS) or [])
        return placed

    def _place_paragraph(self, paragraph: Node) -> list[PlacedLine] | None:
        if paragraph.text:
            return None
        lines = [PlacedLine()]
        for child in paragraph:
            if child.tail:
                return None
            if child.tag == "br":
                lines.append(PlacedLine())
            elif child.tag != "span" or not self._place_span(child, lines[-1]):
                return None
        # a trailing <br> opens no further line
        if lines[-1].is_empty:
            lines.pop()
        return lines

    def _place_span(self, span: Node, line: PlacedLine) -> bool:
        """Add a span to the line. Return False if it needs WeasyPrint."""
        attributes = span.attrib
        css = attributes.get("style", "")
        name = attributes.get("class", "")
        if len(attributes) > (1 if css else 0) + (1 if name else 0):
            return False
        own = parse_declarations(css) if css else {}
        if own is None:
            return False
        if not name:
            return self._place_gap(span, own, line)
        # two classes: a style and a counter
        if " " in name:
            return not own and not len(span) and not span.text and self._place_counter(line, name)
        style = self._style(name)
        if style is None or len(span) or not span.text:
            return False
        spacing = style.spacing
        if own:
            override = (
                parse_length(own["letter-spacing"]) if len(own) == 1 and "letter-spacing" in own else None
            )
            if override is None:
                return False
            spacing = override
        return self._place_run(line, style, span.text, spacing, line.width)

    def _place_gap(self, span: Node, own: dict[str, str], line: PlacedLine) -> bool:
        """Add an indent, or a tab with or without a leader."""
        if span.text:
            return False
        if len(own) == 1 and not own.keys().isdisjoint(("margin-left", "margin-right")) and not len(span):
            return self._advance(line, parse_length(*own.values()))
        if own.pop("display", "") != "inline-block":
            return False
        if not own and not len(span):
            return self._advance(line, 0.0)  # a line without content that still has a height
        width = parse_length(own.pop("width", ""))
        if width is None or width < 0:
            return False
        if not len(span):
            return not own and self._advance(line, width)
        if own != {"text-align": "right", "text-indent": "0"} or len(span) != 1 or span[0].tail:
            return False
        start = line.width
        inner = PlacedLine()
        if span[0].tag != "span" or not self._place_span(span[0], inner):
            return False
        for run in inner.runs:
            run.x += start + max(0.0, width - inner.width)
        line.runs += inner.runs
        line.text += inner.text
        return self._advance(line, width)

    @staticmethod
    def _advance(line: PlacedLine, width: float | None) -> bool:
        if width is None:
            return False
        line.width += width
        line.is_empty = False
        return True

    def _place_counter(self, line: PlacedLine, names: str) -> bool:
        """Add a page number in Arabic digits (headers and footers only)."""
        name, _, kind = names.partition(" ")
        counter, _, shape = kind.partition("-")
        if (
            not self._is_running
            or counter not in ("page", "pages")
            or shape not in ("decimal", "decimal-dashed")
        ):
            return False
        style = self._style(name)
        if style is None or not self._place_run(line, style, "1", style.spacing, line.width):
            return False
        font = line.runs[-1].font
        line.runs[-1].counter, line.runs[-1].dashed = counter, shape != "decimal"
        return font.shaper.shape(_COUNTER_CHARACTERS) is not None

    def _place_run(self, line: PlacedLine, style: RunStyle, text: str, spacing: float, x: float) -> bool:
        font = self._font(style.family)
        glyphs = font.shaper.shape(text, kerned=style.kerned) if font is not None else None
        if font is None or glyphs is None:
            return False
        width = _width(style, glyphs, spacing)
        line.runs.append(PlacedRun(style, font, glyphs, x, width, spacing, not text.strip()))
        line.text += text
        line.width += width
        line.is_empty = False
        return True

    def _style(self, name: str) -> RunStyle | None:
        if name not in self._styles:
            self._styles[name] = parse_run_style(self._classes.get(name, ""))
        return self._styles[name]

    def _font(self, family: str) -> DocumentFont | None:
        if family not in self.fonts:
            face = self._faces.get(family)
            if face is None:
                return None
            shaper = self._shapers.get(family)
            if shaper is None:
                shaper = self._shapers[family] = Shaper(face)
            self.fonts[family] = DocumentFont(shaper, self._subsetter)
        return self.fonts[family]


def _width(style: RunStyle, glyphs: list[Glyph], spacing: float) -> float:
    return sum(glyph.advance + glyph.kern for glyph in glyphs) * style.size + spacing * len(glyphs)
