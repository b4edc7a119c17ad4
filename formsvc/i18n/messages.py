"""Translatable messages: Chinese text that keeps its pattern and values.

Every layer below the pages creates its messages with :func:`msg`. A message *is* its Chinese
text and can be stored, compared and printed as such; page, command line and API translate it
with :func:`translate` for a reader of another language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

# Standard library only: the domain uses this module, and set-up runs before anything is installed.

# maps a pattern to its translation, or to itself without one
Lookup = Callable[[str], str]
JSONText = str | dict[str, Any]
NO_VALUES: Mapping[str, object] = MappingProxyType({})
# between context and text in a key, as gettext has it
CONTEXT_SEPARATOR = "\x04"
# context of the texts of form definitions; a form's id is the context of what only that form translates so
FORM_CONTEXT = "form"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLURAL = re.compile(r"\{(\w+)\|([^{}|]*)\|([^{}|]*)\}")


class Message(str):
    """Chinese text with the pattern and the values it was made from."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, object]

    def __new__(cls, pattern: str, values: Mapping[str, object] = NO_VALUES) -> Message:
        # without values the pattern is the text, braces and all
        message = super().__new__(cls, pattern.format_map(values) if values else pattern)
        message.pattern, message.values = pattern, values
        return message

    def __str__(self) -> str:
        # str() of a subclass makes a plain string: str(error) would lose the pattern
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pattern, dict(self.values))


class MessageList(Message):
    """Messages one after another, each of which is translated separately."""

    __slots__ = ("parts", "separator")

    parts: tuple[str, ...]
    separator: str

    def __new__(cls, parts: tuple[str, ...], separator: str = "") -> MessageList:
        """Join the parts that are not empty."""
        parts = tuple(part for part in parts if part)
        message = str.__new__(cls, separator.join(parts))
        message.pattern, message.values = str.__str__(message), NO_VALUES
        message.parts, message.separator = parts, separator
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.parts, self.separator)


class DefinitionText(Message):
    """Text of a form definition: data that the catalogs translate."""

    __slots__ = ("form",)

    form: str

    def __new__(cls, form: str, text: str, values: Mapping[str, object] = NO_VALUES) -> DefinitionText:
        """`values` holds the value of each expression that the text has in braces."""
        message = str.__new__(cls, _fill(text, values))
        message.pattern, message.values, message.form = str.__str__(text), values, form
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.form, self.pattern, dict(self.values))

    def translation(self, lookup: Lookup) -> str:
        """Return the translation for this form, else that for all forms."""
        keys = (f"{context}{CONTEXT_SEPARATOR}{self.pattern}" for context in (self.form, FORM_CONTEXT))
        translation = next((found for key in keys if (found := lookup(key)) != key), self.pattern)
        return _fill(translation, _translated_values(self.values, lookup))


def _fill(text: str, values: Mapping[str, object]) -> str:
    # not str.format: the braces hold expressions, and a brace without a value stays as it is
    if not values:
        return text
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), text)


def msg(pattern: str, /, **values: object) -> Message:
    """Return a message: ``msg("“{label}”没有填写。", label=field.label)``.

    `pattern` must be a literal, or ``make texts`` cannot extract it. Values that are
    messages themselves are translated with it.
    """
    return Message(pattern, {name: _plain_value(value) for name, value in values.items()})


def _plain_value(value: object) -> object:
    # errors and paths become text: a message is pickled, and must not keep a traceback alive
    return value if isinstance(value, str | int | float) else str(value)


def join_messages(*parts: str, separator: str = "") -> MessageList:
    """Join messages (what is wrong, then what to do); empty ones are left out."""
    return MessageList(parts, separator)


def format_list(items: Iterable[str]) -> MessageList:
    """Join items with the enumeration mark of the language."""
    return MessageList(tuple(items), msg("、"))


def quote_characters(characters: Iterable[str]) -> str:
    """Return characters in quotes, each with its code point."""
    # a character that no font has shows as a box on the screen too: the code point names it
    return "、".join(f"“{char}”（U+{ord(char):04X}）" for char in characters)


def to_json(text: str) -> JSONText:
    """Return a text, with pattern and values, as JSON for :func:`from_json`."""
    if isinstance(text, MessageList):
        return {"parts": [to_json(part) for part in text.parts], "separator": text.separator}
    if not isinstance(text, Message):
        return text
    if isinstance(text, DefinitionText):
        return {"form": text.form, "say": text.pattern, "values": dict(text.values)}
    values = {name: to_json(v) if isinstance(v, str) else v for name, v in text.values.items()}
    return {"say": text.pattern, "values": values}


def from_json(plain: JSONText) -> str:
    if isinstance(plain, str):
        return plain
    if "parts" in plain:
        return MessageList(tuple(from_json(part) for part in plain["parts"]), plain["separator"])
    if "form" in plain:
        return DefinitionText(plain["form"], plain["say"], plain["values"])
    values = {name: from_json(v) if isinstance(v, str | dict) else v for name, v in plain["values"].items()}
    return Message(plain["say"], values)


def translate(text: str, lookup: Lookup) -> str:
    """Return a message in the language of `lookup`, other text unchanged."""
    if isinstance(text, MessageList):
        return _join_translated([translate(part, lookup) for part in text.parts], text.separator, lookup)
    if isinstance(text, DefinitionText):
        return text.translation(lookup)
    if not isinstance(text, Message):
        return text
    # gettext translates the empty text to the header of the catalog
    pattern = lookup(text.pattern) if text.pattern else ""
    if not text.values:
        return pattern
    return select_plural(pattern, text.values).format_map(_translated_values(text.values, lookup))


def _translated_values(values: Mapping[str, object], lookup: Lookup) -> dict[str, object]:
    return {
        name: translate(value, lookup) if isinstance(value, str) else value for name, value in values.items()
    }


def select_plural(pattern: str, values: Mapping[str, object]) -> str:
    """Replace each ``{n|day|days}`` by its first or second form."""
    # Not ngettext: that chooses one form for a whole message by one number, and wants a plural
    # in the source. Chinese has none, and our messages count several things at once.
    return _PLURAL.sub(lambda match: match[2] if str(values.get(match[1])) == "1" else match[3], pattern)


def _join_translated(parts: list[str], separator: str, lookup: Lookup) -> str:
    if separator:
        return lookup(separator).join(parts)
    text = ""
    for part in parts:
        # Chinese punctuation brings its own space, a Western full stop needs one after it
        gap = " " if text and text[-1].isascii() and not text[-1].isspace() else ""
        text += gap + part
    return text
