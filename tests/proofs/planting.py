"""Faults planted into sound definitions: each kind with the places where it must be reported."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.proofs.mutants import at, nodes
from tests.support.paths import ROOT

Definition = dict[str, Any]
# pointers of which one must be named, or None where the definition offers no place
Places = tuple[str, ...] | None
KEY = "planted"


@dataclass(frozen=True)
class Planted:
    """A definition with one fault; ``template`` is changed where the fault lies in the Word file."""

    definition: Definition | str
    places: tuple[str, ...]
    tag: tuple[str, str] | None = None


def _groups() -> dict[str, Any]:
    folder = ROOT / "form_definitions" / "groups"
    return {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in sorted(folder.glob("*.json"))}


GROUPS = _groups()


def fields_of(definition: Definition) -> Iterator[dict[str, Any]]:
    """Yield every field, those of groups included."""
    for section in definition["sections"]:
        for entry in section["fields"]:
            name = entry if isinstance(entry, str) else entry.get("include", "")
            yield from GROUPS[name[1:]]["fields"] if name else [entry]


def keys_of(definition: Definition, *kinds: str) -> list[str]:
    """Return the keys of the fields of some kinds."""
    return [entry["key"] for entry in fields_of(definition) if entry["kind"] in kinds]


def plant(chance: random.Random, definition: Definition, *entries: dict[str, Any]) -> str:
    """Put fields into a section of the definition; return the pointer of the first."""
    index = chance.randrange(len(definition["sections"]))
    fields = definition["sections"][index]["fields"]
    place = chance.randrange(len(fields) + 1)
    named = [{"key": KEY, "label": "试项", "kind": "text", **entry} for entry in entries]
    fields[place:place] = named
    return f"/sections/{index}/fields/{place}"


def _with_condition(chance: random.Random, definition: Definition, condition: str) -> Places:
    """Put a condition into a new field or a new rule."""
    if chance.random() < 0.5:
        return (plant(chance, definition, {"shown": condition}) + "/shown",)
    rules = definition.setdefault("rules", [])
    rules.append({"id": KEY, "check": condition, "message": "请核对。"})
    return (f"/rules/{len(rules) - 1}/check",)


def pointer_of(path: tuple[str | int, ...]) -> str:
    """Return a path as a JSON pointer."""
    return "".join(f"/{step}" for step in path)


# Never computed, never true ---------------------------------------------------------------------------


def never_computable(chance: random.Random, definition: Definition) -> Places:
    day, rows = chance.choice(keys_of(definition, "date")), keys_of(definition, "rows")
    pool = [
        *(("text", '"甲" - "乙"'), ("text", '"甲" * 2'), ("decimal", '"甲"'), ("decimal", "1 / 0"), ("decimal", "0.0 / 0.0")),
        *(("integer", 'int("甲")'), ("integer", "size(5)"), ("date", '"明天"'), ("date", '"2026-02-30"'), ("money", '"甲"')),
        *(("date", 'days_after("明天", 1)'), ("money", "[1, 2]"), ("text", f"{day} * 2"), ("integer", f"{day} - 1")),
        *(("text", f"{row} + 1") for row in rows),
        *(("integer", f"size({row}) / 0") for row in rows),
    ]  # fmt: skip
    kind, source = chance.choice(pool)
    return (plant(chance, definition, {"kind": kind, "computed": source}) + "/computed",)


def never_true(chance: random.Random, definition: Definition) -> Places:
    day = chance.choice(keys_of(definition, "date"))
    text = chance.choice(keys_of(definition, "text"))
    pool = [
        "false",
        "1 > 2",
        f"{day} != {day}",
        f"{day} < {day}",
        f"text_length({text}) > 5000",
        f"text_length({text}) < 0",
    ]
    pool += [f"size({rows}) < 0" for rows in keys_of(definition, "rows")]
    pool += [f'{one} == "{a}" && {one} == "{b}"' for one, (a, b, *_rest) in choices_of(definition)]
    return (plant(chance, definition, {"shown": chance.choice(pool)}) + "/shown",)


def choices_of(definition: Definition) -> list[tuple[str, list[str]]]:
    """Return the fields with choices of their own, and these."""
    own = (
        (entry["key"], entry.get("choices") or [])
        for entry in fields_of(definition)
        if entry["kind"] == "choice"
    )
    return [(key, options) for key, options in own if len(options) > 1]


def unknown_option(chance: random.Random, definition: Definition) -> Places:
    choices = choices_of(definition)
    if not choices:
        plant(chance, definition, {"key": "planted_option", "kind": "choice", "choices": ["甲类", "乙类"]})
        choices = [("planted_option", ["甲类", "乙类"])]
    key, options = chance.choice(choices)
    option = chance.choice(options)
    wrong = chance.choice((option[:1] + " " + option[1:], option + "x", option[1:] + option[:1], "丙丁"))
    written = chance.choice(
        (f'{key} == "{wrong}"', f'{key} != "{wrong}"', f'{key} in ["{options[0]}", "{wrong}"]')
    )
    return _with_condition(chance, definition, written)


def yes_no_as_text(chance: random.Random, definition: Definition) -> Places:
    plant(chance, definition, {"key": "planted_flag", "kind": "yes_no"})
    word, mark = chance.choice(("是", "否", "true", "有")), chance.choice(("==", "!="))
    return _with_condition(chance, definition, f'planted_flag {mark} "{word}"')


def date_literal(chance: random.Random, definition: Definition) -> Places:
    day = chance.choice(keys_of(definition, "date"))
    literal = chance.choice(
        ("2026-9-1", "2026/09/01", "20260901", "2026-02-30", "明天", "2026年9月1日", "26-09-01")
    )
    return _with_condition(chance, definition, f'{day} {chance.choice((">", "<", ">=", "=="))} "{literal}"')


def number_as_text(chance: random.Random, definition: Definition) -> Places:
    kind = chance.choice(("integer", "decimal", "money"))
    plant(chance, definition, {"key": "planted_count", "kind": kind})
    mark = chance.choice(("==", ">", "<", "!=", ">="))
    return _with_condition(chance, definition, f'planted_count {mark} "{chance.randrange(100)}"')


def ring_of_shown(chance: random.Random, definition: Definition) -> Places:
    count = chance.choice((2, 3))
    names = [f"planted_{n}" for n in range(count)]
    entries = [{"key": name, "shown": f'{names[n - 1]} == "甲"'} for n, name in enumerate(names)]
    first = plant(chance, definition, *entries)
    parent, _slash, place = first.rpartition("/")
    return tuple(f"{parent}/{int(place) + n}/shown" for n in range(count))


def impossible_limit(chance: random.Random, definition: Definition) -> Places:
    column = {"key": "a", "label": "列", "kind": "text"}
    entry = chance.choice(
        (
            {"min": 10, "max": 5},
            {"kind": "integer", "min": 5, "max": 1},
            {"kind": "choices", "choices": ["甲", "乙"], "min": 5},
            {"kind": "rows", "columns": [column], "min": 300},
            {"kind": "integer", "min": 1e13},
            {"kind": "decimal", "min": 2, "max": 1},
            {"kind": "money", "max": -1},
            {"kind": "files", "min": 100},
            {"max": -1},
            {"kind": "integer", "min": 0.2, "max": 0.8},
        )
    )
    pointer = plant(chance, definition, entry)
    return pointer + "/min", pointer + "/max"


def default_outside(chance: random.Random, definition: Definition) -> Places:
    entry = chance.choice(
        (
            {"kind": "choice", "choices": ["甲", "乙"], "default": '"丙"'},
            {"kind": "choices", "choices": ["甲", "乙"], "default": '["丙"]'},
            {"kind": "date", "default": '"明天"'},
            {"kind": "integer", "default": '"甲"'},
            {"kind": "integer", "max": 10, "default": "11"},
            {"kind": "yes_no", "default": '"也许"'},
            {"max": 3, "default": '"一二三四五"'},
            {"kind": "decimal", "min": 5, "default": "1.0"},
            {"kind": "choice", "lookup": "violations", "default": '"没有这一项"'},
        )
    )
    return (plant(chance, definition, entry) + "/default",)


def carry_from_nowhere(chance: random.Random, definition: Definition) -> Places:
    shipped = {file.stem for file in (ROOT / "form_definitions").glob("*.json")}
    paths = [
        path
        for path in nodes(definition)
        if len(path) > 1 and path[-2] == "carry" and at(definition, path[:-2])["refers_to"] in shipped
    ]
    if not paths:
        return None
    path = chance.choice(paths)
    source = at(definition, path)
    name = chance.choice(re.findall(r"source\.(\w+)", source))
    at(definition, path[:-1])[path[-1]] = source.replace(
        f"source.{name}", f"source.{misspelt(chance, name)}", 1
    )
    return (pointer_of(path),)


def due_on_wrong_kind(chance: random.Random, definition: Definition) -> Places:
    kind = chance.choice(("datetime", "text", "integer", "yes_no"))
    plant(chance, definition, {"key": "planted_due", "kind": kind})
    definition["due"] = "planted_due"
    return ("/due",)


def personal_on_wrong_kind(chance: random.Random, definition: Definition) -> Places:
    kind = chance.choice(("date", "datetime", "money", "integer", "decimal", "yes_no"))
    mark = chance.choice(("address", "number", "phone"))
    return (plant(chance, definition, {"kind": kind, "personal": mark}) + "/personal",)


# Misspelt ---------------------------------------------------------------------------------------------


def misspelt(chance: random.Random, name: str) -> str:
    """Return a name with one slip of the keyboard."""
    place = chance.randrange(1, max(2, len(name)))
    wrong = chance.choice(
        (
            name[:place] + name[place + 1 :],
            name[:place] + name[place - 1 : place] + name[place:],
            name[: place - 1] + name[place : place + 1] + name[place - 1 : place] + name[place + 1 :],
            name + "s",
        )
    )
    return wrong if wrong not in (name, "") else name + "x"


_OWN_ROLES = ("computed", "shown", "default", "required", "check")


def _expressions(definition: Definition) -> list[tuple[str | int, ...]]:
    return [
        path
        for path in nodes(definition)
        if path[-1] in _OWN_ROLES and isinstance(at(definition, path), str) and path[0] != "example"
    ]


def _with_wrong_word(
    chance: random.Random, definition: Definition, pattern: str, allowed: Callable[[str], bool]
) -> Places:
    """Misspell a word of an expression, outside its quotes."""
    found = []
    for path in _expressions(definition):
        bare = re.sub(r'"(?:\\.|[^"\\])*"', lambda m: " " * len(m.group()), at(definition, path))
        found += [(path, m) for m in re.finditer(pattern, bare) if allowed(m.group(1))]
    if not found:
        return None
    path, match = chance.choice(found)
    source = at(definition, path)
    wrong = source[: match.start(1)] + misspelt(chance, match.group(1)) + source[match.end(1) :]
    at(definition, path[:-1])[path[-1]] = wrong
    return (pointer_of(path),)


def misspelt_field(chance: random.Random, definition: Definition) -> Places:
    if chance.random() < 0.25 and definition.get("subject"):
        definition["subject"] = misspelt(chance, definition["subject"])
        return ("/subject",)
    keys = {entry["key"] for entry in fields_of(definition)}
    return _with_wrong_word(chance, definition, r"(?<![\w.])([a-z_]\w*)(?![\w(])", keys.__contains__)


def misspelt_function(chance: random.Random, definition: Definition) -> Places:
    return _with_wrong_word(chance, definition, r"(?<![\w.])([a-z_]\w+)\(", lambda name: name != "in")


def misspelt_property(chance: random.Random, definition: Definition) -> Places:
    fields = [
        path
        for path in nodes(definition)
        if path[0] == "sections" and "kind" in _as_dict(at(definition, path))
    ]
    path = chance.choice(fields)
    entry = at(definition, path)
    name = chance.choice([name for name in entry if len(name) > 3])
    wrong = misspelt(chance, name)
    entry[wrong] = entry.pop(name)
    return f"{pointer_of(path)}/{wrong}", f"{pointer_of(path)}/{name}"


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def misspelt_kind(chance: random.Random, definition: Definition) -> Places:
    path = chance.choice([path for path in nodes(definition) if path[-1] == "kind" and path[0] == "sections"])
    at(definition, path[:-1])["kind"] = misspelt(chance, at(definition, path))
    return (pointer_of(path),)


def misspelt_lookup(chance: random.Random, definition: Definition) -> Places:
    name = chance.choice(("violations", "laws", "regions", "inspection_items"))
    if chance.random() < 0.5:
        entry = {"kind": "choice", "lookup": misspelt(chance, name)}
        return (plant(chance, definition, entry) + "/lookup",)
    source = f'lookup("{misspelt(chance, name)}", "x", "name")'
    return (plant(chance, definition, {"computed": source}) + "/computed",)


def misspelt_group(chance: random.Random, definition: Definition) -> Places:
    places = [
        path
        for path in nodes(definition)
        if path[0] == "sections" and isinstance(at(definition, path), str) and at(definition, path)[:1] == "@"
    ]
    if not places:
        return None
    path = chance.choice(places)
    at(definition, path[:-1])[path[-1]] = "@" + misspelt(chance, at(definition, path)[1:])
    return pointer_of(path), pointer_of(path[:-1] if path[-1] == "include" else path)


# Doubled, broken, missing -----------------------------------------------------------------------------


def doubled_field(chance: random.Random, definition: Definition) -> Places:
    own = [
        path
        for path in nodes(definition)
        if path[-1] == "key" and path[0] == "sections" and "columns" not in path
    ]
    key = at(definition, chance.choice(own))
    plant(chance, definition, {"key": key})
    twice = [
        path
        for path in nodes(definition)
        if path[-1] == "key" and path[0] == "sections" and at(definition, path) == key
    ]
    return tuple(pointer_of(path) for path in twice)


def broken_syntax(chance: random.Random, definition: Definition) -> Places:
    path = chance.choice(_expressions(definition) or [()])
    if not path:
        return None
    source = at(definition, path)
    marks = [n for n, letter in enumerate(source) if letter in '()[]"=']
    if not marks:
        source, marks = source + " ==", []
    cut = chance.choice(marks) if marks else None
    wrong = source if cut is None else source[:cut] + source[cut + 1 :]
    at(definition, path[:-1])[path[-1]] = (
        wrong + chance.choice((")", " ==", "")) if "(" not in source else wrong
    )
    return (pointer_of(path),)


def missing_template(chance: random.Random, definition: Definition) -> Places:
    definition["template"] = misspelt(chance, definition["template"].removesuffix(".docx")) + "-无.docx"
    return ("/template",)


KINDS: dict[str, Callable[[random.Random, Definition], Places]] = {
    "never computable": never_computable,
    "never true": never_true,
    "option that does not exist": unknown_option,
    "yes/no with text": yes_no_as_text,
    "date written wrongly": date_literal,
    "number with text": number_as_text,
    "ring of shown": ring_of_shown,
    "impossible limit": impossible_limit,
    "default outside": default_outside,
    "carry from nowhere": carry_from_nowhere,
    "due on a wrong kind": due_on_wrong_kind,
    "personal on a wrong kind": personal_on_wrong_kind,
    "misspelt field": misspelt_field,
    "misspelt function": misspelt_function,
    "misspelt key": misspelt_property,
    "misspelt kind": misspelt_kind,
    "misspelt lookup": misspelt_lookup,
    "misspelt group": misspelt_group,
    "doubled key": doubled_field,
    "broken syntax": broken_syntax,
    "missing template": missing_template,
}
