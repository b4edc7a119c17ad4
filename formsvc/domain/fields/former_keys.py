"""Former keys of renamed fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON


def renamed_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields that had another key before, or have such a column."""
    return tuple(f for f in fields if f.formerly or any(c.formerly for c in f.columns or ()))


def with_present_keys(fields: Iterable[Field], answers: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return the answers with former keys replaced by the present ones.

    A former key next to the present one stays: which of the two was meant is not known.
    """
    present = answers
    for entry in renamed_fields(fields):
        present = _renamed(entry, present)
        rows = present.get(entry.key)
        if entry.columns and isinstance(rows, list):
            present = {**present, entry.key: [_renamed_cells(entry, row) for row in rows]}
    return present


def _renamed(entry: Field, answers: Mapping[str, JSON]) -> Mapping[str, JSON]:
    former = next((key for key in entry.formerly if key in answers), None)
    if former is None or entry.key in answers:
        return answers
    return {entry.key if key == former else key: value for key, value in answers.items()}


def _renamed_cells(entry: Field, row: JSON) -> JSON:
    if not isinstance(row, Mapping):
        return row
    for column in entry.columns or ():
        row = _renamed(column, row)
    return row


def with_all_keys(fields: Sequence[Field], answers: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return the answers under the present and every former key.

    For what reads a document by a key that its own revision may not have: either may be the older one.
    """
    renamed = renamed_fields(fields)
    whole = dict(answers)
    for entry in renamed:
        for name in _names_in(entry, whole):
            if entry.columns and isinstance(whole[name], list):
                whole[name] = [_with_all_cells(entry, row) for row in whole[name]]
    for entry in renamed:
        _spread(entry, whole)
    return whole


def _names_in(entry: Field, answers: Mapping[str, JSON]) -> list[str]:
    return [name for name in (entry.key, *entry.formerly) if name in answers]


def _spread(entry: Field, answers: dict[str, JSON]) -> None:
    """Write the answer of a field under each of its keys that has none."""
    known = _names_in(entry, answers)
    for name in (entry.key, *entry.formerly) if known else ():
        answers.setdefault(name, answers[known[0]])


def _with_all_cells(entry: Field, row: JSON) -> JSON:
    if not isinstance(row, Mapping):
        return row
    cells = dict(row)
    for column in entry.columns or ():
        _spread(column, cells)
    return cells


def all_paths(fields: Iterable[Field], known: Collection[str]) -> frozenset[str]:
    """Return the known paths, and those of the same fields under other keys."""
    found = set(known)
    for entry in renamed_fields(fields):
        for paths in _same_paths(entry):
            if not found.isdisjoint(paths):
                found |= paths
    return frozenset(found)


def _same_paths(entry: Field) -> Iterator[set[str]]:
    """Yield the paths of a field under all its keys, then of each column."""
    tables = (entry.key, *entry.formerly)
    yield set(tables)
    for column in entry.columns or ():
        yield {f"{table}.{name}" for table in tables for name in (column.key, *column.formerly)}


def present_path(fields: Iterable[Field], path: str) -> str:
    """Return a path such as ``matters.0.photo`` under the present keys."""
    key, *rest = path.split(".")
    entry = next((f for f in fields if key in (f.key, *f.formerly)), None)
    if entry is None:
        return path
    column = next((c for c in entry.columns or () if rest and rest[-1] in (c.key, *c.formerly)), None)
    return ".".join([entry.key, *rest[:-1], column.key] if column else [entry.key, *rest])


def with_former_properties(
    fields: Iterable[Field], properties: Mapping[str, Mapping[str, JSON]]
) -> dict[str, JSON]:
    """Return JSON Schema properties with those of former keys, deprecated."""
    former = {
        name: {**properties[entry.key], "deprecated": True} for entry in fields for name in entry.formerly
    }
    return {**properties, **former}
