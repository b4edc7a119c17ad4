"""CSS declarations of text runs, as far as placed lines support them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.docxpdf.html_tree import Node

PX = 4 / 3  # CSS pixels per point
_LENGTH = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?pt")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_DECORATION = re.compile(r"underline (solid|dashed|dotted|double|wavy)")
_BLOCKS = frozenset({"div", "p", "table", "col", "tr", "td"})
_RULE = re.compile(r"^\.(\w+)\{([^{}]*)\}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunStyle:
    """Look of a run. Lengths in CSS pixels."""

    family: str
    size: float
    bold: bool = False
    color: str = ""
    rise: float = 0.0
    spacing: float = 0.0
    underline: str = ""
    thickness: float = 0.0
    underline_offset: float = 0.0
    kerned: bool = False


def parse_declarations(css: str) -> dict[str, str] | None:
    """Return declarations by name, or None if a name occurs twice."""
    declarations: dict[str, str] = {}
    for declaration in css.split(";"):
        name, colon, value = declaration.partition(":")
        if not colon:
            if declaration.strip():
                return None
            continue
        if name in declarations:
            return None
        declarations[name] = value
    return declarations


def parse_length(text: str) -> float | None:
    """Return a length in points as CSS pixels, or None for anything else."""
    if text == "0":
        return 0.0
    return float(text[:-2]) * PX if _LENGTH.fullmatch(text) else None


def class_rules(style: str) -> dict[str, str]:
    """Return the declarations of each rule that selects one class."""
    return dict(_RULE.findall(style))


def parse_run_style(css: str) -> RunStyle | None:
    """Return what a class declares, or None if placed lines do not support it."""
    declarations = parse_declarations(css)
    if declarations is None:
        return None
    family = declarations.pop("font-family", "")
    if len(family) < 3 or family[0] != '"' or family[-1] != '"':
        return None
    reader = _DeclarationReader(declarations)
    underline = reader.underline()
    style = RunStyle(
        family[1:-1],
        reader.length("font-size"),
        bold=reader.bold(),
        color=reader.color(),
        rise=reader.rise(),
        spacing=reader.length("letter-spacing"),
        underline=underline,
        thickness=reader.length("text-decoration-thickness") if underline else 0.0,
        underline_offset=reader.length("text-underline-offset") if underline else 0.0,
        kerned=declarations.get("font-kerning") == "normal",
    )
    kerning = declarations.pop("font-kerning", "none")
    # a face in italics has a family of its own
    if declarations.pop("font-style", "italic") != "italic":
        return None
    if kerning not in ("none", "normal"):
        return None
    return style if style.size > 0 and reader.is_valid and not declarations else None


class _DeclarationReader:
    """Takes declarations out of a set; `is_valid` until a value is not."""

    def __init__(self, declarations: dict[str, str]) -> None:
        self._declarations = declarations
        self.is_valid = True

    def length(self, name: str) -> float:
        text = self._declarations.pop(name, "0")
        value = parse_length(text)
        self.is_valid &= value is not None
        return value or 0.0

    def bold(self) -> bool:
        text = self._declarations.pop("font-weight", "400")
        self.is_valid &= text in ("400", "700")
        return text == "700"

    def color(self) -> str:
        text = self._declarations.pop("color", "")
        self.is_valid &= not text or bool(_COLOR.fullmatch(text))
        return text

    def rise(self) -> float:
        if self._declarations.pop("position", "relative") != "relative":
            self.is_valid = False
        return -self.length("top")

    def underline(self) -> str:
        text = self._declarations.pop("text-decoration", "")
        if not text:
            return ""
        match = _DECORATION.fullmatch(text)
        self.is_valid &= match is not None and "text-decoration-thickness" in self._declarations
        return match[1] if match else ""


def merge_equal_styles(root: Node, style: str) -> str:
    """Turn style attributes of blocks into shared classes. Return their rules."""
    classes = class_rules(style)
    names: dict[str, str] = {}
    for element in root.iter():
        css = element.get("style")
        name = element.get("class", "")
        if css and element.tag in _BLOCKS and (not name or name in classes):
            both = f"{classes[name]};{css}" if name else css
            del element.attrib["style"]
            element.set("class", names.setdefault(both, f"b{len(names)}"))
    return "\n".join(f".{name}{{{css}}}" for css, name in names.items())


def drop_unused_classes(root: Node, style: str) -> str:
    """Return the style sheet without classes that no element has."""
    used = {name for element in root.iter() for name in element.get("class", "").split()}
    lines = []
    for line in style.split("\n"):
        rule = _RULE.fullmatch(line)
        if not rule or rule[1] in used:
            lines.append(line)
    return "\n".join(lines)
