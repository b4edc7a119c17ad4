"""Faults of checklists: columns, catalogue and table of exceptions fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formsvc.domain.fields.checklist import Checklist, ChecklistExceptions
from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

PathFault = tuple[tuple[str, ...], str]


def checklist_faults(
    spec: Field, fields: Mapping[str, Field], entries_by_lookup: Mapping[str, list[Mapping[str, JSON]]]
) -> Iterator[PathFault]:
    """Yield what is wrong with the checklist of a table: path in it, sentence."""
    checklist = spec.checklist
    if checklist is None:
        return
    columns = {column.key: column for column in spec.columns or ()}
    item = columns.get(checklist.item)
    if item is None or item.kind != "choice" or not item.lookup:
        yield ("item",), msg("“{key}”应是本表中取自代码表（lookup）的单选列。", key=checklist.item)
        return
    if checklist.result not in columns:
        near = did_you_mean(checklist.result, columns)
        yield ("result",), msg("没有列“{key}”{near}。", key=checklist.result, near=near)
    for entry in entries_by_lookup.get(item.lookup, []):
        yield from _entry_faults(checklist, item.lookup, entry)
    if checklist.applies and checklist.applies.field not in fields:
        near = did_you_mean(checklist.applies.field, fields)
        yield ("applies", "field"), msg("没有字段“{field}”{near}。", field=checklist.applies.field, near=near)
    if checklist.exceptions:
        yield from _exception_faults(checklist.exceptions, item.lookup, fields)


def _entry_faults(checklist: Checklist, lookup: str, entry: Mapping[str, JSON]) -> Iterator[PathFault]:
    results, passing = entry.get(checklist.results), entry.get(checklist.passing)
    if not _are_texts(results) or not results:
        sentence = msg(
            "代码表“{lookup}”的“{code}”应在“{key}”里列出可以填的结果。",
            lookup=lookup,
            code=entry.get("code"),
            key=checklist.results,
        )
        yield ("results",), sentence
    elif not _are_texts(passing) or not set(passing or ()) <= set(results or ()):
        sentence = msg(
            "代码表“{lookup}”的“{code}”在“{key}”里列的合格结果，应都在“{results}”之内。",
            lookup=lookup,
            code=entry.get("code"),
            key=checklist.passing,
            results=checklist.results,
        )
        yield ("passing",), sentence


def _exception_faults(
    exceptions: ChecklistExceptions, lookup: str, fields: Mapping[str, Field]
) -> Iterator[PathFault]:
    rows = fields.get(exceptions.rows)
    if rows is None or rows.kind != "rows":
        near = did_you_mean(exceptions.rows, fields)
        yield ("exceptions", "rows"), msg("“{key}”不是明细表{near}。", key=exceptions.rows, near=near)
        return
    item = rows.column(exceptions.item)
    if item is None or item.kind != "choice" or item.lookup != lookup:
        sentence = msg("“{key}”应是“{rows}”中取自同一代码表的单选列。", key=exceptions.item, rows=rows.label)
        yield ("exceptions", "item"), sentence
    if rows.column(exceptions.code) is None:
        columns = [column.key for column in rows.columns or ()]
        near = did_you_mean(exceptions.code, columns)
        yield ("exceptions", "code"), msg("没有列“{key}”{near}。", key=exceptions.code, near=near)


def _are_texts(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)
