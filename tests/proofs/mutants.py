"""Form definitions changed at random, from a seed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from tests.hostile.case import sound
from tests.support.memory_office import EVERY_KIND
from tests.support.paths import ROOT

Path = tuple[str | int, ...]
EXPRESSIONS = frozenset(
    {
        "computed",
        "check",
        "shown",
        "required",
        "default",
        "message",
        "each_of",
        "personal_when",
        "carry",
        "where",
        "expression",
    }
)
STRINGS: tuple[Any, ...] = (
    *(
        "",
        " ",
        "0",
        "-1",
        "2026-02-30",
        "true",
        "null",
        "nothing",
        "__class__",
        "../x",
        "x" * 3000,
        "长" * 500,
    ),
    *(
        "{{ 7*7 }}",
        "{receiver}",
        "{",
        "<b>",
        "\0",
        "\ud800",
        "\u202e",
        "@ISS",
        "@NOTHING",
        "T22",
        "rows",
        "text",
    ),
    *(
        "=1+1",
        "%s",
        "\\",
        '"',
        "(a+)+$",
        "[",
        "1e999",
        "9" * 400,
        "csrf_token",
        "items",
        "no",
        "source",
        "row",
    ),
)
NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 2, 0.5, 1e-300, 1e15, 1e30, 1e308, -1e308, 2**53, 2**63, 10**400, True, False, None),
)
TOKENS = (
    *(
        "1",
        "0",
        "-1",
        "9223372036854775807",
        "0.1",
        "1e308",
        '""',
        '"x"',
        '"2026-9-1"',
        "null",
        "true",
        "[]",
        "{}",
    ),
    *(
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        ">",
        "&&",
        "||",
        "!",
        "?",
        ":",
        ".",
        ",",
        "(",
        ")",
        "[",
        "]",
        "in",
    ),
    *(
        "today()",
        "size",
        "is_empty",
        "workdays_after",
        "months_after",
        "capital_amount",
        "joined",
        "lookup",
        "has",
    ),
    *(
        "row",
        "index",
        "item",
        "source",
        "hazards",
        "issue_date",
        "receiver",
        "map(x, x)",
        "filter(x, true)",
        ".size()",
    ),
)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\w+|\s+|.')


TABLES: dict[str, Any] = {
    "id": "X69",
    "title": "明细试填表",
    "family": "C",
    "template": "X69.docx",
    "numbering": {"style": "none"},
    "example": {"items": [{"name": "灭火器", "count": 2, "amount": "3.50"}]},
    "sections": [
        {
            "title": "明细",
            "fields": [
                {
                    "key": "items",
                    "label": "器材",
                    "kind": "rows",
                    "total": ["count", "amount", "name"],
                    "columns": [
                        {"key": "name", "label": "名称", "kind": "text", "required": True, "max": 20},
                        {"key": "count", "label": "数量", "kind": "integer"},
                        {"key": "amount", "label": "金额", "kind": "money"},
                        {
                            "key": "parts",
                            "label": "配件",
                            "kind": "rows",
                            "columns": [
                                {"key": "name", "label": "名称", "kind": "text", "required": True},
                                {"key": "count", "label": "数量", "kind": "integer", "min": 1},
                            ],
                        },
                        {
                            "key": "keeper",
                            "label": "保管人",
                            "kind": "choice",
                            "options": {
                                "register": "people",
                                "value": "person_no",
                                "label": "name",
                                "where": "option.org == unit",
                            },
                        },
                    ],
                },
                {"key": "unit", "label": "单位", "kind": "text"},
                {
                    "key": "part",
                    "label": "部位",
                    "kind": "choices",
                    "options": {"expression": "items.map(i, i.name)"},
                },
            ],
        }
    ],
}


@cache
def sources() -> tuple[dict[str, Any], ...]:
    """Return the sound definitions that mutants are made from."""
    files = sorted((ROOT / "form_definitions").glob("*.json"))
    return (*(json.loads(file.read_text(encoding="utf-8")) for file in files), EVERY_KIND, sound(), TABLES)


def mutant(seed: int, number: int) -> tuple[str, str | dict[str, Any]]:
    """Return the form a mutant is made from, and the mutant: mostly an object, at times the text of one."""
    chance = random.Random(f"{seed}-{number}")
    root: Any = deepcopy(chance.choice(sources()))
    form = str(root["id"])
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choices(_CHANGES, _WEIGHTS)[0](chance, root)
    if chance.random() < 0.08:
        return form, _changed_text(chance, json.dumps(root))
    return form, root


def _changed_text(chance: random.Random, text: str) -> str:
    at, size = chance.randrange(len(text)), chance.choice((1, 1, 3, 40))
    put = chance.choice(("", '"', "{", "]", ",", "\\u0000", "1e999", "NaN", text[at : at + size] * 2, "\x00"))
    return text[:at] + put + text[at + size :]


def nodes(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value below the root."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from nodes(inner, (*path, step))


def at(root: Any, path: Path) -> Any:
    """Return the value at a path."""
    for step in path:
        root = root[step]
    return root


def put(root: Any, path: Path, value: Any) -> None:
    """Set the value at a path."""
    at(root, path[:-1])[path[-1]] = value


def _picked(chance: random.Random, root: Any) -> Path:
    paths = list(nodes(root))
    # half of the changes go to the fields and rules, not to the many cells of examples
    own = [path for path in paths if path[0] != "example"]
    return chance.choice(own if own and chance.random() < 0.8 else paths)


def _delete(chance: random.Random, root: Any) -> None:
    path = _picked(chance, root)
    del at(root, path[:-1])[path[-1]]


def _duplicate(chance: random.Random, root: Any) -> None:
    path = _picked(chance, root)
    parent, value = at(root, path[:-1]), deepcopy(at(root, path))
    if isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), value)
    else:
        parent[f"{path[-1]}{chance.choice(('2', '_', 's', ''))}"] = value


def _retype(chance: random.Random, root: Any) -> None:
    path = _picked(chance, root)
    value = at(root, path)
    # copies: a part that stands in two places could be moved into itself
    many = [deepcopy(value) for _ in range(50)]
    put(root, path, chance.choice((None, [], {}, [value], {"x": value}, str(value), 5, True, many)))


def _rename(chance: random.Random, root: Any) -> None:
    paths = [path for path in nodes(root) if isinstance(path[-1], str)]
    path = chance.choice(paths)
    parent = at(root, path[:-1])
    name = str(path[-1])
    cut = chance.randrange(len(name) + 1)
    renamed = chance.choice((name[:cut] + name[cut + 1 :], name + "x", name.upper(), "x", "__class__"))
    parent[renamed] = parent.pop(path[-1])


def _move(chance: random.Random, root: Any) -> None:
    path = _picked(chance, root)
    value = at(root, path[:-1]).pop(path[-1])
    places = [p for p in ((), *nodes(root)) if isinstance(at(root, p), dict | list)]
    target = at(root, chance.choice(places))
    if isinstance(target, list):
        target.insert(chance.randrange(len(target) + 1), value)
    else:
        target[str(path[-1])] = value


def _swap(chance: random.Random, root: Any) -> None:
    one, other = _picked(chance, root), _picked(chance, root)
    if one != other[: len(one)] and other != one[: len(other)]:
        value = at(root, one)
        put(root, one, at(root, other))
        put(root, other, value)


def _text(chance: random.Random, root: Any) -> None:
    put(root, _picked(chance, root), chance.choice(STRINGS))


def _number(chance: random.Random, root: Any) -> None:
    put(root, _picked(chance, root), chance.choice(NUMBERS))


def _nest(chance: random.Random, root: Any) -> None:
    path = _picked(chance, root)
    value = at(root, path)
    for _ in range(chance.choice((2, 20, 200))):
        value = [value]
    put(root, path, value)


def _kind(chance: random.Random, root: Any) -> None:
    """Give a field the kind of another."""
    paths = [path for path in nodes(root) if path[-1] == "kind"]
    if paths:
        put(root, chance.choice(paths), at(EVERY_KIND, chance.choice(_KINDS)))


def _expression(chance: random.Random, root: Any) -> None:
    paths = [path for path in nodes(root) if EXPRESSIONS & set(path[-2:]) and isinstance(at(root, path), str)]
    if not paths:
        return
    path = chance.choice(paths)
    tokens = _TOKEN.findall(at(root, path))
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(tokens) + 1)
        chance.choice((_drop_token, _double_token, _replace_token, _insert_token, _swap_tokens))(
            chance, tokens, place
        )
    put(root, path, "".join(tokens))


def _drop_token(_chance: random.Random, tokens: list[str], place: int) -> None:
    del tokens[place : place + 1]


def _double_token(_chance: random.Random, tokens: list[str], place: int) -> None:
    tokens[place:place] = tokens[place : place + 1]


def _replace_token(chance: random.Random, tokens: list[str], place: int) -> None:
    tokens[place : place + 1] = [chance.choice(TOKENS)]


def _insert_token(chance: random.Random, tokens: list[str], place: int) -> None:
    tokens.insert(place, chance.choice(TOKENS))


def _swap_tokens(chance: random.Random, tokens: list[str], place: int) -> None:
    if tokens and place < len(tokens):
        other = chance.randrange(len(tokens))
        tokens[place], tokens[other] = tokens[other], tokens[place]


def _new_expression(chance: random.Random, root: Any) -> None:
    """Give a field an expression of another field, or one of tokens."""
    fields = [path for path in nodes(root) if isinstance(at(root, path), dict) and "kind" in at(root, path)]
    if not fields:
        return
    keys = [at(root, path).get("key") for path in fields if isinstance(at(root, path).get("key"), str)]
    words = [chance.choice((*TOKENS, *keys)) for _ in range(chance.choice((1, 3, 3, 5)))]
    role = chance.choice(("computed", "shown", "default", "required"))
    at(root, chance.choice(fields))[role] = " ".join(words)


_KINDS = [path for path in nodes(EVERY_KIND) if path[-1] == "kind"]
_CHANGES: tuple[Callable[[random.Random, Any], None], ...] = (
    _delete, _duplicate, _retype, _rename, _move, _swap, _text, _number, _nest, _kind, _expression, _new_expression,
)  # fmt: skip
_WEIGHTS = (4, 2, 3, 3, 3, 4, 5, 5, 1, 5, 12, 8)
