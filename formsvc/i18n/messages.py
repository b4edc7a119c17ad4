"""Sentences the program says: Chinese text that still knows its pattern, so that a catalogue can say it otherwise.

Every layer below the pages says its sentences with :func:`msg`. The result *is* the Chinese text and may be
stored, compared and printed as such; where a person reads another language, the edge (page, command line, API)
asks :func:`translated` for it. Only the standard library is used, so that the trade may use it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

Lookup = Callable[[str], str]
"""From a pattern to its translation; the pattern itself where there is none (as ``gettext`` does)."""

Plain = str | dict[str, Any]
NOTHING: Mapping[str, object] = MappingProxyType({})
CONTEXT_MARK = "\x04"
"""Between context and text in a catalogue, as ``gettext`` keeps them."""
EVERY_FORM = "form"
"""The context of what form definitions say; a form's id is the context of what only that form says so."""
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_NUMBERED = re.compile(r"\{(\w+)\|([^{}|]*)\|([^{}|]*)\}")


class Message(str):
    """A Chinese text with the pattern and the values it was made of."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, object]

    def __new__(cls, pattern: str, values: Mapping[str, object] = NOTHING) -> Message:
        """Fill ``{name}`` in the pattern; without values the pattern is the text, braces and all."""
        message = super().__new__(cls, pattern.format_map(values) if values else pattern)
        message.pattern, message.values = pattern, values
        return message

    def __str__(self) -> str:
        """Itself: ``str(error)`` and ``str(place)`` keep the pattern."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pattern, dict(self.values))


class MessageList(Message):
    """Several sentences after one another, each of which is translated for itself."""

    __slots__ = ("parts", "separator")

    parts: tuple[str, ...]
    separator: str

    def __new__(cls, parts: tuple[str, ...], separator: str = "") -> MessageList:
        """Join the parts that are not empty."""
        said = tuple(part for part in parts if part)
        made = str.__new__(cls, separator.join(said))
        made.pattern, made.values = str.__str__(made), NOTHING
        made.parts, made.separator = said, separator
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.parts, self.separator)


class DefinitionText(Message):
    """A text of a form definition. It is data, and yet catalogues can say it otherwise, even for one form."""

    __slots__ = ("form",)

    form: str

    def __new__(cls, form: str, text: str, values: Mapping[str, object] = NOTHING) -> DefinitionText:
        """``values`` are what stands in the text for each expression in braces."""
        made = str.__new__(cls, _put_in(text, values))
        made.pattern, made.values, made.form = str.__str__(text), values, form
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.form, self.pattern, dict(self.values))

    def translated(self, lookup: Lookup) -> str:
        """As the catalogue says it for this form, else for all forms, else as the definition says it."""
        keys = (f"{context}{CONTEXT_MARK}{self.pattern}" for context in (self.form, EVERY_FORM))
        told = next((told for key in keys if (told := lookup(key)) != key), self.pattern)
        return _put_in(told, _translated_values(self.values, lookup))


def _put_in(text: str, values: Mapping[str, object]) -> str:
    if not values:
        return text
    return _IN_BRACES.sub(lambda found: str(values.get(found[1], found[0])), text)


def msg(pattern: str, /, **values: object) -> Message:
    """A sentence for people: ``msg("“{label}”没有填写。", label=field.label)``.

    ``pattern`` must be a literal, so that ``make texts`` finds it. Values that are sentences themselves are
    translated with it.
    """
    return Message(pattern, {name: _kept(value) for name, value in values.items()})


def _kept(value: object) -> object:
    """A value without what hangs on it: errors, paths and places as their text."""
    return value if isinstance(value, str | int | float) else str(value)


def join_messages(*parts: str, separator: str = "") -> MessageList:
    """Sentences after one another (what is wrong, then what to do); empty ones are left out."""
    return MessageList(parts, separator)


def format_list(things: Iterable[str]) -> MessageList:
    """Things one after another, with the mark of the language between them."""
    return MessageList(tuple(things), msg("、"))


def quote_characters(characters: Iterable[str]) -> str:
    """Return characters in quotes, each with its code point: one that no font has shows as a box on the screen too."""
    return "、".join(f"“{char}”（U+{ord(char):04X}）" for char in characters)


def to_json(text: str) -> Plain:
    """A text as plain JSON, for another program; :func:`from_plain` reads it."""
    if isinstance(text, MessageList):
        return {"parts": [to_json(part) for part in text.parts], "separator": text.separator}
    if not isinstance(text, Message):
        return text
    if isinstance(text, DefinitionText):
        return {"form": text.form, "say": text.pattern, "values": dict(text.values)}
    values = {name: to_json(v) if isinstance(v, str) else v for name, v in text.values.items()}
    return {"say": text.pattern, "values": values}


def from_json(plain: Plain) -> str:
    """The text that :func:`to_plain` wrote."""
    if isinstance(plain, str):
        return plain
    if "parts" in plain:
        return MessageList(tuple(from_json(part) for part in plain["parts"]), plain["separator"])
    if "form" in plain:
        return DefinitionText(plain["form"], plain["say"], plain["values"])
    read = {name: from_json(v) if isinstance(v, str | dict) else v for name, v in plain["values"].items()}
    return Message(plain["say"], read)


def translate(text: str, lookup: Lookup) -> str:
    """A text in the language of ``lookup``; what was not made by :func:`msg` is returned as it is."""
    if isinstance(text, MessageList):
        return _joined([translate(part, lookup) for part in text.parts], text.separator, lookup)
    if isinstance(text, DefinitionText):
        return text.translated(lookup)
    if not isinstance(text, Message):
        return text
    pattern = lookup(text.pattern) if text.pattern else ""
    if not text.values:
        return pattern
    return select_plural(pattern, text.values).format_map(_translated_values(text.values, lookup))


def _translated_values(values: Mapping[str, object], lookup: Lookup) -> dict[str, object]:
    return {
        name: translate(value, lookup) if isinstance(value, str) else value for name, value in values.items()
    }


def select_plural(pattern: str, values: Mapping[str, object]) -> str:
    """Choose between the forms of ``{n|day|days}``: the first stands for one, the second for any other number.

    Chinese has no such forms, so patterns in the source never do; a translation may write them for each count.
    """
    return _NUMBERED.sub(lambda found: found[2] if str(values.get(found[1])) == "1" else found[3], pattern)


def _joined(parts: list[str], separator: str, lookup: Lookup) -> str:
    """Chinese marks carry their own space; after a Western full stop one is wanted."""
    if separator:
        return lookup(separator).join(parts)
    text = ""
    for part in parts:
        gap = " " if text and text[-1].isascii() and not text[-1].isspace() else ""
        text += gap + part
    return text
