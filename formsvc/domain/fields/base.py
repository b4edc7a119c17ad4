"""Base class of field kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from formsvc.domain.expressions.shapes import ANY, Shape
from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.safe_regex import fullmatch
from formsvc.errors import Problem
from formsvc.i18n.messages import join_messages, msg

LARGEST_NUMBER = 10**30
RULE = "________"
# what a cell of a spreadsheet holds
CellValue = str | int | Decimal | date | datetime


class FieldKind(ABC):
    """One kind of field. A subclass parses one value; the rest has defaults.

    ``name`` is the word in definitions, ``title`` its Chinese name, ``properties`` those that only some kinds understand,
    ``EMPTY`` the normal form of no answer, ``computed_from`` the types of expressions that can fill it,
    ``may_be_personal`` and ``may_be_subject`` whether a definition may name it so. Where ``holds_answer`` is false, it only
    shows something on the page.
    """

    name: str = ""
    title: str = ""
    properties: frozenset[str] = frozenset()
    EMPTY: JSON = None
    # a template may show the answer by marks, such as a ticked box, instead of its words
    shown_by_marks: bool = False
    # which fields a template must print when their definition does not say
    printed_if: Literal["required", "always", "never"] = "required"
    computed_from: frozenset[str] = frozenset({"text"})
    holds_answer: bool = True
    may_be_personal: bool = False
    may_be_subject: bool = True
    # the value is a list of records of files
    holds_files: bool = False
    # what is printed in place of no answer on paper to be filled in by hand; "": nothing, or boxes to tick
    blank: str = RULE
    limit_name: str = ""
    limit_unit: str = ""

    def parse(self, field: Field, raw: JSON, path: str) -> tuple[JSON, list[Problem]]:
        """Return the normal form of an answer, and what is wrong with it."""
        if isinstance(raw, str):
            raw = raw.strip()
        if is_empty(raw):
            return self.empty(), []
        if field.also and raw in field.also:
            return raw, []
        try:
            return self.parse_value(field, raw), []
        except ValueError as refusal:
            return self.empty(), [
                Problem(path, msg("{label}：{refusal}", label=field.label, refusal=refusal))
            ]

    @abstractmethod
    def parse_value(self, field: Field, raw: JSON) -> JSON:
        """Return the normal form of one value.

        A value in normal form is returned unchanged. Raise ValueError with a Chinese sentence.
        """

    def empty(self) -> JSON:
        """Return the normal form of no answer, a new object each time."""
        return list(self.EMPTY) if isinstance(self.EMPTY, list) else self.EMPTY

    def size(self, value: JSON) -> float | None:
        """Return what ``min`` and ``max`` are compared with, or None."""
        return None

    def largest_size(self, field: Field) -> float | None:
        """Return the most that ``size`` can be, None if it has no size."""
        return None

    def check(self, field: Field, value: JSON, path: str) -> list[Problem]:
        """Check limits and pattern of a value in normal form."""
        if is_empty(value) or (field.also and value in field.also):
            return []
        return [
            Problem(path, sentence)
            for sentence in (*self._limit_problems(field, value), *self._pattern_problems(field, value))
        ]

    def _limit_problems(self, field: Field, value: JSON) -> list[str]:
        size = self.size(value)
        if size is None:
            return []
        subject, unit = join_messages(field.label, self.limit_name), field.unit or self.limit_unit
        if field.min is not None and size < field.min:
            return [
                msg(
                    "{said}不能少于{least}{unit}，现在是{size}{unit}。",
                    said=subject,
                    least=_format_number(field.min),
                    unit=unit,
                    size=_format_number(size),
                )
            ]
        if field.max is not None and size > field.max:
            return [
                msg(
                    "{said}不能超过{most}{unit}，现在是{size}{unit}。",
                    said=subject,
                    most=_format_number(field.max),
                    unit=unit,
                    size=_format_number(size),
                )
            ]
        return []

    def _pattern_problems(self, field: Field, value: JSON) -> list[str]:
        if field.pattern is None or not isinstance(value, str) or fullmatch(field.pattern, value):
            return []
        return [field.pattern_message or msg("{label}的格式不符合要求。", label=field.label)]

    def notice(self, field: Field, value: JSON) -> str:
        """Return what a reviewer must look at in a value, "" for nothing."""
        return ""

    def retained(self, field: Field, value: JSON) -> JSON:
        """Return what stays of a value that names no person by its kind."""
        return value

    def to_expression(self, field: Field, value: JSON) -> JSON:
        """Return the value that expressions see."""
        return value

    def shape(self, field: Field) -> Shape:
        """Return types and bounds of what expressions see; every kind has bounds.

        They are those of ``parse``, not the definition's ``min`` and ``max``: an answer beyond these is evaluated, too.
        """
        return ANY

    def parse_computed(self, field: Field, value: JSON, path: str) -> tuple[JSON, list[Problem]]:
        """Return a computed value in normal form, and what is wrong with it.

        Never raises: the value may be of any type and size.
        """
        try:
            return self.parse(field, self.from_expression(field, value), path)
        except ValueError as refusal:
            return self.empty(), [
                Problem(path, msg("{label}：{refusal}", label=field.label, refusal=refusal))
            ]
        except (TypeError, ArithmeticError, AttributeError, KeyError, RecursionError):
            sentence = msg("{label}：算出的内容不能作为{title}。", label=field.label, title=self.title)
            return self.empty(), [Problem(path, sentence)]

    def from_expression(self, field: Field, value: JSON) -> JSON:
        """Return what ``parse`` reads for a value that an expression gave."""
        return value

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        """Return what documents print: suffix of the key → plain JSON."""
        return {"": "" if value is None else str(value)}

    def words(self, field: Field, value: JSON) -> JSON:
        """Return the text, or list of texts, that a person reads on a page."""
        # a choice shows the option's name ("_name"), not the code stored; other kinds have one text
        texts = self.display(field, value)
        return texts.get("_name") or texts[""]

    def blank_for(self, suffix: str) -> str:
        """Return the blank for what ``display`` gives under a suffix."""
        return self.blank

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        """Return the number or day that a spreadsheet holds; None for text."""
        return None

    def suffixes(self, field: Field) -> tuple[str, ...]:
        """Return the suffixes of ``display``, to find keys that collide."""
        return ("",)

    def example(self, field: Field) -> JSON:
        """Return a valid value, for samples and test documents."""
        return field.example

    def trials(self, field: Field) -> list[JSON]:
        """Return normal forms to try expressions with: empty, usual, extreme."""
        return [self.empty(), self.example(field)]

    def schema(self, field: Field) -> dict[str, JSON]:
        """Return the JSON Schema of a value."""
        return {"type": "string"}

    def faults(self, field: Field) -> list[tuple[str, str]]:
        """Return faults of the field's own settings: (property, sentence)."""
        return []


def _format_number(number: float) -> str:
    """Return a number without an exponent: 20260918, 0.1."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def text_of(raw: JSON) -> str:
    """Return text or a number as text; 3.0 of a spreadsheet becomes "3".

    Raise ValueError for anything else.
    """
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        raise ValueError(msg("应填写文字。"))
    # Written with ``not`` so that NaN, which compares false, is refused as well.
    if not isinstance(raw, str) and not abs(raw) < LARGEST_NUMBER:
        raise ValueError(msg("数字过大，请核对。"))
    # Beyond 10¹⁵ a float no longer holds every digit.
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    return str(raw)
