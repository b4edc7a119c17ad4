"""Structure of an expression, read off its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# CEL's own parser reports variables and functions, but neither members nor nesting: hence these tokens.
MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_TOKEN = re.compile(
    r"""(?P<text>[rR]?(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))"""
    r"""|(?P<name>[A-Za-z_]\w*)|(?P<number>\d[\w.]*)|(?P<mark>[^\s\w])""",
    re.ASCII,
)


@dataclass(frozen=True)
class SyntaxToken:
    """Token of an expression; ``kind`` is text, name, number or mark."""

    kind: str
    text: str


@dataclass(frozen=True)
class MemberAccess:
    """``variable.name``; ``source`` is the list a variable runs over."""

    source: str
    name: str


@dataclass(frozen=True)
class ExpressionStructure:
    """Structure of one expression."""

    bound_variables: frozenset[str]
    calls: tuple[tuple[str, int], ...]
    members: frozenset[MemberAccess]
    lookups: frozenset[str]
    settings: frozenset[str]
    nesting: int
    macro_nesting: int
    map_count: int


def parse_structure(source: str) -> ExpressionStructure:
    """Return the structure of an expression that compiles."""
    tokens = [SyntaxToken(m.lastgroup or "", m.group()) for m in _TOKEN.finditer(source)]
    closing = _matching_brackets(tokens)
    bindings = list(_bindings(tokens, closing))
    runs_over = {variable: rows for variable, rows, _, _ in bindings}
    return ExpressionStructure(
        bound_variables=frozenset(runs_over),
        calls=tuple(_calls(tokens, closing)),
        members=frozenset(_members(tokens, runs_over)),
        lookups=frozenset(_string_arguments(tokens, "lookup")),
        settings=frozenset(_string_arguments(tokens, "setting")),
        nesting=_bracket_depth(tokens),
        macro_nesting=_deepest_overlap([(start, end) for _, _, start, end in bindings]),
        map_count=sum(tokens[start - 1].text == "map" for _, _, start, _ in bindings),
    )


def _matching_brackets(tokens: list[SyntaxToken]) -> dict[int, int]:
    pairs, open_at = {}, []
    for place, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "([{":
            open_at.append(place)
        elif token.kind == "mark" and token.text in ")]}" and open_at:
            pairs[open_at.pop()] = place
    return pairs


def _is_mark(tokens: list[SyntaxToken], place: int, text: str) -> bool:
    return 0 <= place < len(tokens) and tokens[place].kind == "mark" and tokens[place].text == text


def _bindings(tokens: list[SyntaxToken], closing: dict[int, int]) -> Iterator[tuple[str, str, int, int]]:
    """Yield variable, list, first and last token of each macro."""
    for place, token in enumerate(tokens[:-3]):
        if (
            token.kind == "name"
            and token.text in MACROS
            and _is_mark(tokens, place - 1, ".")
            and _is_mark(tokens, place + 1, "(")
        ):
            yield (
                tokens[place + 2].text,
                _chain_start(tokens, closing, place - 1),
                place + 1,
                closing.get(place + 1, place),
            )


def _chain_start(tokens: list[SyntaxToken], closing: dict[int, int], dot: int) -> str:
    """Return the list at the head of ``list.filter(…).map``.

    Empty if the elements are no longer rows of that list.
    """
    opening = {end: start for start, end in closing.items()}
    place = dot - 1
    while place in opening and _is_mark(tokens, place, ")"):
        place = opening[place] - 1
        if place < 1 or tokens[place].text != "filter" or not _is_mark(tokens, place - 1, "."):
            return ""
        place -= 2
    plain = tokens[place].kind == "name" and not _is_mark(tokens, place - 1, ".")
    return tokens[place].text if place >= 0 and plain else ""


def _calls(tokens: list[SyntaxToken], closing: dict[int, int]) -> Iterator[tuple[str, int]]:
    for place, token in enumerate(tokens):
        if token.kind == "name" and _is_mark(tokens, place + 1, "("):
            # In ``text.contains(x)`` the receiver is the first argument.
            member = _is_mark(tokens, place - 1, ".")
            yield token.text, _count_arguments(tokens, closing, place + 1) + int(member)


def _count_arguments(tokens: list[SyntaxToken], closing: dict[int, int], opening: int) -> int:
    end = closing.get(opening, len(tokens))
    if end == opening + 1:
        return 0
    count, place = 1, opening + 1
    while place < end:
        if place in closing:
            place = closing[place]
        elif _is_mark(tokens, place, ","):
            count += 1
        place += 1
    return count


def _members(tokens: list[SyntaxToken], runs_over: dict[str, str]) -> Iterator[MemberAccess]:
    for place, token in enumerate(tokens[:-2]):
        head = (
            token.kind == "name" and not _is_mark(tokens, place - 1, ".") and _is_mark(tokens, place + 1, ".")
        )
        if head and tokens[place + 2].kind == "name" and not _is_mark(tokens, place + 3, "("):
            source = runs_over.get(token.text, token.text)
            if source:
                yield MemberAccess(source, tokens[place + 2].text)


def _string_arguments(tokens: list[SyntaxToken], name: str) -> Iterator[str]:
    for place, token in enumerate(tokens[:-2]):
        if token.text == name and _is_mark(tokens, place + 1, "(") and tokens[place + 2].kind == "text":
            yield tokens[place + 2].text.strip("\"'")


def _bracket_depth(tokens: list[SyntaxToken]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _deepest_overlap(spans: list[tuple[int, int]]) -> int:
    return max((sum(a <= start and end <= b for a, b in spans) for start, end in spans), default=0)
