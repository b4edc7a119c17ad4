"""Styles: defaults, style chains, theme fonts, resulting run formats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formsvc.docxpdf.characters.symbol_fonts import is_symbol_font
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import (
    Element,
    attribute,
    child,
    children,
    find_all,
    number,
    points,
    switched_on,
    value_at,
    xml_text,
)
from formsvc.docxpdf.wordml.properties import (
    Attributes,
    Properties,
    is_on,
    merge_element,
    merge_properties,
    property_value,
)

# a chain of w:basedOn may be damaged and run in a circle
_DEEPEST_CHAIN = 32
_EAST_LANGUAGES = ("zh", "ja", "ko")
# size of superscript and subscript, as Word draws them
_SMALL = 0.65
_EAST_DEFAULT, _LATIN_DEFAULT = "宋体", "Times New Roman"


@dataclass(frozen=True, slots=True)
class RunFormat:
    """Format of a run; sizes in points, colours as six hex digits.

    ``size`` is the size as drawn, ``nominal_size`` as the style names it. An empty colour is automatic.
    """

    east_font: str
    latin_font: str
    size: float
    nominal_size: float
    bold: bool = False
    italic: bool = False
    underline: str = ""
    strike: bool = False
    color: str = ""
    background: str = ""
    spacing: float = 0.0
    scale: float = 1.0
    rise: float = 0.0
    hidden: bool = False
    capitals: bool = False
    east_hint: bool = False
    link: str = ""
    kerning: bool = False
    # language of its Latin text is Chinese, Japanese or Korean
    latin_language_is_east_asian: bool = False
    # language of its East Asian text is none of them; many programs leave it at that
    east_language_is_western: bool = False
    # width its text is spread over (w:fitText); runs of one fit_group share it
    fit_width: float = 0.0
    fit_group: str = ""
    # symbol font among its fonts; with symbols_only ASCII is drawn with it as well as the private use area
    symbol_font: str = ""
    symbols_only: bool = False
    # emphasis marks (w:em): “above” or “below”, with “ circle” for rings
    emphasis: str = ""
    # border around its text as a CSS value
    border: str = ""
    # id and brackets of a combination of two lines (w:eastAsianLayout), by a blank
    combination: str = ""


class Styles:
    """Style part of a document. Formats are computed once and cached."""

    def __init__(self, package: Package) -> None:
        root = package.related(package.document, "styles")
        self._elements = {attribute(s, "styleId"): s for s in find_all(root, "w:style")}
        self._default = {
            attribute(s, "type"): attribute(s, "styleId")
            for s in find_all(root, "w:style")
            if attribute(s, "default") in ("1", "true", "on")
        }
        self.run_defaults = merge_element({}, child(root, "w:docDefaults/w:rPrDefault/w:rPr"))
        self.paragraph_defaults = merge_element({}, child(root, "w:docDefaults/w:pPrDefault/w:pPr"))
        # Pages writes an empty frame among the defaults; nothing is a frame by default
        self.paragraph_defaults.pop("framePr", None)
        self._theme = _theme_fonts(package.related(package.document, "theme"))
        self._chains: dict[tuple[str, str], Properties] = {}
        self._paragraphs: dict[tuple[str, str, str], Properties] = {}
        self._runs: dict[tuple[str, str, str], RunFormat] = {}
        self._last: tuple[Element | None, str] = (None, "")

    def style_chain(self, style: str, kind: str) -> list[Element]:
        """Return a style and those it is based on, the base first.

        ``kind`` keeps the styles that have this child, such as ``pPr``; empty keeps all.
        """
        chain: list[Element] = []
        while style in self._elements and len(chain) < _DEEPEST_CHAIN:
            element = self._elements[style]
            if element in chain:
                break
            chain.append(element)
            style = value_at(element, "w:basedOn")
        return [e for e in reversed(chain) if kind == "" or child(e, f"w:{kind}") is not None]

    def style_properties(self, style: str, kind: str) -> Properties:
        """Return ``pPr`` or ``rPr`` of a style chain, without document defaults."""
        key = (style, kind)
        if key not in self._chains:
            result: Properties = {}
            for element in self.style_chain(style, kind):
                result = merge_element(result, child(element, f"w:{kind}"))
            self._chains[key] = result
        return self._chains[key]

    def default_style(self, kind: str) -> str:
        return self._default.get(kind, "")

    def paragraph_style_id(self, element: Element | None) -> str:
        return value_at(element, "w:pStyle") or self.default_style("paragraph")

    def paragraph_properties(
        self, element: Element | None, between: Properties, table: Properties
    ) -> Properties:
        """Return the properties of a ``w:pPr``.

        ``between`` (from numbering) is below them, ``table`` (from the table style) below the paragraph style.
        Equal ones are one object, which must not change.
        """
        # paragraphs repeat a few formats many times; their XML is the key
        key = (self._text_of(element), repr(between) if between else "", repr(table) if table else "")
        if key not in self._paragraphs:
            style = self.paragraph_style_id(element)
            base = merge_properties(
                merge_properties(self.paragraph_defaults, table), self.style_properties(style, "pPr")
            )
            self._paragraphs[key] = merge_element(merge_properties(base, between), element)
        return self._paragraphs[key]

    def _text_of(self, element: Element | None) -> str:
        """Return an element as XML; the last one is asked for several times."""
        if element is not self._last[0]:
            self._last = element, xml_text(element)
        return self._last[1]

    def run_format(
        self, style: str, element: Element | None, table: Properties | None = None, link: str = ""
    ) -> RunFormat:
        # runs repeat a few formats many times; their XML is the key
        key = (style, xml_text(element), link + repr(table) if table or link else "")
        if key not in self._runs:
            properties = merge_properties(self.run_defaults, table or {})
            properties = merge_properties(properties, self.style_properties(style, "rPr"))
            named = value_at(element, "w:rStyle")
            if named:
                properties = merge_properties(properties, self.style_properties(named, "rPr"))
            self._runs[key] = self._format(merge_element(properties, element), link)
        return self._runs[key]

    def label_format(self, run: RunFormat, element: Element | None) -> RunFormat:
        """Return the format of a list number: ``run`` changed by its level."""
        if element is None:
            return run
        return self._format(merge_properties(_as_properties(run), merge_element({}, element)), "")

    def _format(self, properties: Properties, link: str) -> RunFormat:
        fonts = properties.get("rFonts", {})
        nominal = number(property_value(properties, "sz"), 20) / 2 or 10
        vertical = property_value(properties, "vertAlign")
        rise = {"superscript": nominal * 0.33, "subscript": -nominal * 0.1}.get(vertical, 0.0)
        underline = property_value(properties, "u", default="none") if "u" in properties else "none"
        latin = self._font(fonts, ("ascii", "hAnsi"), _LATIN_DEFAULT)
        named = (latin, fonts.get("hAnsi", ""), fonts.get("eastAsia", ""))
        return RunFormat(
            east_font=self._font(fonts, ("eastAsia",), _EAST_DEFAULT),
            latin_font=latin,
            size=nominal * (_SMALL if vertical in ("superscript", "subscript") else 1.0),
            nominal_size=nominal,
            bold=is_on(properties, "b"),
            italic=is_on(properties, "i"),
            underline="" if underline == "none" else underline,
            strike=is_on(properties, "strike") or is_on(properties, "dstrike"),
            color=_color(property_value(properties, "color")),
            background=_background(properties),
            spacing=points(property_value(properties, "spacing")),
            scale=min(6.0, max(0.1, number(property_value(properties, "w"), 100) / 100)),
            rise=rise + number(property_value(properties, "position")) / 2,
            hidden=is_on(properties, "vanish"),
            capitals=is_on(properties, "caps"),
            east_hint=fonts.get("hint") == "eastAsia",
            link=link,
            kerning=_is_kerned(properties, nominal),
            latin_language_is_east_asian=property_value(properties, "lang")
            .lower()
            .startswith(_EAST_LANGUAGES),
            east_language_is_western=not property_value(properties, "lang", "eastAsia", "zh")
            .lower()
            .startswith(_EAST_LANGUAGES),
            fit_width=points(property_value(properties, "fitText")),
            fit_group=property_value(properties, "fitText", "id"),
            symbol_font=next((name for name in named if is_symbol_font(name)), ""),
            symbols_only=is_symbol_font(latin),
            emphasis=_emphasis(properties),
            border=_run_border(properties.get("bdr", {})),
            combination=_combination(properties.get("eastAsianLayout", {})),
        )

    def _font(self, fonts: dict[str, str], keys: tuple[str, ...], default: str) -> str:
        for key in keys:
            theme = fonts.get(key + "Theme")
            if theme and self._theme.get(theme):
                return self._theme[theme]
            if fonts.get(key):
                return fonts[key]
        return default


def without_symbol_font(run: RunFormat) -> RunFormat:
    """Return the format for characters that text fonts draw."""
    east = "宋体" if is_symbol_font(run.east_font) else run.east_font
    return replace(run, latin_font=east, east_font=east, symbol_font="", symbols_only=False)


def _is_kerned(properties: Properties, size: float) -> bool:
    # w:kern is the smallest size, in half points, whose letter pairs are kerned; 0 is none
    least = number(property_value(properties, "kern")) / 2
    return 0 < least <= size


def _emphasis(properties: Properties) -> str:
    kind = property_value(properties, "em", default="none") if "em" in properties else "none"
    if kind == "none":
        return ""
    # Word sets the dots of Japanese text above it, those of Chinese below
    is_japanese = property_value(properties, "lang", "eastAsia").lower().startswith("ja")
    place = "below" if kind == "underDot" or (kind == "dot" and not is_japanese) else "above"
    return f"{place} circle" if kind == "circle" else place


def _run_border(edge: Attributes) -> str:
    if edge.get("val", "none") in ("none", "nil"):
        return ""
    kind = edge["val"]
    style = (
        "double"
        if kind == "double"
        else "dotted"
        if kind == "dotted"
        else "dashed"
        if "ash" in kind
        else "solid"
    )
    width = max(0.25, number(edge.get("sz"), 4) / 8) * (3 if kind == "double" else 1)
    return f"{width:g}pt {style} #{hex_color(edge.get('color', ''))}"


def _combination(attributes: Attributes) -> str:
    if not switched_on(attributes.get("combine", "0")):
        return ""
    return f"{attributes.get('id', '0')} {attributes.get('combineBrackets', 'none')}"


_HIGHLIGHTS = {
    "yellow": "FFFF00", "green": "00FF00", "cyan": "00FFFF", "magenta": "FF00FF", "blue": "0000FF", "red": "FF0000",
    "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000",
    "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0", "black": "000000",
}  # fmt: skip


def _color(text: str) -> str:
    return text.upper() if len(text) == 6 and all(c in "0123456789abcdefABCDEF" for c in text) else ""


def hex_color(text: str, default: str = "000000") -> str:
    """Return a colour as six hex digits.

    Automatic and invalid colours give the default.
    """
    return _color(text) or default


def _background(properties: Properties) -> str:
    marked = _HIGHLIGHTS.get(property_value(properties, "highlight"), "")
    shade = _color(property_value(properties, "shd", "fill"))
    return marked or ("" if shade == "FFFFFF" else shade)


def _as_properties(run: RunFormat) -> Properties:
    fonts = {"eastAsia": run.east_font, "ascii": run.latin_font, "hAnsi": run.latin_font}
    properties: Properties = {"rFonts": fonts, "sz": {"val": str(run.nominal_size * 2)}}
    for name, is_set in (("b", run.bold), ("i", run.italic), ("strike", run.strike)):
        properties[name] = {"val": "1" if is_set else "0"}
    properties["spacing"] = {"val": str(run.spacing * 20)}
    properties["w"] = {"val": str(run.scale * 100)}
    properties["color"] = {"val": run.color}
    return properties


def _theme_fonts(theme: Element | None) -> dict[str, str]:
    """Return theme font names such as ``minorEastAsia`` → font."""
    fonts: dict[str, str] = {}
    for group in ("major", "minor"):
        scheme = child(theme, f"a:themeElements/a:fontScheme/a:{group}Font")
        faces = {name: e.get("typeface", "") for name, e in children(scheme) if name in ("latin", "ea")}
        scripts = {e.get("script"): e.get("typeface", "") for name, e in children(scheme) if name == "font"}
        fonts[f"{group}Ascii"] = fonts[f"{group}HAnsi"] = faces.get("latin", "")
        # an empty East Asian entry means the font for simplified Chinese
        fonts[f"{group}EastAsia"] = faces.get("ea", "") or scripts.get("Hans", "")
    return fonts
