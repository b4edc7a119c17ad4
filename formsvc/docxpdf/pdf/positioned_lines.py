"""Paragraphs of the element tree read as lines of runs with known widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from formsvc.docxpdf.fonts.typeface import Typeface
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.pdf.glyph_subsets import FontSubsetter, DocumentFont, Glyph, Shaper
from formsvc.docxpdf.pdf.run_style import RunStyle, class_rules, parse_declarations, parse_run_style, parse_length

_COUNTER_CHARACTERS = "0123456789- "


@dataclass(slots=True)
class PlacedRun:
    """Glyphs in one ink. ``x`` is counted from the line's start; ``spacing`` stands behind each glyph."""

    style: RunStyle
    font: DocumentFont
    glyphs: list[Glyph]
    x: float
    width: float
    spacing: float
    is_blank: bool
    counter: str = ""
    """``page`` or ``pages``: the glyphs are those of a number known only when the page is made."""
    dashed: bool = False


@dataclass(slots=True)
class PlacedLine:
    """A line ready to draw."""

    runs: list[PlacedRun] = field(default_factory=list)
    width: float = 0.0
    text: str = ""
    is_empty: bool = True
    """Nothing at all stands on it."""

    @property
    def has_counters(self) -> bool:
        """Whether a number is to be put in."""
        return any(run.counter for run in self.runs)

    def with_counters(self, numbers: Mapping[str, int]) -> PlacedLine:
        """The line with the numbers of a page."""
        made, moved = PlacedLine(is_empty=self.is_empty), 0.0
        for run in self.runs:
            fresh = replace(run, x=run.x + moved)
            if run.counter:
                text = str(numbers.get(run.counter, 0))
                fresh.glyphs = run.font.shaper.shape(f"- {text} -" if run.dashed else text) or []
                fresh.width = _width(fresh.style, fresh.glyphs, fresh.spacing)
                moved += fresh.width - run.width
            made.runs.append(fresh)
        made.width = self.width + moved
        made.text = "".join(glyph.text for run in made.runs for glyph in run.glyphs)
        return made


class LinePlacer:
    """Sets the paragraphs of one document that it understands; the others stay as they are."""

    def __init__(
        self, style: str, faces: Mapping[str, Typeface], finders: dict[str, Shaper], cuts: FontSubsetter
    ) -> None:
        self._classes = class_rules(style)
        self._faces, self._shapers, self._subsetter = faces, finders, cuts
        self._styles: dict[str, RunStyle | None] = {}
        self.fonts: dict[str, DocumentFont] = {}
        self.skipped_paragraphs = 0
        """Paragraphs left to the page engine."""
        self._is_running = False

    def place(self, root: Node) -> dict[Node, list[PlacedLine]]:
        """The lines of each paragraph, which loses its children."""
        found: dict[Node, list[PlacedLine]] = {}
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
                    found[paragraph] = lines
                    paragraph[:] = []
        for lines in found.values():
            for line in lines:
                for run in line.runs:
                    run.font.add(run.glyphs)
                    if run.counter:
                        run.font.add(run.font.shaper.shape(_COUNTER_CHARACTERS) or [])
        return found

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
        if lines[-1].is_empty:
            lines.pop()
        return lines

    def _place_span(self, span: Node, line: PlacedLine) -> bool:
        """Put a span on a line; False where it is not of the plain kinds."""
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
        if " " in name:
            return not own and not len(span) and not span.text and self._place_counter(line, name)
        ink = self._style(name)
        if ink is None or len(span) or not span.text:
            return False
        spacing = ink.spacing
        if own:
            changed = parse_length(own["letter-spacing"]) if len(own) == 1 and "letter-spacing" in own else None
            if changed is None:
                return False
            spacing = changed
        return self._place_run(line, ink, span.text, spacing, line.width)

    def _place_gap(self, span: Node, own: dict[str, str], line: PlacedLine) -> bool:
        """An indent, or a tab with or without a leader."""
        if span.text:
            return False
        if len(own) == 1 and not own.keys().isdisjoint(("margin-left", "margin-right")) and not len(span):
            return self._advance(line, parse_length(*own.values()))
        if own.pop("display", "") != "inline-block":
            return False
        if not own and not len(span):
            return self._advance(line, 0.0)  # a line that is there though nothing stands on it
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
        """A page number in a header or footer, in Arabic figures."""
        name, _, kind = names.partition(" ")
        counter, _, shape = kind.partition("-")
        if (
            not self._is_running
            or counter not in ("page", "pages")
            or shape not in ("decimal", "decimal-dashed")
        ):
            return False
        ink = self._style(name)
        if ink is None or not self._place_run(line, ink, "1", ink.spacing, line.width):
            return False
        font = line.runs[-1].font
        line.runs[-1].counter, line.runs[-1].dashed = counter, shape != "decimal"
        return font.shaper.shape(_COUNTER_CHARACTERS) is not None

    def _place_run(self, line: PlacedLine, ink: RunStyle, text: str, spacing: float, x: float) -> bool:
        font = self._font(ink.family)
        glyphs = font.shaper.shape(text, kerned=ink.kerned) if font is not None else None
        if font is None or glyphs is None:
            return False
        width = _width(ink, glyphs, spacing)
        line.runs.append(PlacedRun(ink, font, glyphs, x, width, spacing, not text.strip()))
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
            finder = self._shapers.get(family)
            if finder is None:
                finder = self._shapers[family] = Shaper(face)
            self.fonts[family] = DocumentFont(finder, self._subsetter)
        return self.fonts[family]


def _width(ink: RunStyle, glyphs: list[Glyph], spacing: float) -> float:
    return sum(glyph.advance + glyph.kern for glyph in glyphs) * ink.size + spacing * len(glyphs)
