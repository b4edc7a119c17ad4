"""Paragraphs of the element tree read as lines of runs with known widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from formsvc.docxpdf.fonts.typeface import Typeface
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.pdf.glyph_subsets import CutFonts, DocumentFont, Glyph, GlyphFinder
from formsvc.docxpdf.pdf.run_style import Ink, classes_of, declared, ink_of, length

_NUMBERS = "0123456789- "


@dataclass(slots=True)
class Run:
    """Glyphs in one ink. ``x`` is counted from the line's start; ``spacing`` stands behind each glyph."""

    ink: Ink
    font: DocumentFont
    glyphs: list[Glyph]
    x: float
    width: float
    spacing: float
    blank: bool
    counter: str = ""
    """``page`` or ``pages``: the glyphs are those of a number known only when the page is made."""
    dashed: bool = False


@dataclass(slots=True)
class SetLine:
    """A line ready to draw."""

    runs: list[Run] = field(default_factory=list)
    width: float = 0.0
    text: str = ""
    bare: bool = True
    """Nothing at all stands on it."""

    @property
    def counts(self) -> bool:
        """Whether a number is to be put in."""
        return any(run.counter for run in self.runs)

    def numbered(self, numbers: Mapping[str, int]) -> SetLine:
        """The line with the numbers of a page."""
        made, moved = SetLine(bare=self.bare), 0.0
        for run in self.runs:
            fresh = replace(run, x=run.x + moved)
            if run.counter:
                text = str(numbers.get(run.counter, 0))
                fresh.glyphs = run.font.finder.glyphs(f"- {text} -" if run.dashed else text) or []
                fresh.width = _width(fresh.ink, fresh.glyphs, fresh.spacing)
                moved += fresh.width - run.width
            made.runs.append(fresh)
        made.width = self.width + moved
        made.text = "".join(glyph.text for run in made.runs for glyph in run.glyphs)
        return made


class LineSetter:
    """Sets the paragraphs of one document that it understands; the others stay as they are."""

    def __init__(
        self, style: str, faces: Mapping[str, Typeface], finders: dict[str, GlyphFinder], cuts: CutFonts
    ) -> None:
        self._classes = classes_of(style)
        self._faces, self._finders, self._cuts = faces, finders, cuts
        self._inks: dict[str, Ink | None] = {}
        self.fonts: dict[str, DocumentFont] = {}
        self.left = 0
        """Paragraphs left to the page engine."""
        self._is_running = False

    def set(self, root: Node) -> dict[Node, list[SetLine]]:
        """The lines of each paragraph, which loses its children."""
        found: dict[Node, list[SetLine]] = {}
        running = {
            paragraph
            for block in root.iter("div")
            if block.get("style", "").startswith("position:running(")
            for paragraph in block.iter("p")
        }
        for paragraph in root.iter("p"):
            if len(paragraph):
                self._is_running = paragraph in running
                lines = self._lines(paragraph)
                if lines is None:
                    self.left += 1
                else:
                    found[paragraph] = lines
                    paragraph[:] = []
        for lines in found.values():
            for line in lines:
                for run in line.runs:
                    run.font.use(run.glyphs)
                    if run.counter:
                        run.font.use(run.font.finder.glyphs(_NUMBERS) or [])
        return found

    def _lines(self, paragraph: Node) -> list[SetLine] | None:
        if paragraph.text:
            return None
        lines = [SetLine()]
        for child in paragraph:
            if child.tail:
                return None
            if child.tag == "br":
                lines.append(SetLine())
            elif child.tag != "span" or not self._span(child, lines[-1]):
                return None
        if lines[-1].bare:
            lines.pop()
        return lines

    def _span(self, span: Node, line: SetLine) -> bool:
        """Put a span on a line; False where it is not of the plain kinds."""
        attributes = span.attrib
        css = attributes.get("style", "")
        name = attributes.get("class", "")
        if len(attributes) > (1 if css else 0) + (1 if name else 0):
            return False
        own = declared(css) if css else {}
        if own is None:
            return False
        if not name:
            return self._gap(span, own, line)
        if " " in name:
            return not own and not len(span) and not span.text and self._counter(line, name)
        ink = self._ink(name)
        if ink is None or len(span) or not span.text:
            return False
        spacing = ink.spacing
        if own:
            changed = length(own["letter-spacing"]) if len(own) == 1 and "letter-spacing" in own else None
            if changed is None:
                return False
            spacing = changed
        return self._run(line, ink, span.text, spacing, line.width)

    def _gap(self, span: Node, own: dict[str, str], line: SetLine) -> bool:
        """An indent, or a tab with or without a leader."""
        if span.text:
            return False
        if len(own) == 1 and not own.keys().isdisjoint(("margin-left", "margin-right")) and not len(span):
            return self._moved(line, length(*own.values()))
        if own.pop("display", "") != "inline-block":
            return False
        if not own and not len(span):
            return self._moved(line, 0.0)  # a line that is there though nothing stands on it
        width = length(own.pop("width", ""))
        if width is None or width < 0:
            return False
        if not len(span):
            return not own and self._moved(line, width)
        if own != {"text-align": "right", "text-indent": "0"} or len(span) != 1 or span[0].tail:
            return False
        start = line.width
        inner = SetLine()
        if span[0].tag != "span" or not self._span(span[0], inner):
            return False
        for run in inner.runs:
            run.x += start + max(0.0, width - inner.width)
        line.runs += inner.runs
        line.text += inner.text
        return self._moved(line, width)

    @staticmethod
    def _moved(line: SetLine, width: float | None) -> bool:
        if width is None:
            return False
        line.width += width
        line.bare = False
        return True

    def _counter(self, line: SetLine, names: str) -> bool:
        """A page number in a header or footer, in Arabic figures."""
        name, _, kind = names.partition(" ")
        counter, _, shape = kind.partition("-")
        if (
            not self._is_running
            or counter not in ("page", "pages")
            or shape not in ("decimal", "decimal-dashed")
        ):
            return False
        ink = self._ink(name)
        if ink is None or not self._run(line, ink, "1", ink.spacing, line.width):
            return False
        font = line.runs[-1].font
        line.runs[-1].counter, line.runs[-1].dashed = counter, shape != "decimal"
        return font.finder.glyphs(_NUMBERS) is not None

    def _run(self, line: SetLine, ink: Ink, text: str, spacing: float, x: float) -> bool:
        font = self._font(ink.family)
        glyphs = font.finder.glyphs(text, kerned=ink.kerned) if font is not None else None
        if font is None or glyphs is None:
            return False
        width = _width(ink, glyphs, spacing)
        line.runs.append(Run(ink, font, glyphs, x, width, spacing, not text.strip()))
        line.text += text
        line.width += width
        line.bare = False
        return True

    def _ink(self, name: str) -> Ink | None:
        if name not in self._inks:
            self._inks[name] = ink_of(self._classes.get(name, ""))
        return self._inks[name]

    def _font(self, family: str) -> DocumentFont | None:
        if family not in self.fonts:
            face = self._faces.get(family)
            if face is None:
                return None
            finder = self._finders.get(family)
            if finder is None:
                finder = self._finders[family] = GlyphFinder(face)
            self.fonts[family] = DocumentFont(finder, self._cuts)
        return self.fonts[family]


def _width(ink: Ink, glyphs: list[Glyph], spacing: float) -> float:
    return sum(glyph.advance + glyph.kern for glyph in glyphs) * ink.size + spacing * len(glyphs)
