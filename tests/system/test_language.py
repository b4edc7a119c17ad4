"""Names, docstrings and comments are plain: the words of tests/forbidden_words.toml do not come back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

PACKAGE = ROOT / "formsvc"
LIST: dict[str, Any] = tomllib.loads((ROOT / "tests/forbidden_words.toml").read_text(encoding="utf-8"))
WORDS: dict[str, str] = LIST["words"]
FIRST_WORDS: dict[str, str] = LIST["first_words"]
PATTERN = re.compile(
    rf"\b({'|'.join(map(re.escape, sorted(WORDS, key=len, reverse=True)))})\b", re.IGNORECASE
)
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_SUMMARY = 72


def words_of_name(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that the module itself gives: definitions, parameters, variables, attributes, aliases."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


def comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def faults(place: str, source: str) -> list[str]:
    """Return a line for each forbidden word, with what to write instead."""
    tree = ast.parse(source)
    found = [(line, word) for line, name in names(tree) for word in words_of_name(name) if word in WORDS]
    for line, text in (*docstrings(tree), *comments(source)):
        found += [(line, word.lower()) for word in PATTERN.findall(text)]
    reported = [
        f"{place}:{line}: “{word}”: {WORDS[word]}" for line, word in found if not allowed(place, word)
    ]
    for line, text in docstrings(tree):
        summary = text.split("\n", 1)[0]
        if len(summary) > LONGEST_SUMMARY:
            reported.append(f"{place}:{line}: a docstring's first line has {len(summary)} characters")
        first = re.split(r"\W", text, maxsplit=1)[0].lower()
        if first in FIRST_WORDS:
            reported.append(f"{place}:{line}: a docstring begins with “{first}”: {FIRST_WORDS[first]}")
    return reported


def allowed(place: str, word: str) -> bool:
    return any(
        one["word"] == word and (place == one["path"] or place.startswith(f"{one['path']}/"))
        for one in LIST.get("exceptions", [])
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_no_forbidden_word(file: Path) -> None:
    assert faults(file.relative_to(PACKAGE).as_posix(), file.read_text(encoding="utf-8")) == []


def test_each_exception_has_a_reason_and_is_needed() -> None:
    for one in LIST.get("exceptions", []):
        assert one["reason"], one
        place = PACKAGE / one["path"]
        texts = [f.read_text(encoding="utf-8") for f in ([place] if place.is_file() else place.rglob("*.py"))]
        assert any(one["word"] in text.lower() for text in texts), one


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def told() -> None: ...\n", "“told”"),
        ("class AskedTold: ...\n", "“told”"),
        ("def f(beside: int) -> None: ...\n", "“beside”"),
        ('def f() -> None:\n    """Write it anew."""\n', "“anew”"),
        ("x = 1  # reckoned by hand\n", "“reckoned”"),
        ('def f() -> int:\n    """What is left."""\n', "begins with “what”"),
        (f'def f() -> int:\n    """Return {"a" * 66}."""\n', "has 74 characters"),
    ],
)
def test_a_forbidden_word_is_found(source: str, fault: str) -> None:
    (found,) = faults("x.py", source)
    assert fault in found
