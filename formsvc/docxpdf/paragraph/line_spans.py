"""A broken line turned into spans, each in one face and one letter-spacing, so that drawing agrees with measuring."""

from __future__ import annotations

from formsvc.docxpdf.characters.number_formats import is_known, written
from formsvc.docxpdf.context import Desk
from formsvc.docxpdf.html_tree import Node, css_number, css_string, joined, node, pt
from formsvc.docxpdf.text.clusters import BOX, CHAR, FIELD, TAB, Atom, chain_of
from formsvc.docxpdf.text.line_breaker import Line
from formsvc.docxpdf.wordml.styles import RunFormat
from formsvc.i18n.messages import msg

_UNDERLINES = {
    "double": "double",
    "wave": "wavy",
    "wavyHeavy": "wavy",
    "wavyDouble": "wavy",
    "dotted": "dotted",
    "dottedHeavy": "dotted",
}
_LEADERS = {"dot": ".", "middleDot": "·", "hyphen": "-", "underscore": "_", "heavy": "_"}
_SWITCHES = {
    "CHINESENUM1": "chineseCounting", "CHINESENUM2": "chineseLegalSimplified", "CHINESENUM3": "chineseCountingThousand",
    "ROMAN": "upperRoman", "roman": "lowerRoman", "ALPHABETIC": "upperLetter", "alphabetic": "lowerLetter", "ArabicDash": "numberInDash",
    "GB1": "decimalEnclosedFullstop", "GB2": "decimalEnclosedParen", "GB3": "decimalEnclosedCircleChinese", "GB4": "ideographEnclosedCircle",
    "CIRCLENUM": "decimalEnclosedCircle", "ZODIAC1": "ideographTraditional", "ZODIAC2": "ideographZodiac",
    "ZODIAC3": "ideographZodiacTraditional", "DBCHAR": "decimalFullWidth", "SBCHAR": "decimal", "Arabic": "decimal", "Hex": "hex",
    "Ordinal": "ordinal", "CardText": "cardinalText", "OrdText": "ordinalText", "decimalHalfWidth": "decimal",
    "MERGEFORMAT": "", "CHARFORMAT": "", "Upper": "", "Lower": "", "Caps": "", "FirstCap": "",
}  # fmt: skip
"""What a field's ``\\*`` asks for, as the format of the same name; empty where it says nothing of the number."""
_MOST_PAGES = 999
_SLANT = "skewX(-12deg)"


class SpanWriter:
    """Writes the lines of one paragraph."""

    def __init__(self, desk: Desk, char_space: float) -> None:
        self._desk, self._char_space = desk, char_space

    def line(self, line: Line) -> list[Node]:
        """The nodes of one line."""
        nodes: list[Node] = []
        at = 0
        while at < len(line.atoms):
            atom = line.atoms[at]
            if atom.kind == CHAR:
                end = self._run_end(line.atoms, at)
                nodes.append(self._span(line.atoms, at, end))
                at = end
                continue
            if atom.kind == TAB:
                nodes.append(self._tab(atom, line.tabs[at]))
            elif atom.kind == FIELD:
                nodes.append(self._counter(atom))
            elif atom.kind == BOX and atom.node is not None:
                nodes.append(atom.node)
            at += 1
        return nodes

    def _run_end(self, atoms: list[Atom], start: int) -> int:
        first, extra = atoms[start], self._extra(atoms, start)
        end = start + 1
        while end < len(atoms):
            atom = atoms[end]
            if (
                atom.kind != CHAR
                or atom.format is not first.format
                or atom.drawn != first.drawn
                or atom.east != first.east
            ):
                break
            if abs(self._extra(atoms, end) - extra) > 1e-4:
                break
            end += 1
        return end

    @staticmethod
    def _extra(atoms: list[Atom], at: int) -> float:
        """What stands behind an atom beside its own width."""
        return atoms[at].after + (atoms[at + 1].gap if at + 1 < len(atoms) else 0.0)

    def _span(self, atoms: list[Atom], start: int, end: int) -> Node:
        first, extra = atoms[start], self._extra(atoms, start)
        text = "".join(a.text for a in atoms[start:end])
        style = first.format
        spacing = style.spacing + (self._char_space if first.east else 0.0)
        changed = f"letter-spacing:{pt((spacing + extra) / style.scale)}" if extra else ""
        if style.scale != 1.0 or (style.italic and first.drawn is not None and not first.drawn.face.italic):
            width = sum(a.width for a in atoms[start:end]) + extra * (end - start)
            steps = f"scaleX({css_number(style.scale)})" if style.scale != 1.0 else _SLANT
            changed = joined(
                (changed, f"display:inline-block;width:{pt(width)};transform:{steps};transform-origin:0 0")
            )
        name = self._desk.sheet.name(self._declarations(first, spacing))
        if style.link:
            return node("a", text=text, href=style.link, class_=name, style=changed)
        return node("span", text=text, class_=name, style=changed)

    def _declarations(self, atom: Atom, spacing: float) -> str:
        style, drawn = atom.format, atom.drawn
        family = drawn.face.family if drawn is not None else self._desk.fonts.strut.family
        return joined(
            (
                f'font-family:"{css_string(family)}"',
                f"font-size:{pt(style.size)}",
                "font-weight:700" if drawn is not None and drawn.embolden else "",
                "font-style:italic" if style.italic and drawn is not None and drawn.face.italic else "",
                f"letter-spacing:{pt(spacing / style.scale)}" if spacing else "",
                "font-kerning:normal" if style.kerned else "",
                decoration(style),
                f"color:#{style.color}" if style.color else "",
                f"background:#{style.background}" if style.background else "",
                f"position:relative;top:{pt(-style.rise)}" if style.rise else "",
            )
        )

    def _tab(self, atom: Atom, width: float) -> Node:
        css = f"display:inline-block;width:{pt(width)}"
        mark = _LEADERS.get(atom.leader)
        if mark is None and not atom.format.underline:
            return node("span", style=css)
        drawn, em = chain_of(self._desk.fonts, atom.format, False).find(mark or " ")
        atom.drawn = drawn
        name = self._desk.sheet.name(self._declarations(atom, 0.0))
        count = int(width / max(0.5, em * atom.format.size))
        spread = (width - count * em * atom.format.size) / count if count and mark is None else 0.0
        inner = node(
            "span",
            text=(mark or " ") * count,
            class_=name,
            style=f"letter-spacing:{pt(spread)}" if spread else "",
        )
        return node("span", inner, style=css + ";text-align:right;text-indent:0")

    def _counter(self, atom: Atom) -> Node:
        counter, dashed = self._numbered(atom)
        wanted, kind = f"counter({atom.text},{counter})", atom.text
        if kind == "section":
            kind = self._desk.section
            self._desk.counted.add(kind)
            wanted = f"target-counter('#end-{kind}',count-{kind},{counter})"
        content = f'"- " {wanted} " -"' if dashed else wanted
        name = self._desk.sheet.name(self._declarations(atom, atom.format.spacing))
        rule = f".{kind}-{counter}{'-dashed' if dashed else ''}"
        declared = f"{rule}::before{{content:{content}}}"
        if declared not in self._desk.sheet.rules:
            self._desk.sheet.rules.append(declared)
        return node("span", class_=f"{name} {rule[1:]}")

    def _numbered(self, atom: Atom) -> tuple[str, bool]:
        """The counter's style for a page number, and whether dashes stand beside it."""
        shape = _SWITCHES.get(atom.leader, atom.leader) or self._desk.page.number_format
        shape = _SWITCHES.get(shape, shape)
        if shape in ("decimal", "numberInDash"):
            return "decimal", shape != "decimal"
        if not is_known(shape):
            self._desk.journal.note(msg("页码格式“{shape}”按阿拉伯数字排出。", shape=shape), once=True)
            return "decimal", False
        symbols = " ".join(f'"{written(n, shape)}"' for n in range(1, _MOST_PAGES + 1))
        declared = f"@counter-style n-{shape}{{system:fixed;symbols:{symbols}}}"
        if declared not in self._desk.sheet.rules:
            self._desk.sheet.rules.append(declared)
        if not written(1, shape).isascii():
            atom.drawn = chain_of(self._desk.fonts, atom.format, True).find(written(1, shape)[0])[0]
        return f"n-{shape}", False


def decoration(style: RunFormat) -> str:
    """Underline and strike-through, at one height whatever the face."""
    lines = [
        word for word, wanted in (("underline", style.underline), ("line-through", style.strike)) if wanted
    ]
    if not lines:
        return ""
    kind = _UNDERLINES.get(style.underline, "dashed" if "ash" in style.underline else "solid")
    thickness = max(0.5, style.size / 24) * (
        2 if style.underline in ("thick", "wavyHeavy", "dashedHeavy") else 1
    )
    place = f"text-decoration-thickness:{pt(thickness)};text-underline-offset:{pt(style.size * 0.13)}"
    return f"text-decoration:{' '.join(lines)} {kind};{place}"
