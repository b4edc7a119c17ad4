"""HTML handed to the page engine: elements, style sheet, images, warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias
from xml.etree import ElementTree

from formsvc.i18n.messages import join_messages, msg

Node: TypeAlias = ElementTree.Element

IMAGE_SCHEME = "formsvc-picture"
# characters of a text that a warning quotes
_QUOTED = 12
SVG = "{http://www.w3.org/2000/svg}"


# a document repeats few lengths many thousand times
@lru_cache(maxsize=4096)
def css_number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    # -0.0001 rounds to -0
    return "0" if text in ("-0", "") else text


def pt(value: float) -> str:
    return css_number(value) + "pt"


def node(tag: str, *content: Node, text: str = "", **attributes: str) -> Node:
    """Return an element; ``class_`` gives the attribute ``class``."""
    element = ElementTree.Element(tag, {k.rstrip("_"): v for k, v in attributes.items() if v})
    if text:
        element.text = text
    element.extend(content)
    return element


class Stylesheet:
    """CSS rules, and classes for sets of declarations."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}
        self.rules: list[str] = []

    def class_name(self, declarations: str) -> str:
        """Return the class of these declarations; equal ones share it."""
        return self._classes.setdefault(declarations, f"c{len(self._classes)}")

    def css(self) -> str:
        return "\n".join((*self.rules, *(f".{name}{{{css}}}" for css, name in self._classes.items())))


@dataclass
class WarningLog:
    """Warnings with their position in the document, each one once."""

    warnings: list[str] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)
    # those of the warnings that name text a box of fixed size has no room for
    cut: list[str] = field(default_factory=list)
    _place: list[str | Callable[[], str]] = field(default_factory=list)
    _given: set[str] = field(default_factory=set)

    def push(self, place: str | Callable[[], str]) -> None:
        """Begin a position, such as a table; warnings name it until ``pop``.

        A function is called only if there is something to warn of: most positions have nothing.
        """
        self._place.append(place)

    def pop(self) -> None:
        self._place.pop()

    def warn(self, sentence: str, *, once: bool = False) -> None:
        """Add a warning at the present position.

        ``once`` drops it if it was given anywhere before.
        """
        if once and sentence in self._given:
            return
        self._given.add(sentence)
        self._add(self._located(sentence))

    def warn_of_cut(self, sentence: str) -> None:
        """Add a warning of text that has no room at the present position."""
        text = self._located(sentence)
        self._add(text)
        if text not in self.cut:
            self.cut.append(text)

    def _located(self, sentence: str) -> str:
        if not self._place:
            return sentence
        places = (place if isinstance(place, str) else place() for place in self._place)
        return msg("{place}：{sentence}", place=join_messages(*places, separator=" "), sentence=sentence)

    def _add(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


@dataclass(frozen=True)
class EmbeddedImage:
    """An image of the document under the address the page engine asks for."""

    content: bytes
    mime: str


@dataclass(frozen=True)
class HtmlDocument:
    """A document for the page engine."""

    root: Node
    style: str
    pictures: dict[str, EmbeddedImage]
    warnings: tuple[str, ...]
    text: str
    # characters that no font has
    missing: tuple[str, ...] = ()
    # those of the warnings that name text a box of fixed size has no room for
    cut: tuple[str, ...] = ()


def quote_beginning(texts: Iterable[str]) -> str:
    """Return the first words of some texts in quotes."""
    words = "".join("".join(texts).split())
    return f"“{words[:_QUOTED]}…”" if len(words) > _QUOTED else f"“{words}”"


def join_css(parts: Iterable[str]) -> str:
    return ";".join(p for p in parts if p)


def css_string(text: str) -> str:
    """Return the text without what could end a CSS string in double quotes."""
    return "".join(c for c in text if c.isalnum() or c in " -_.+")
