"""Shapes: types of a value and how large it can be.

A shape is an upper bound: every value that an expression can meet fits the shape of its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from formsvc.domain.expressions.operators import type_name
from formsvc.domain.json_types import JSON
from formsvc.limits import process_limits

NUMBERS = frozenset({"int", "double"})
ANY_KINDS = frozenset({"null", "bool", "int", "double", "text", "list", "map"})


@dataclass(frozen=True)
class Shape:
    """Types, and bounds of texts and lists.

    ``kinds`` are CEL's types. ``most_characters`` are those of a text and ``most_elements`` those of a list (None:
    unknown, at most those of the largest field there is), ``element`` is the shape of the latter and ``members`` those
    of a map (None: unknown), ``words`` the only texts possible (None: any), ``format`` "date" or "datetime" for ISO
    text. ``subject`` is the label of a field, ``codes`` its options' codes by name.
    """

    kinds: frozenset[str] = ANY_KINDS
    most_characters: int | None = None
    most_elements: int | None = None
    element: Shape | None = None
    members: Mapping[str, Shape] | None = None
    words: frozenset[str] | None = None
    format: str = ""
    subject: str = ""
    codes: Mapping[str, str] | None = None

    @property
    def length(self) -> int:
        """The most characters of a text."""
        most = self.most_characters
        return process_limits().long_text_characters if most is None else most

    @property
    def count(self) -> int:
        """The most elements of a list."""
        return process_limits().table_rows if self.most_elements is None else self.most_elements

    @property
    def present_kinds(self) -> frozenset[str]:
        """The types other than null: no operator computes with null."""
        return self.kinds - {"null"}

    def is_only(self, kind: str) -> bool:
        return self.present_kinds == {kind}

    @property
    def element_shape(self) -> Shape:
        return self.element or ANY

    def weight(self) -> int:
        """Return the most values and characters inside, to be capped by use."""
        heaviest = 1
        if "text" in self.kinds:
            heaviest = max(heaviest, 1 + self.length // 10)
        if "list" in self.kinds and self.element is not None:
            heaviest = max(heaviest, 1 + self.count * self.element.weight())
        if "map" in self.kinds and self.members is not None:
            heaviest = max(heaviest, 1 + sum(member.weight() for member in self.members.values()))
        return heaviest


ANY = Shape()
BOOL = Shape(frozenset({"bool"}))
INT = Shape(frozenset({"int"}))
DOUBLE = Shape(frozenset({"double"}))
NULL = Shape(frozenset({"null"}))
NUMBER = Shape(NUMBERS)


def text(length: int, *, words: Iterable[str] | None = None, format: str = "", empty: bool = False) -> Shape:
    """Return the shape of a text; ``empty``: or of no answer."""
    kinds = frozenset({"text", "null"} if empty else {"text"})
    return Shape(kinds, length, words=None if words is None else frozenset(words), format=format)


DAY = text(10, format="date")


def list_of(element: Shape, count: int) -> Shape:
    return Shape(frozenset({"list"}), most_elements=count, element=element)


def map_of(members: Mapping[str, Shape]) -> Shape:
    return Shape(frozenset({"map"}), members=members)


def optional(shape: Shape) -> Shape:
    """Return the shape of a value that may be empty."""
    return replace(shape, kinds=shape.kinds | {"null"})


def union(one: Shape, other: Shape) -> Shape:
    """Return the shape of a value that is either of two."""
    # what is no text says nothing about the words, what is no list nothing about the elements
    one_text, other_text = "text" in one.kinds, "text" in other.kinds
    words = _union_words(one, other) if one_text and other_text else (one if one_text else other).words
    format_ = one.format if one.format == other.format else ""
    if one_text != other_text:
        format_ = (one if one_text else other).format
    return Shape(
        one.kinds | other.kinds,
        max(one.length if one_text else 0, other.length if other_text else 0),
        max(one.count if "list" in one.kinds else 0, other.count if "list" in other.kinds else 0),
        _union_elements(one, other),
        _union_members(one, other),
        words,
        format_,
    )


def _union_words(one: Shape, other: Shape) -> frozenset[str] | None:
    return None if one.words is None or other.words is None else one.words | other.words


def _union_elements(one: Shape, other: Shape) -> Shape | None:
    lists = [shape for shape in (one, other) if "list" in shape.kinds]
    if not lists or any(shape.element is None for shape in lists):
        return None
    return reduce(union, (shape.element_shape for shape in lists))


def _union_members(one: Shape, other: Shape) -> Mapping[str, Shape] | None:
    maps = [shape for shape in (one, other) if "map" in shape.kinds]
    if not maps or any(shape.members is None for shape in maps):
        return None
    merged: dict[str, Shape] = {}
    for shape in maps:
        for key, member in (shape.members or {}).items():
            merged[key] = union(merged[key], member) if key in merged else member
    return merged


def union_of(shapes: Iterable[Shape]) -> Shape:
    """Return the shape of a value that is one of several; NULL for none."""
    known = list(shapes)
    # in pairs: one after the other, the words so far would be copied for each entry of a long list
    while len(known) > 1:
        known = [reduce(union, known[at : at + 2]) for at in range(0, len(known), 2)]
    return known[0] if known else NULL


def shape_of(value: JSON) -> Shape:
    """Return the shape of one known value."""
    match type_name(value):
        case "text":
            return text(len(value), words=(value,))
        case "list":
            return list_of(union_of(shape_of(item) for item in value), len(value))
        case "map":
            return map_of({str(key): shape_of(item) for key, item in value.items()})
    return Shape(frozenset({type_name(value)}))


def joined_text(left: Shape, right: Shape) -> Shape:
    """Return the shape of two texts one after the other."""
    return text(left.length + right.length)
