"""Faults planted into the life of sound definitions, with the places where they must be reported."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.proofs.mutants import Path, at, nodes, put
from tests.proofs.planting import Definition, Places, choices_of, fields_of, keys_of, misspelt, pointer_of
from tests.support.paths import ROOT

_FOLDER = ROOT / "form_definitions"
_LISTED = json.loads((_FOLDER / "lookups/document_kinds.json").read_text(encoding="utf-8"))
KINDS_LISTED = frozenset(entry["code"] for entry in _LISTED["entries"])
# expressions of a life, by the last steps of their place
_CONDITIONS, _DAYS = ("when",), ("from", "date")


def _places(definition: Definition, *names: str) -> list[Path]:
    """Return the places in the life whose property has one of these names."""
    life = definition.get("life") or {}
    return [("life", *path) for path in nodes(life) if path[-1] in names]


def _rules(definition: Definition) -> list[Path]:
    """Return the places of deadlines, follow-ups and effects."""
    life = definition.get("life") or {}
    lists = [("deadlines",), ("follow_ups",), *(("effects", event) for event in life.get("effects", ()))]
    found: list[Path] = []
    for path in lists:
        entries: Any = life
        for step in path:
            entries = entries.get(step, {}) if isinstance(entries, dict) else {}
        found += [("life", *path, number) for number in range(len(entries))]
    return found


def _effects(definition: Definition) -> list[Path]:
    return [p for p in _rules(definition) if p[1] == "effects" and at(definition, p).get("register")]


def _chosen(chance: random.Random, paths: list[Path]) -> Path | None:
    return chance.choice(paths) if paths else None


def _written(chance: random.Random, definition: Definition, paths: list[Path], source: str) -> Places:
    """Write a text at one of the places, which may be new."""
    path = _chosen(chance, paths)
    if path is None:
        return None
    put(definition, path, source)
    return (pointer_of(path),)


def unknown_kind(chance: random.Random, definition: Definition) -> Places:
    path = _chosen(chance, [p for p in _places(definition, "forms") if at(definition, p)])
    if path is None:
        return None
    named = at(definition, path).split("/")
    place, wrong = chance.randrange(len(named)), ""
    while not wrong or wrong in KINDS_LISTED or not re.fullmatch(r"[A-Za-z0-9_-]+", wrong):
        wrong = misspelt(chance, named[place])
    named[place] = wrong
    put(definition, path, "/".join(named))
    return (pointer_of(path),)


def unknown_setting(chance: random.Random, definition: Definition) -> Places:
    paths = [p for p in _rules(definition) if p[1] == "deadlines"]
    path = _chosen(chance, paths)
    if path is None:
        return None
    name = chance.choice(("recheck_workdays", "service_workdays", "order_workdays", "transfer_workdays"))
    at(definition, path)["count"] = f'setting("{misspelt(chance, name)}")'
    return (pointer_of((*path, "count")),)


def unknown_register(chance: random.Random, definition: Definition) -> Places:
    path = _chosen(chance, _effects(definition))
    if path is None:
        return None
    effect = at(definition, path)
    effect["register"] = misspelt(chance, effect["register"])
    return (pointer_of((*path, "register")),)


def unknown_column(chance: random.Random, definition: Definition) -> Places:
    paths = [(*p, part) for p in _effects(definition) for part in ("match", "set", "added") if at(definition, p).get(part)]  # fmt: skip
    path = _chosen(chance, paths)
    if path is None:
        return None
    columns = at(definition, path)
    name = chance.choice(list(columns))
    wrong = misspelt(chance, name)
    while wrong in columns:
        wrong = misspelt(chance, wrong)
    columns[wrong] = columns.pop(name)
    return (pointer_of((*path, wrong)),)


def _expressions(definition: Definition) -> Iterator[Path]:
    """Yield the places of the expressions of a life."""
    for path in _rules(definition):
        rule = at(definition, path)
        for name in ("from", "count", "when", "answered", "date"):
            if isinstance(rule.get(name), str):
                yield (*path, name)
        for name in ("match", "set", "added"):
            yield from ((*path, name, column) for column in rule.get(name, ()))


def unknown_field(chance: random.Random, definition: Definition) -> Places:
    """Misspell a field, a column of a row, or a fact of a document."""
    found = []
    for path in _expressions(definition):
        bare = re.sub(r'"(?:\\.|[^"\\])*"', lambda m: " " * len(m.group()), at(definition, path))
        keys = "|".join(sorted({entry["key"] for entry in fields_of(definition)}, key=len, reverse=True))
        for match in re.finditer(rf"(?<![\w.])(?:row|this|found)\.(\w+)|(?<![\w.])({keys})(?![\w(])", bare):
            found.append((path, match.span(1) if match.group(1) else match.span(2)))
    if not found:
        return None
    path, (start, end) = chance.choice(found)
    source = at(definition, path)
    put(definition, path, source[:start] + misspelt(chance, source[start:end]) + source[end:])
    return (pointer_of(path),)


def unknown_role(chance: random.Random, definition: Definition) -> Places:
    """Misspell a table, a column or a deadline that a life names."""
    paths = list(_places(definition, "rows", "each", "by", "of", "number", "text", "place", "code", "deadline", "result"))  # fmt: skip
    named = [p for p in paths if isinstance(at(definition, p), str) and at(definition, p) and p[-2] not in ("set", "added", "match")]  # fmt: skip
    path = _chosen(chance, named)
    if path is None:
        return None
    put(definition, path, misspelt(chance, at(definition, path)))
    return (pointer_of(path),)


def wrong_type(chance: random.Random, definition: Definition) -> Places:
    rules = _rules(definition)
    texts, rows = keys_of(definition, "text", "long_text"), keys_of(definition, "rows")
    other = [f"size({key})" for key in rows] or ["1 + 1"]
    days = [(*p, "from") for p in rules if p[1] == "deadlines"]
    days += [(*p, "date") for p in rules if p[1] == "effects"]
    counts = [(*p, "count") for p in rules if p[1] == "deadlines"]
    conditions = [(*p, "when") for p in rules]
    columns = [(*p, "set", c) for p in _effects(definition) for c in at(definition, p).get("set", ()) if c in _DAY_COLUMNS]  # fmt: skip
    ways = [
        (days, other + texts),
        (counts, texts),
        (conditions, texts + other),
        (columns, ["1 == 2", "this"]),
    ]
    paths, sources = chance.choice([(p, s) for p, s in ways if p and s] or [([], ["x"])])
    return _written(chance, definition, list(paths), chance.choice(sources))


_DAY_COLUMNS = frozenset({"deadline", "found_date", "from_date", "start_date", "end_date", "published_on"})


def never_true(chance: random.Random, definition: Definition) -> Places:
    day = chance.choice(keys_of(definition, "date"))
    pool = ["1 > 2", "false", f"{day} != {day}", f"{day} < {day}", 'this.mode == "M0" && this.mode == "M1"']
    pool += [f"size({rows}) < 0" for rows in keys_of(definition, "rows")]
    pool += [f'{one} == "{a}" && {one} == "{b}"' for one, (a, b, *_rest) in choices_of(definition)]
    return _written(chance, definition, [(*p, "when") for p in _rules(definition)], chance.choice(pool))


def unknown_option(chance: random.Random, definition: Definition) -> Places:
    pool = ['this.state == "issed"', 'this.state in ["issued", "voided"]']
    pool += [f'{one} == "{options[0]}x"' for one, options in choices_of(definition)]
    return _written(chance, definition, [(*p, "when") for p in _rules(definition)], chance.choice(pool))


def unknown_result(chance: random.Random, definition: Definition) -> Places:
    paths = [p for p in _places(definition, "answered") if "found.result" in at(definition, p)]
    written = chance.choice(
        ('found.result == "改好了"', 'found.result in ["已改正", "改好"]', "found.reslt == null")
    )
    return _written(chance, definition, paths, written)


def never_computable(chance: random.Random, definition: Definition) -> Places:
    rules = _rules(definition)
    days = [(*p, "from") for p in rules if p[1] == "deadlines"] + [(*p, "date") for p in rules if p[1] == "effects"]  # fmt: skip
    columns = [(*p, "set", c) for p in _effects(definition) for c in at(definition, p).get("set", ())]
    sources = ('"甲" - "乙"', "1 / 0", 'int("甲")', 'days_after("明天", 1)')
    return _written(chance, definition, days + columns, chance.choice(sources))


LIFE_KINDS: dict[str, Callable[[random.Random, Definition], Places]] = {
    "life: unknown kind": unknown_kind,
    "life: unknown setting": unknown_setting,
    "life: unknown register": unknown_register,
    "life: unknown column": unknown_column,
    "life: unknown field": unknown_field,
    "life: unknown role": unknown_role,
    "life: wrong type": wrong_type,
    "life: never true": never_true,
    "life: unknown option": unknown_option,
    "life: unknown result": unknown_result,
    "life: never computable": never_computable,
}
