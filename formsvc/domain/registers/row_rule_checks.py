"""Faults in the rules of a register about its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.registers.definition import RegisterSource
from formsvc.domain.registers.headings import heading_name
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# A row of a list is filtered and sorted by short values.
_LONG_KINDS = frozenset({"rows", "files", "reference"})


def check_row_rules(source: RegisterSource, top: SourceLocation, faults: FaultCollector) -> None:
    """Report unknown and unusable columns, and headings of two columns."""
    columns = {column.key: column for column in source.columns}
    for location, key in _named_columns(source, top):
        if key not in columns:
            near = did_you_mean(key, columns)
            faults.add(location, msg("没有名为“{key}”的列{near}。", key=key, near=near))
    for name, keys in (("filters", source.filters), ("sorted", source.sorted)):
        for index, key in enumerate(keys):
            if key in columns and columns[key].kind in _LONG_KINDS:
                sentence = msg("列“{key}”的内容太长，不能据以筛选、排序。", key=key)
                faults.add(top.child(name, index), sentence)
    usable = {*source.filters, *(source.sorted or [source.name_column or source.key[0]])}
    for index, view in enumerate(source.views):
        if view.column in columns and view.column not in usable:
            sentence = msg("列“{key}”不在 filters、sorted 里，不能据以挑选。", key=view.column)
            faults.add(top.child("views", index, "column"), sentence)
    _check_number(source, top, faults)
    _check_ending(source, columns, top, faults)
    _check_headings(source, top, faults)


def _named_columns(source: RegisterSource, top: SourceLocation) -> Iterator[tuple[SourceLocation, str]]:
    for name in ("name_column", "subtitle_column"):
        if getattr(source, name):
            yield top.child(name), getattr(source, name)
    for name in ("listed", "filters", "sorted", "searched", "spelt", "expected", "repeated"):
        yield from _listed(top.child(name), getattr(source, name))
    for index, view in enumerate(source.views):
        yield top.child("views", index, "column"), view.column
    yield from _columns_of_duplicates(source, top)
    for key, condition in source.personal_when.items():
        yield from ((top.child("personal_when", key), each) for each in (key, *condition))
    yield from ((top.child("headings", key), key) for key in source.headings)
    if source.key_number:
        yield top.child("key_number", "column"), source.key_number.column
        parts = enumerate(source.key_number.parts)
        yield from ((top.child("key_number", "parts", n, "column"), p.column) for n, p in parts if p.column)
    yield from _columns_of_ending(source, top)
    for index, rule in enumerate(source.related):
        yield from _listed(top.child("related", index, "columns"), rule.columns.values())


def _columns_of_duplicates(
    source: RegisterSource, top: SourceLocation
) -> Iterator[tuple[SourceLocation, str]]:
    for index, rule in enumerate(source.duplicates):
        yield from _listed(top.child("duplicates", index, "columns"), rule.columns)
        if rule.unless:
            yield top.child("duplicates", index, "unless"), rule.unless


def _columns_of_ending(source: RegisterSource, top: SourceLocation) -> Iterator[tuple[SourceLocation, str]]:
    if source.ending is None:
        return
    yield from ((top.child("ending", "values", key), key) for key in source.ending.values)
    if source.ending.day_column:
        yield top.child("ending", "day_column"), source.ending.day_column
    for index, matter in enumerate(source.ending.refused_while):
        yield from _listed(top.child("ending", "refused_while", index, "columns"), matter.columns.values())


def _listed(location: SourceLocation, keys: Iterable[str]) -> Iterator[tuple[SourceLocation, str]]:
    yield from ((location.child(index), key) for index, key in enumerate(keys))


def _check_number(source: RegisterSource, top: SourceLocation, faults: FaultCollector) -> None:
    rule = source.key_number
    if rule and rule.column != source.key[0]:
        sentence = msg("系统编号的列须是 key 的第一列“{key}”。", key=source.key[0])
        faults.add(top.child("key_number", "column"), sentence)


def _check_ending(
    source: RegisterSource, columns: dict[str, Field], top: SourceLocation, faults: FaultCollector
) -> None:
    for key, value in (source.ending.values if source.ending else {}).items():
        column = columns.get(key)
        if column is None or column.lookup or column.kind not in FIELD_TYPES:
            continue
        problems = FIELD_TYPES[column.kind].parse(column, value, key)[1]
        for problem in problems:
            faults.add(top.child("ending", "values", key), problem.message)


def _check_headings(source: RegisterSource, top: SourceLocation, faults: FaultCollector) -> None:
    owners: dict[str, str] = {}
    for column in source.columns:
        for heading in dict.fromkeys(map(heading_name, (*source.headings.get(column.key, ()), column.label))):
            owner = owners.setdefault(heading, column.key)
            if owner != column.key:
                sentence = msg(
                    "表头“{heading}”已是列“{owner}”的，导入时分不清。", heading=heading, owner=owner
                )
                faults.add(top.child("headings", column.key), sentence)
