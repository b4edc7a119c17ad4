"""Tokens of an expression, as CEL's lexical grammar has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

LARGEST_INTEGER = 2**63 - 1
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)"""
    r"""|(?P<text>[rR]?(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"""|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?)"""
    r"""|(?P<mark>\|\||&&|[=!<>]=|[-+*/%!<>?:.,()\[\]{}])""",
    re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))")
_SIMPLE_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    **{mark: mark for mark in "\\?\"'`"},
}


class ExpressionSyntaxError(ValueError):
    """Text that is no expression; ``at`` counts characters from 0."""

    def __init__(self, at: int, sentence: str = "") -> None:
        self.at, self.sentence = at, sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Token:
    """Token with its place; ``kind`` is text, name, number, mark or end."""

    kind: str
    text: str
    start: int
    end: int
    value: JSON = None


def read_tokens(source: str) -> list[Token]:
    """Return the tokens, an ``end`` last. Raise ExpressionSyntaxError."""
    return [*_tokens(source), Token("end", "", len(source), len(source))]


def _tokens(source: str) -> Iterator[Token]:
    place = 0
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:
            raise ExpressionSyntaxError(place)
        kind, text = match.lastgroup or "", match.group()
        if kind == "text":
            yield Token(kind, text, place, match.end(), _text_value(text, place))
        elif kind == "number":
            yield Token(kind, text, place, match.end(), _number_value(text, place))
        elif kind != "space":
            yield Token(kind, text, place, match.end())
        place = match.end()


def _text_value(literal: str, at: int) -> str:
    is_raw = literal[0] in "rR"
    body = literal[1:] if is_raw else literal
    width = 3 if body[:3] in ('"""', "'''") and len(body) >= 6 else 1
    inner = body[width:-width]
    return inner if is_raw else _ESCAPE.sub(lambda escape: _escaped(escape, at), inner)


def _escaped(escape: re.Match[str], at: int) -> str:
    *digits, mark = escape.groups()
    if mark is not None:
        if mark not in _SIMPLE_ESCAPES:
            raise ExpressionSyntaxError(at, msg("文字里的反斜杠应写成两个。"))
        return _SIMPLE_ESCAPES[mark]
    code = int(digits[3], 8) if digits[3] else int(next(d for d in digits if d), 16)
    # U+0000 and halves of a surrogate pair are no text
    if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        raise ExpressionSyntaxError(at)
    return chr(code)


def _number_value(text: str, at: int) -> int | float:
    if text[:2] in ("0x", "0X"):
        number: int | float = int(text, 16)
    else:
        number = int(text) if text.isdigit() else float(text)
    if not abs(number) <= LARGEST_INTEGER:
        raise ExpressionSyntaxError(at, msg("数字“{text}”过大。", text=text[:20]))
    return number
