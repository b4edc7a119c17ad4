"""Lookups and settings as expressions see them."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.analysis import Vocabulary
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.expressions.shapes import ANY, Shape
from formsvc.domain.json_types import JSON

_SETTINGS = "settings"


def is_option_list(lookups: Mapping[str, JSON], name: str) -> bool:
    """Return whether every entry of a lookup has a code and a name."""
    lookup = lookups.get(name, ())
    entries = lookup.get("entries") if isinstance(lookup, Mapping) else lookup
    return isinstance(entries, list) and all(
        isinstance(entry, Mapping) and {"code", "name"} <= set(entry) for entry in entries
    )


def vocabulary_of(lookups: Mapping[str, JSON]) -> Vocabulary:
    """Return the keys of all lookups with the shapes of their values."""
    known = {name: _entry_shapes(lookups, name) for name in lookups}
    # an office may set another value than the lookup's
    settings = dict.fromkeys(_codes(lookups, _SETTINGS), ANY) if _SETTINGS in lookups else None
    return Vocabulary({name: keys for name, keys in known.items() if keys}, settings)


def _codes(lookups: Mapping[str, JSON], name: str) -> list[str]:
    entries = entries_of(lookups, name)
    return [str(entry["code"]) for entry in entries if "code" in entry]


def _entry_shapes(lookups: Mapping[str, JSON], name: str) -> dict[str, Shape]:
    entries = entries_of(lookups, name)
    keys = dict.fromkeys(key for entry in entries for key in entry)
    return {key: shapes.union_of(shapes.shape_of(entry.get(key)) for entry in entries) for key in keys}
