"""Lines written as spans of one font and one letter spacing each.

Spans this uniform are drawn as wide as they were measured.
"""

from __future__ import annotations

from formsvc.docxpdf.characters.number_formats import format_number, is_supported
from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.html_tree import Node, css_number, css_string, join_css, node, pt
from formsvc.docxpdf.text.clusters import BOX, CHAR, FIELD, TAB, Cluster, font_chain
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
# number format for each format switch (\*) of a field; empty if it says nothing of the number
_SWITCHES = {
    "CHINESENUM1": "chineseCounting", "CHINESENUM2": "chineseLegalSimplified", "CHINESENUM3": "chineseCountingThousand",
    "ROMAN": "upperRoman", "roman": "lowerRoman", "ALPHABETIC": "upperLetter", "alphabetic": "lowerLetter", "ArabicDash": "numberInDash",
    "GB1": "decimalEnclosedFullstop", "GB2": "decimalEnclosedParen", "GB3": "decimalEnclosedCircleChinese", "GB4": "ideographEnclosedCircle",
    "CIRCLENUM": "decimalEnclosedCircle", "ZODIAC1": "ideographTraditional", "ZODIAC2": "ideographZodiac",
    "ZODIAC3": "ideographZodiacTraditional", "DBCHAR": "decimalFullWidth", "SBCHAR": "decimal", "Arabic": "decimal", "Hex": "hex",
    "Ordinal": "ordinal", "CardText": "cardinalText", "OrdText": "ordinalText", "decimalHalfWidth": "decimal",
    "MERGEFORMAT": "", "CHARFORMAT": "", "Upper": "", "Lower": "", "Caps": "", "FirstCap": "",
}  # fmt: skip
# a fixed CSS counter style lists its numbers; no document has more pages
_MOST_PAGES = 999
# synthetic italic for fonts without one; Chinese fonts have none
_SLANT = "skewX(-12deg)"
# diameter and distances of emphasis marks from the baseline, top and height of a run's border, in sizes of the run
_MARK_SIZE, _MARK_BELOW, _MARK_ABOVE = 0.14, 0.24, 0.98
_BORDER_TOP, _BORDER_HEIGHT = 0.92, 1.12


class SpanBuilder:
    """Writer of the lines of one paragraph."""

    def __init__(self, ctx: LayoutContext, char_space: float) -> None:
        self._ctx, self._char_space = ctx, char_space

    def build_line(self, line: Line) -> list[Node]:
        nodes: list[Node] = []
        at = 0
        while at < len(line.clusters):
            cluster = line.clusters[at]
            if cluster.kind == CHAR:
                end = self._run_end(line.clusters, at)
                if cluster.format.emphasis or cluster.format.border:
                    nodes += self._marked_spans(line.clusters, at, end)
                else:
                    nodes.append(self._span(line.clusters, at, end))
                at = end
                continue
            if cluster.kind == TAB:
                nodes.append(self._tab(cluster, line.tabs[at]))
            elif cluster.kind == FIELD:
                nodes.append(self._counter(cluster))
            elif cluster.kind == BOX and cluster.node is not None:
                nodes.append(cluster.node)
            at += 1
        return nodes

    def _marked_spans(self, clusters: list[Cluster], start: int, end: int) -> list[Node]:
        """Return a run with its emphasis marks or the border that begins with it."""
        style, nodes = clusters[start].format, []
        if style.border and (not start or clusters[start - 1].format.border != style.border):
            nodes.append(self._run_border(clusters, start))
        if not style.emphasis:
            return [*nodes, self._span(clusters, start, end)]
        for at in range(start, end):
            if clusters[at].text.strip():
                nodes.append(_emphasis_mark(style, clusters[at].width))
            nodes.append(self._span(clusters, at, at + 1))
        return nodes

    def _run_border(self, clusters: list[Cluster], start: int) -> Node:
        """Return the border around the runs of a line that share it."""
        border, end = clusters[start].format.border, start
        while end < len(clusters) and clusters[end].format.border == border:
            end += 1
        width = sum(clusters[at].width + self._extra(clusters, at) for at in range(start, end))
        size = max(cluster.format.size for cluster in clusters[start:end])
        css = f"left:0;top:{pt(-_BORDER_TOP * size)};width:{pt(width)};height:{pt(_BORDER_HEIGHT * size)};border:{border}"
        return _mark(f"{css};box-sizing:border-box")

    def _run_end(self, clusters: list[Cluster], start: int) -> int:
        first, extra = clusters[start], self._extra(clusters, start)
        end = start + 1
        while end < len(clusters):
            cluster = clusters[end]
            if (
                cluster.kind != CHAR
                or cluster.format is not first.format
                or (cluster.font is not first.font and cluster.font != first.font)
                or cluster.east_asian != first.east_asian
            ):
                break
            if abs(self._extra(clusters, end) - extra) > 1e-4:
                break
            end += 1
        return end

    @staticmethod
    def _extra(clusters: list[Cluster], at: int) -> float:
        """Return the space behind a cluster in addition to its own width."""
        return clusters[at].space_after + (clusters[at + 1].gap_before if at + 1 < len(clusters) else 0.0)

    def _span(self, clusters: list[Cluster], start: int, end: int) -> Node:
        first, extra = clusters[start], self._extra(clusters, start)
        text = "".join(a.text for a in clusters[start:end])
        style = first.format
        spacing = style.spacing + (self._char_space if first.east_asian else 0.0)
        changed = f"letter-spacing:{pt((spacing + extra) / style.scale)}" if extra else ""
        if style.scale != 1.0 or (style.italic and first.font is not None and not first.font.face.italic):
            width = sum(a.width for a in clusters[start:end]) + extra * (end - start)
            steps = f"scaleX({css_number(style.scale)})" if style.scale != 1.0 else _SLANT
            changed = join_css(
                (changed, f"display:inline-block;width:{pt(width)};transform:{steps};transform-origin:0 0")
            )
        name = self._class_name(first, spacing)
        if style.link:
            return node("a", text=text, href=style.link, class_=name, style=changed)
        return node("span", text=text, class_=name, style=changed)

    def _class_name(self, cluster: Cluster, spacing: float) -> str:
        """Return the class of a run's look."""
        style, drawn = cluster.format, cluster.font
        # comparing the formats themselves would take longer than writing them
        key = id(style), id(drawn), spacing
        known = self._ctx.run_classes.get(key)
        if known is None:
            name = self._ctx.stylesheet.class_name(self._declarations(cluster, spacing))
            known = self._ctx.run_classes[key] = name, (style, drawn)
        return known[0]

    def _declarations(self, cluster: Cluster, spacing: float) -> str:
        style, drawn = cluster.format, cluster.font
        family = drawn.face.family if drawn is not None else self._ctx.fonts.strut.family
        return join_css(
            (
                f'font-family:"{css_string(family)}"',
                f"font-size:{pt(style.size)}",
                "font-weight:700" if drawn is not None and drawn.embolden else "",
                "font-style:italic" if style.italic and drawn is not None and drawn.face.italic else "",
                f"letter-spacing:{pt(spacing / style.scale)}" if spacing else "",
                "font-kerning:normal" if style.kerning else "",
                text_decoration(style),
                f"color:#{style.color}" if style.color else "",
                f"background:#{style.background}" if style.background else "",
                f"position:relative;top:{pt(-style.rise)}" if style.rise else "",
            )
        )

    def _tab(self, cluster: Cluster, width: float) -> Node:
        css = f"display:inline-block;width:{pt(width)}"
        mark = _LEADERS.get(cluster.leader)
        if mark is None and not cluster.format.underline:
            return node("span", style=css)
        drawn, em = font_chain(self._ctx.fonts, cluster.format, False).find(mark or " ")
        cluster.font = drawn
        name = self._ctx.stylesheet.class_name(self._declarations(cluster, 0.0))
        count = int(width / max(0.5, em * cluster.format.size))
        spread = (width - count * em * cluster.format.size) / count if count and mark is None else 0.0
        inner = node(
            "span",
            text=(mark or " ") * count,
            class_=name,
            style=f"letter-spacing:{pt(spread)}" if spread else "",
        )
        return node("span", inner, style=css + ";text-align:right;text-indent:0")

    def _counter(self, cluster: Cluster) -> Node:
        counter, dashed = self._page_number_style(cluster)
        counter_css, kind = f"counter({cluster.text},{counter})", cluster.text
        if kind == "section":
            kind = self._ctx.section
            self._ctx.counted.add(kind)
            counter_css = f"target-counter('#end-{kind}',count-{kind},{counter})"
        content = f'"- " {counter_css} " -"' if dashed else counter_css
        name = self._ctx.stylesheet.class_name(self._declarations(cluster, cluster.format.spacing))
        rule = f".{kind}-{counter}{'-dashed' if dashed else ''}"
        rule_css = f"{rule}::before{{content:{content}}}"
        if rule_css not in self._ctx.stylesheet.rules:
            self._ctx.stylesheet.rules.append(rule_css)
        return node("span", class_=f"{name} {rule[1:]}")

    def _page_number_style(self, cluster: Cluster) -> tuple[str, bool]:
        """Return a page number's counter style, and whether dashes enclose it."""
        number_format = _SWITCHES.get(cluster.leader, cluster.leader) or self._ctx.page.number_format
        number_format = _SWITCHES.get(number_format, number_format)
        if number_format in ("decimal", "numberInDash"):
            return "decimal", number_format != "decimal"
        if not is_supported(number_format):
            self._ctx.log.warn(msg("页码格式“{shape}”按阿拉伯数字排出。", shape=number_format), once=True)
            return "decimal", False
        symbols = " ".join(f'"{format_number(n, number_format)}"' for n in range(1, _MOST_PAGES + 1))
        rule_css = f"@counter-style n-{number_format}{{system:fixed;symbols:{symbols}}}"
        if rule_css not in self._ctx.stylesheet.rules:
            self._ctx.stylesheet.rules.append(rule_css)
        first = format_number(1, number_format)
        if not first.isascii():
            cluster.font, _ = font_chain(self._ctx.fonts, cluster.format, True).find(first[0])
        return f"n-{number_format}", False


def _emphasis_mark(style: RunFormat, width: float) -> Node:
    """Return a dot or ring at the middle of a character."""
    place, _, shape = style.emphasis.partition(" ")
    diameter = _MARK_SIZE * style.size * (1.5 if shape else 1.0)
    middle = (_MARK_BELOW if place == "below" else -_MARK_ABOVE) * style.size - style.rise
    color = style.color or "000000"
    drawn = f"border:0.4pt solid #{color};box-sizing:border-box" if shape else f"background:#{color}"
    box = f"width:{pt(diameter)};height:{pt(diameter)};border-radius:50%"
    return _mark(f"left:{pt((width - diameter) / 2)};top:{pt(middle - diameter / 2)};{box};{drawn}")


def _mark(css: str) -> Node:
    # no character, so that the text can be found as it was written; measured from the baseline, it takes no room
    return node(
        "span",
        node("span", style=f"position:absolute;{css}"),
        style="display:inline-block;position:relative;width:0;height:0",
    )


def text_decoration(style: RunFormat) -> str:
    """Return underline and strike-through, at one height in all fonts."""
    lines = [
        word for word, drawn in (("underline", style.underline), ("line-through", style.strike)) if drawn
    ]
    if not lines:
        return ""
    kind = _UNDERLINES.get(style.underline, "dashed" if "ash" in style.underline else "solid")
    thickness = max(0.5, style.size / 24) * (
        2 if style.underline in ("thick", "wavyHeavy", "dashedHeavy") else 1
    )
    place = f"text-decoration-thickness:{pt(thickness)};text-underline-offset:{pt(style.size * 0.13)}"
    return f"text-decoration:{' '.join(lines)} {kind};{place}"
