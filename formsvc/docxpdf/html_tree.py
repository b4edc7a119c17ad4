"""The markup handed to the page engine: an element tree, a sheet of classes, the pictures, what could not be placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias
from xml.etree import ElementTree

from formsvc.i18n.messages import join_messages, msg

Node: TypeAlias = ElementTree.Element

IMAGE_SCHEME = "formsvc-picture"
SVG = "{http://www.w3.org/2000/svg}"


@lru_cache(maxsize=4096)
def css_number(value: float) -> str:
    """A number for CSS with three decimals at most."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def pt(value: float) -> str:
    """A length in points for CSS."""
    return css_number(value) + "pt"


def node(tag: str, *content: Node, text: str = "", **attributes: str) -> Node:
    """An element; ``class_`` stands for ``class``."""
    made = ElementTree.Element(tag, {k.rstrip("_"): v for k, v in attributes.items() if v})
    if text:
        made.text = text
    made.extend(content)
    return made


class Stylesheet:
    """Class names for declarations, each declaration once."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}
        self.rules: list[str] = []

    def class_name(self, declarations: str) -> str:
        """The class that carries these declarations."""
        return self._classes.setdefault(declarations, f"c{len(self._classes)}")

    def css(self) -> str:
        """All rules as one style sheet."""
        return "\n".join((*self.rules, *(f".{name}{{{css}}}" for css, name in self._classes.items())))


@dataclass
class WarningLog:
    """What could not be placed, each thing once, with its place in words."""

    warnings: list[str] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)
    _place: list[str] = field(default_factory=list)
    _met: set[str] = field(default_factory=set)

    def push(self, place: str) -> None:
        """From here on, things are noted under this place."""
        self._place.append(place)

    def pop(self) -> None:
        """Back to the place before."""
        self._place.pop()

    def warn(self, sentence: str, *, once: bool = False) -> None:
        """Note a thing at the present place; ``once``: only where it is met first."""
        if once and sentence in self._met:
            return
        self._met.add(sentence)
        text = (
            msg("{place}：{sentence}", place=join_messages(*self._place, separator=" "), sentence=sentence)
            if self._place
            else sentence
        )
        if text not in self.warnings:
            self.warnings.append(text)


@dataclass(frozen=True)
class EmbeddedImage:
    """A picture of the document as the page engine asks for it."""

    content: bytes
    mime: str


@dataclass(frozen=True)
class HtmlDocument:
    """A whole document for the page engine."""

    root: Node
    style: str
    pictures: dict[str, EmbeddedImage]
    warnings: tuple[str, ...]
    text: str
    missing: tuple[str, ...] = ()
    """Characters that no font has, each once."""


def join_css(parts: Iterable[str]) -> str:
    """Declarations as one string."""
    return ";".join(p for p in parts if p)


def css_string(text: str) -> str:
    """A text safe between double quotes in CSS."""
    return "".join(c for c in text if c.isalnum() or c in " -_.+")
