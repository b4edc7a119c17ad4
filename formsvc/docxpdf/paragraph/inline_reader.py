"""Reader of a paragraph's runs: text, tabs, fields, drawings, notes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from formsvc.docxpdf.characters.symbol_fonts import is_private_use, is_symbol_font, symbol_character
from formsvc.docxpdf.context import ContainingBlock, LayoutContext
from formsvc.docxpdf.drawing.drawingml import read_drawing
from formsvc.docxpdf.drawing.vml import read_vml
from formsvc.docxpdf.opc.xml import Element, R, attribute, child, children, chosen_branch, number, value_at
from formsvc.docxpdf.paragraph.combined_characters import EquationReader, combine_lines
from formsvc.docxpdf.paragraph.formulas import FormulaReader
from formsvc.docxpdf.paragraph.notes import note_mark, read_endnote, read_footnote, separator_item
from formsvc.docxpdf.text.inline_items import BreakItem, FieldItem, InlineItem, RubyItem, TabItem, TextItem
from formsvc.docxpdf.wordml.styles import RunFormat, without_symbol_font
from formsvc.i18n.messages import msg

_COUNTED = {"PAGE": "page", "NUMPAGES": "pages", "SECTIONPAGES": "section"}
_SYMBOL_FIELD = re.compile(
    r'\s*SYMBOL\s+(0x[0-9A-Fa-f]{1,6}|[0-9]{1,7})(?:.*?\\f\s+"?([^"\\]+?)"?\s*(?:\\|$))?', re.IGNORECASE
)
# elements that only group runs
_TRANSPARENT = frozenset({"ins", "smartTag", "sdtContent", "dir", "bdo", "customXml", "moveTo"})
# fields that would fetch something; their last result is shown
_EXTERNAL_FIELDS = frozenset({"INCLUDEPICTURE", "INCLUDETEXT", "DDE", "DDEAUTO", "LINK", "IMPORT"})
_UNPLACED = {
    "object": msg("嵌入的对象（OLE）未排出。"),
}


# fields whose result Word computes and keeps; without one nothing is printed
_COMPUTED_FIELDS = frozenset(
    {"=", "AUTHOR", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BARCODE", "CREATEDATE", "DATE", "DISPLAYBARCODE", "FILENAME",
     "FILESIZE", "INDEX", "LISTNUM", "NUMCHARS", "NUMWORDS", "PAGEREF", "PRINTDATE", "QUOTE", "SAVEDATE", "SECTION", "SEQ",
     "STYLEREF", "TIME", "TITLE", "TOA", "TOC", "USERNAME"}
)  # fmt: skip


@dataclass
class _Field:
    code: str = ""
    showing: bool = False
    replaced: bool = False
    # its code as runs, and how many items the paragraph had before it
    parts: list[tuple[str, RunFormat]] = field(default_factory=list)
    start: int = 0

    @property
    def name(self) -> str:
        words = self.code.split()
        return "=" if self.code.strip().startswith("=") else words[0].upper() if words else ""


class InlineReader:
    """Reader of the runs of one paragraph."""

    def __init__(self, ctx: LayoutContext, container: ContainingBlock, style: str) -> None:
        self._ctx, self._frame, self._style = ctx, container, style
        self._fields: list[_Field] = []
        self._link = ""
        self.items: list[InlineItem] = []
        self._readers: dict[str, Callable[[Element, RunFormat], None]] = {
            "t": lambda e, f: self._add_text(_text_of(e), f),
            "tab": lambda _, f: self.items.append(TabItem(f)),
            "ptab": lambda e, f: self.items.append(TabItem(f, _alignment_of(e))),
            "br": lambda e, f: self.items.append(BreakItem(self._break_kind(e), f)),
            "cr": lambda _, f: self.items.append(BreakItem("line", f)),
            "noBreakHyphen": lambda _, f: self._add_text("-", f),
            "sym": self._symbol,
            "drawing": lambda e, _: self._drawing(e),
            "pict": lambda e, _: self._vml(e),
            "object": lambda e, _: self._vml(e),
            "AlternateContent": self._alternative,
            "ruby": self._ruby,
            "footnoteReference": self._footnote,
            "footnoteRef": lambda _, f: self._add_text(note_mark(self._ctx, "footnote"), f),
            "endnoteReference": self._endnote,
            "endnoteRef": lambda _, f: self._add_text(note_mark(self._ctx, "endnote"), f),
            "separator": lambda _, __: self.items.append(separator_item()),
        }

    def read(self, paragraph: Element) -> list[InlineItem]:
        self._walk(paragraph)
        return combine_lines(self.items)

    def _walk(self, parent: Element | None) -> None:
        for name, element in children(parent):
            if name == "r":
                self._run(element)
            elif name == "hyperlink":
                self._hyperlink(element)
            elif name == "sdt":
                self._walk(child(element, "w:sdtContent"))
            elif name == "fldSimple":
                self._simple_field(element)
            elif name in _TRANSPARENT or name == "AlternateContent":
                inner = chosen_branch(element) if name == "AlternateContent" else element
                self._walk(inner)
            elif name in ("oMath", "oMathPara"):
                self._formula(element)
            elif name in _UNPLACED:
                self._ctx.log.warn(_UNPLACED[name])

    def _formula(self, element: Element) -> None:
        items = FormulaReader(self._format(None), self._format).read(element)
        self.items += items
        words = "".join(item.text for item in items)
        self._ctx.log.warn(msg("公式“{words}”按一行文字排出。", words=words[:40]))

    def _format(self, run: Element | None) -> RunFormat:
        element = child(run, "w:rPr")
        return self._ctx.styles.run_format(self._style, element, self._frame.table_run, self._link)

    def _run(self, run: Element) -> None:
        style = self._format(run)
        for name, element in children(run):
            if name == "fldChar":
                self._field_mark(attribute(element, "fldCharType"), element, style)
            elif name == "instrText":
                if self._fields:
                    self._fields[-1].code += element.text or ""
                    self._fields[-1].parts.append((element.text or "", style))
            elif self._in_code() or name == "rPr":
                continue
            elif name in self._readers:
                if not style.hidden:
                    self._readers[name](element, style)
            elif name in _UNPLACED:
                self._ctx.log.warn(_UNPLACED[name])

    def _in_code(self) -> bool:
        return any(not f.showing or f.replaced for f in self._fields)

    def _field_mark(self, kind: str, element: Element, style: RunFormat) -> None:
        if kind == "begin":
            self._fields.append(_Field(code=_check_box(element), start=len(self.items)))
        elif not self._fields:
            return
        elif kind == "separate":
            self._open_field(self._fields[-1], style)
        elif kind == "end":
            if not self._fields[-1].showing:
                self._open_field(self._fields[-1], style)
            ended = self._fields.pop()
            is_empty = not ended.replaced and len(self.items) == ended.start
            if is_empty and not style.hidden and not self._in_code():
                self._compute_result(ended, style)

    def _compute_result(self, ended: _Field, style: RunFormat) -> None:
        """Add what a field without a kept result prints."""
        if ended.name == "EQ":
            reader = EquationReader(ended.parts)
            self.items += reader.read()
            if not reader.is_exact:
                self._ctx.log.warn(msg("公式域“{code}”按一行文字排出。", code=ended.code.strip()[:40]))
        elif ended.name == "SYMBOL":
            self._symbol_field(ended.code, style)
        elif ended.name in _COMPUTED_FIELDS:
            self._ctx.log.warn(
                msg("域“{name}”在文件里没有结果，未排出。请在 Word 里更新域。", name=ended.name)
            )

    def _symbol_field(self, code: str, style: RunFormat) -> None:
        match = _SYMBOL_FIELD.match(code)
        if match is None:
            self._ctx.log.warn(msg("域“{name}”在文件里没有结果，未排出。请在 Word 里更新域。", name="SYMBOL"))
            return
        value = int(match[1], 16 if match[1][:2].lower() == "0x" else 10)
        char = chr(value) if 0x20 <= value < 0x110000 else ""
        font = match[2] or ""
        if char and is_symbol_font(font):
            char, style = self._symbol_character(font, char), without_symbol_font(style)
        self._add_text(char, style)

    def _open_field(self, field: _Field, style: RunFormat) -> None:
        field.showing = True
        if any(f.replaced for f in self._fields[:-1]):
            return
        field.replaced = self._count(field.code, style)

    def _count(self, code: str, style: RunFormat) -> bool:
        """Add a page number or check box field; return whether it was added.

        Warn of a field that is not executed.
        """
        words = code.split()
        name = words[0].upper() if words else ""
        if name in _COUNTED:
            shape = words[words.index("\\*") + 1] if "\\*" in words[:-1] else ""
            self.items.append(FieldItem(_COUNTED[name], shape, style))
            return True
        if name == "FORMCHECKBOX":
            self._add_text("☒" if words[1:2] == ["1"] else "☐", replace(style, italic=False, bold=False))
            return True
        if name in _EXTERNAL_FIELDS:
            self._ctx.log.warn(msg("域“{name}”不会执行，只排出文件里已有的内容。", name=name))
        return False

    def _simple_field(self, element: Element) -> None:
        first = child(element, "w:r")
        if not self._count(attribute(element, "instr"), self._format(first)):
            self._walk(element)

    def _hyperlink(self, element: Element) -> None:
        relationship = self._ctx.package.relationships(self._ctx.part).get(element.get(R + "id", ""))
        target = relationship.target if relationship is not None and relationship.external else ""
        self._link = target if target.lower().startswith(("http://", "https://", "mailto:")) else ""
        if target and not self._link:
            self._ctx.log.warn(msg("链接“{target}”不是网页地址，已去掉，文字保留。", target=target[:60]))
        self._walk(element)
        self._link = ""

    def _break_kind(self, element: Element) -> str:
        """Return ``line``, ``page`` or ``column``.

        In a single column a column break starts a page.
        """
        kind = attribute(element, "type", "line")
        if kind == "column":
            return "column" if self._ctx.columns > 1 and not self._frame.is_inside else "page"
        return "page" if kind == "page" else "line"

    def _add_text(self, text: str, style: RunFormat) -> None:
        if not text:
            return
        text = text.upper() if style.capitals else text
        if style.symbol_font:
            text, style = self._read_symbols(text, style), without_symbol_font(style)
        self.items.append(TextItem(text, style))

    def _symbol(self, element: Element, style: RunFormat) -> None:
        char, font = attribute(element, "char"), attribute(element, "font")
        code = int(char, 16) if char and all(c in "0123456789abcdefABCDEF" for c in char) else 0
        if 0x20 <= code < 0x110000:
            drawn = chr(code)
            if is_symbol_font(font) or is_private_use(drawn):
                drawn = self._symbol_character(font, drawn)
            self.items.append(TextItem(drawn, without_symbol_font(style)))

    def _symbol_character(self, font: str, char: str) -> str:
        drawn = symbol_character(font, char)
        if not drawn:
            code = f"{ord(char):04X}"
            self._ctx.log.warn(
                msg("符号字体“{font}”的字符 {char} 无法排出，以 □ 代替。", font=font, char=code)
            )
        return drawn or "□"

    def _read_symbols(self, text: str, style: RunFormat) -> str:
        """Return the text of a run in a symbol font as it is drawn."""
        return "".join(
            self._symbol_character(style.symbol_font, c)
            if is_private_use(c) or (style.symbols_only and c < "\u0100" and not c.isspace())
            else c
            for c in text
        )

    def _drawing(self, element: Element) -> None:
        self.items.extend(read_drawing(self._ctx, self._frame, element))

    def _vml(self, element: Element) -> None:
        self.items.extend(read_vml(self._ctx, self._frame, element))

    def _alternative(self, element: Element, style: RunFormat) -> None:
        for inner, item in children(chosen_branch(element)):
            if inner in self._readers:
                self._readers[inner](item, style)

    def _footnote(self, element: Element, style: RunFormat) -> None:
        custom = attribute(element, "customMarkFollows") in ("1", "true", "on")
        note = read_footnote(self._ctx, attribute(element, "id"), custom=custom)
        if note is None:
            self._ctx.log.warn(msg("脚注未排出。"))
            return
        self._add_text(note_mark(self._ctx, "footnote"), style)
        self.items.append(note)

    def _endnote(self, element: Element, style: RunFormat) -> None:
        custom = attribute(element, "customMarkFollows") in ("1", "true", "on")
        if read_endnote(self._ctx, attribute(element, "id"), custom=custom):
            self._add_text(note_mark(self._ctx, "endnote"), style)
        else:
            self._ctx.log.warn(msg("尾注未排出。"))

    def _ruby(self, element: Element, _style: RunFormat) -> None:
        own = child(element, "w:rubyPr")
        size, raised = (number(value_at(own, f"w:{name}")) / 2 for name in ("hps", "hpsRaise"))
        base, above = (self._texts(child(element, f"w:{name}")) for name in ("rubyBase", "rt"))
        if size:
            above = tuple(replace(p, format=replace(p.format, size=size, nominal_size=size)) for p in above)
        if not raised:
            raised = max((p.format.size for p in base), default=size)
        align = value_at(own, "w:rubyAlign", default="distributeSpace")
        self.items.append(RubyItem(base, above, align, raised))

    def _texts(self, parent: Element | None) -> tuple[TextItem, ...]:
        """Return the texts in an element without adding them to the paragraph."""
        outer, self.items = self.items, []
        self._walk(parent)
        inner, self.items = self.items, outer
        return tuple(item for item in inner if isinstance(item, TextItem))


def _text_of(element: Element) -> str:
    """Return the text of a ``w:t``, stripped unless ``xml:space`` keeps it."""
    text = (element.text or "").replace("\r", " ").replace("\n", " ")
    return text if element.get(_SPACE) == "preserve" else text.strip(" \t")


_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def _alignment_of(element: Element) -> str:
    """Return a ``w:ptab`` as alignment, leader and reference, by blanks."""
    return " ".join(
        (
            attribute(element, "alignment", "left"),
            attribute(element, "leader", "none"),
            attribute(element, "relativeTo", "margin"),
        )
    )


def _check_box(element: Element) -> str:
    # a legacy check box carries its state at the field's beginning, not as its result
    box = child(element, "w:ffData/w:checkBox")
    if box is None:
        return ""
    state = child(box, "w:checked")
    state = state if state is not None else child(box, "w:default")
    checked = state is not None and attribute(state, "val", "1") not in ("0", "false", "off")
    return f"FORMCHECKBOX {int(checked)} "
