"""Faults planted into picks, checklists, copies and the files of registers and views."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from formsvc.domain.fields import FIELD_TYPES
from tests.proofs.mutants import Path, at, nodes, put
from tests.proofs.planting import KEY, Definition, Places, fields_of, keys_of, misspelt, plant, pointer_of

_PICK = {"register": "objects", "fields": {KEY: "name"}}


def _chosen(chance: random.Random, definition: Definition, paths: list[Path]) -> Places:
    """Misspell a text at one of the places."""
    if not paths:
        return None
    path = chance.choice(paths)
    put(definition, path, misspelt(chance, at(definition, path)))
    return (pointer_of(path),)


# Of fields and copies -------------------------------------------------------------------------------


def pick_of_no_register(chance: random.Random, definition: Definition) -> Places:
    return (
        plant(chance, definition, {"pick": {**_PICK, "register": misspelt(chance, "objects")}})
        + "/pick/register",
    )


def pick_of_no_column(chance: random.Random, definition: Definition) -> Places:
    column = misspelt(chance, chance.choice(["name", "addr", "village", "legal_rep"]))
    if chance.random() < 0.5:
        place = plant(chance, definition, {"pick": {**_PICK, "shown": ["addr", column]}})
        return (f"{place}/pick/shown/1",)
    return (plant(chance, definition, {"pick": {**_PICK, "fields": {KEY: column}}}) + f"/pick/fields/{KEY}",)


def pick_into_no_field(chance: random.Random, definition: Definition) -> Places:
    target = misspelt(chance, chance.choice(keys_of(definition, "text")))
    fields = {KEY: "name", target: "addr"}
    return (plant(chance, definition, {"pick": {**_PICK, "fields": fields}}) + f"/pick/fields/{target}",)


def unknown_name_in_checklist(chance: random.Random, definition: Definition) -> Places:
    paths = [
        path
        for path in nodes(definition)
        if "checklist" in path
        and path[-1] in ("item", "result", "rows", "code", "field")
        and isinstance(at(definition, path), str)
    ]
    return _chosen(chance, definition, paths)


def unknown_name_in_readonly(chance: random.Random, definition: Definition) -> Places:
    key = misspelt(chance, chance.choice([entry["key"] for entry in fields_of(definition)]))
    return (plant(chance, definition, {"readonly": f'{key} == "是"'}) + "/readonly",)


def faulty_copies(chance: random.Random, definition: Definition) -> Places:
    copies, place = chance.choice(
        [
            ([{"title": "交当事人"}, {"title": "交当事人"}], "/copies/1/title"),
            ([{"titel": "交当事人"}, {"title": "附卷"}], "/copies/0/titel"),
        ]
    )
    definition["copies"] = copies
    return (place,)


# Of registers ---------------------------------------------------------------------------------------


def unknown_column_of_register(chance: random.Random, register: Definition) -> Places:
    lists = ("key", "listed", "filters", "sorted", "searched", "spelt", "expected", "repeated")
    paths: list[Path] = [(name, number) for name in lists for number in range(len(register.get(name, ())))]
    paths += [("views", number, "column") for number in range(len(register.get("views", ())))]
    return _chosen(chance, register, [*paths, ("name_column",)])


def unknown_kind_of_column(chance: random.Random, register: Definition) -> Places:
    place = ("columns", chance.randrange(len(register["columns"])), "kind")
    wrong = misspelt(chance, at(register, place))
    # "choices" with one slip is "choice", another kind
    put(register, place, f"{wrong}x" if wrong in FIELD_TYPES else wrong)
    return (pointer_of(place),)


def unknown_key_of_register(chance: random.Random, register: Definition) -> Places:
    key = misspelt(chance, chance.choice([key for key in register if key != "$schema"]))
    register[key] = []
    return (f"/{key}",)


# Of views -------------------------------------------------------------------------------------------


def unknown_word_of_view(chance: random.Random, view: Definition) -> Places:
    return _chosen(chance, view, [("source",), ("group",), ("id",)])


def unknown_kind_of_view(chance: random.Random, view: Definition) -> Places:
    view["forms"] = ["T22", misspelt(chance, "T22B")]
    return ("/forms/1",)


def unknown_key_of_view(chance: random.Random, view: Definition) -> Places:
    key = misspelt(chance, chance.choice(list(view)))
    view[key] = "1"
    return (f"/{key}",)


PART_KINDS: dict[str, Callable[[random.Random, Definition], Places]] = {
    "pick of no register": pick_of_no_register,
    "pick of no column": pick_of_no_column,
    "pick into no field": pick_into_no_field,
    "checklist": unknown_name_in_checklist,
    "readonly": unknown_name_in_readonly,
    "copies": faulty_copies,
}
# by kind the folder of the files that have it
FILE_KINDS: dict[str, tuple[str, Callable[[random.Random, dict[str, Any]], Places]]] = {
    "column of a register": ("registers", unknown_column_of_register),
    "kind of a column": ("registers", unknown_kind_of_column),
    "key of a register": ("registers", unknown_key_of_register),
    "word of a view": ("views", unknown_word_of_view),
    "kind of a view": ("views", unknown_kind_of_view),
    "key of a view": ("views", unknown_key_of_view),
}
