"""Texts for a terminal: characters that control it are shown as escapes."""

from __future__ import annotations

import re

from formsvc.i18n.messages import DefinitionText, Lookup, Message, MessageList, join_messages, translate

# C0 and C1 controls, invisible format characters (bidirectional overrides, zero-width, tags), line
# and paragraph separators, half surrogate pairs
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape_controls(text: str) -> str:
    r"""Return the text with control characters as ``\n``, ``\x1b``, ``\u202e``."""
    return _CONTROL.sub(lambda match: _SHORT.get(match[0]) or _escape(ord(match[0])), text)


def escape_controls_in_json(text: str) -> str:
    """Return JSON with the controls in its strings escaped."""
    # line ends of the JSON itself stay; json escapes C0 in strings; beyond the basic plane a pair of escapes is needed
    return _CONTROL.sub(lambda match: match[0] if match[0] == "\n" else _json_escape(match[0]), text)


def translate_printable(text: str, lookup: Lookup) -> str:
    """Translate a message, escaping the controls in its values.

    Line ends of the message itself stay; in a name or a path they are escaped.
    """
    return translate(_with_printable_values(text, lookup), lookup)


def _with_printable_values(text: str, lookup: Lookup) -> str:
    if isinstance(text, MessageList):
        parts = (_with_printable_values(part, lookup) for part in text.parts)
        return join_messages(*parts, separator=text.separator)
    # the text of a definition comes from a file, pattern and all
    if isinstance(text, DefinitionText) or not isinstance(text, Message):
        return escape_controls(translate(text, lookup))
    values = {
        name: _with_printable_values(value, lookup) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return Message(text.pattern, values)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
