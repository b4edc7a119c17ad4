"""The few declarations that a run of text may carry, read once per class; whatever else a class says, the page engine sets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.docxpdf.html_tree import Node

PX = 4 / 3
"""CSS pixels in a point."""
EMBOLDEN_EM = 0.028
"""Width of the stroke that thickens a face without a bold cut, in em."""
_LENGTH = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?pt")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_DECORATION = re.compile(r"underline (solid|dashed|dotted|double|wavy)")
_BLOCKS = frozenset({"div", "p", "table", "col", "tr", "td"})
_RULE = re.compile(r"^\.(\w+)\{([^{}]*)\}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunStyle:
    """How a run looks. Lengths in CSS pixels."""

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
    """Declarations by name, None where one is written twice."""
    found: dict[str, str] = {}
    for declaration in css.split(";"):
        name, colon, value = declaration.partition(":")
        if not colon:
            if declaration.strip():
                return None
            continue
        if name in found:
            return None
        found[name] = value
    return found


def parse_length(text: str) -> float | None:
    """A length in points as CSS pixels; None for anything else."""
    if text == "0":
        return 0.0
    return float(text[:-2]) * PX if _LENGTH.fullmatch(text) else None


def class_rules(style: str) -> dict[str, str]:
    """The declarations of each rule for one class."""
    return dict(_RULE.findall(style))


def parse_run_style(css: str) -> RunStyle | None:
    """What a class declares; None where it asks for more than a run here can carry."""
    found = parse_declarations(css)
    if found is None:
        return None
    family = found.pop("font-family", "")
    if len(family) < 3 or family[0] != '"' or family[-1] != '"':
        return None
    reading = _DeclarationReader(found)
    underline = reading.underline()
    ink = RunStyle(
        family[1:-1],
        reading.length("font-size"),
        bold=reading.bold(),
        color=reading.color(),
        rise=reading.rise(),
        spacing=reading.length("letter-spacing"),
        underline=underline,
        thickness=reading.length("text-decoration-thickness") if underline else 0.0,
        underline_offset=reading.length("text-underline-offset") if underline else 0.0,
        kerned=found.get("font-kerning") == "normal",
    )
    kerning = found.pop("font-kerning", "none")
    # a face in italics has a family of its own
    if found.pop("font-style", "italic") != "italic":
        return None
    if kerning not in ("none", "normal"):
        return None
    return ink if ink.size > 0 and reading.is_valid and not found else None


class _DeclarationReader:
    """Takes known declarations out of a set; ``understood`` says whether all their values were."""

    def __init__(self, found: dict[str, str]) -> None:
        self._found = found
        self.is_valid = True

    def length(self, name: str) -> float:
        text = self._found.pop(name, "0")
        value = parse_length(text)
        self.is_valid &= value is not None
        return value or 0.0

    def bold(self) -> bool:
        text = self._found.pop("font-weight", "400")
        self.is_valid &= text in ("400", "700")
        return text == "700"

    def color(self) -> str:
        text = self._found.pop("color", "")
        self.is_valid &= not text or bool(_COLOR.fullmatch(text))
        return text

    def rise(self) -> float:
        if self._found.pop("position", "relative") != "relative":
            self.is_valid = False
        return -self.length("top")

    def underline(self) -> str:
        text = self._found.pop("text-decoration", "")
        if not text:
            return ""
        found = _DECORATION.fullmatch(text)
        self.is_valid &= found is not None and "text-decoration-thickness" in self._found
        return found.group(1) if found else ""


def merge_equal_styles(root: Node, style: str) -> str:
    """Write each style attribute of blocks as a class, once for all blocks that have the same. The classes are answered.

    The page engine computes a class once; what stands in an attribute it computes for every element again.
    """
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
