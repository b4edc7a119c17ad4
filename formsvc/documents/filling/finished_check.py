"""Check of a filled document before it gets a number.

Each answer that must be printed is there, and no placeholder that the template brought along is left. What a clerk typed
is printed as typed and never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape, unescape

from formsvc.documents.templates.docx_file import WordFile
from formsvc.documents.templates.foreign_tags import find_placeholders
from formsvc.documents.templates.tag_lexis import NO_NAMES
from formsvc.documents.templates.tags import read_paragraphs
from formsvc.docxpdf.opc.xml import strip_control_characters
from formsvc.domain.json_types import JSON
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

Answers = Mapping[str, Sequence[JSON]]
_MARKUP = re.compile(r"<[^>]*>")
_NAME = re.compile(r"[a-z]\w*", re.ASCII)
_AS_IT_IS = re.compile(r"[a-z]\w*(?: ?\| ?(?:default|trim|joined|join)(?:\([^()]*\))?)*", re.ASCII)
_REBINDING = re.compile(r"(?:set|call|macro|with|filter)\b")
_BLANK = re.compile(r"\s+")
# written by number where Jinja escapes, by name elsewhere
_QUOTES = {"&#39;": "'", "&#34;": '"', "&apos;": "'", "&quot;": '"'}
# a single figure is on every page
_SHORTEST_CELL = 2
_SHOWN = 20


@dataclass(frozen=True)
class LeftPlaceholder:
    """A placeholder in the words of a template, with its place."""

    place: str
    source: str


def left_placeholders(word: WordFile) -> tuple[LeftPlaceholder, ...]:
    """Return the placeholders among the words of a template."""
    return tuple(
        LeftPlaceholder(str(paragraph.place), found.source)
        for paragraph in read_paragraphs(word)
        for found in find_placeholders(paragraph.scan.plain, NO_NAMES)
        if found.is_certain
    )


def reworded_names(word: WordFile) -> frozenset[str]:
    """Return the names that a template may print in other words.

    By a filter, a slice, a variable or a macro of its own.
    """
    tags = (tag for paragraph in read_paragraphs(word) for tag in paragraph.tags)
    return frozenset(
        name
        for tag in tags
        if (tag.kind == "{" and not _AS_IT_IS.fullmatch(tag.inner)) or _REBINDING.match(tag.inner)
        for name in _NAME.findall(tag.inner)
    )


class FinishedDocument:
    """Text of a filled document."""

    def __init__(self, parts: Iterable[str], filtered_names: Iterable[str]) -> None:
        self._parts = list(parts)
        self._filtered = frozenset(filtered_names)

    @cached_property
    def _text(self) -> str:
        plain = "".join(_MARKUP.sub("", part) for part in self._parts)
        return _BLANK.sub("", unescape(plain, _QUOTES))

    def check(self, answers: Answers, context: Mapping[str, Any], left: Iterable[LeftPlaceholder]) -> None:
        """Raise RenderingFailed if something is missing or left over."""
        for placeholder in left:
            if self._shows(placeholder.source):
                raise RenderingFailed(
                    msg(
                        "Word 模板里的“{source}”没有填上（{place}），没有编号。",
                        source=placeholder.source,
                        place=placeholder.place,
                    ),
                    msg("请管理员在 Word 中改成“{{ 字段名 }}”。"),
                )
        for label, values in answers.items():
            shown = [value for value in values if value not in ("", None, [])]
            if shown and not any(self._shows_value(value) for value in shown):
                self._refuse_missing(label, shown, context)

    def _refuse_missing(self, label: str, values: list[JSON], context: Mapping[str, Any]) -> None:
        # a filter may print it in other words
        if any(context.get(name) in values for name in self._filtered):
            return
        first = values[0] if isinstance(values[0], str) else ""
        raise RenderingFailed(
            msg("文书上没有印出{label}“{value}”，没有编号。", label=label, value=first[:_SHOWN])
            if first
            else msg("文书上没有印出{label}，没有编号。", label=label),
            msg("请管理员检查模板里印它的地方和那里的条件。"),
        )

    def _shows_value(self, value: JSON) -> bool:
        if isinstance(value, bool):
            return True  # printed as a mark or in words of the template
        if isinstance(value, Mapping):
            cells = [cell for cell in _texts_of(value) if len(cell) >= _SHORTEST_CELL]
            return not cells or any(self._shows(cell) for cell in cells)
        if isinstance(value, list | tuple):
            return all(self._shows_value(item) for item in value)
        return self._shows(str(value))

    def _shows(self, value: str) -> bool:
        written = escape(value)
        if any(written in part for part in self._parts):
            return True
        # line ends and tabs are elements of their own
        return _BLANK.sub("", strip_control_characters(value)) in self._text


def _texts_of(row: Mapping[str, JSON]) -> Iterator[str]:
    for cell in row.values():
        if isinstance(cell, str):
            yield cell
        elif isinstance(cell, list):
            yield from (item for item in cell if isinstance(item, str))
