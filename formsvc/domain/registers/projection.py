"""Rows of a register as lists show them: in force, ended or planned.

They follow from the entries of a group; they can be built again at any time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from formsvc.domain.fields import Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.audiences import audiences, hides_owners
from formsvc.domain.registers.cell_texts import text_of_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry, arranged
from formsvc.domain.search_text import build_search_text, fold_text, spellings

# Change it when rows are stored otherwise: all are built again then.
PROJECTION_VERSION = 3
DUPLICATE_SLOTS = ("d1", "d2")
_DIGITS = re.compile(r"\d{1,12}")
_SORTED_CHARACTERS = 60


class RowState(StrEnum):
    """State of a row on a day; the values are stored."""

    CURRENT = "current"
    ENDED = "ended"
    PLANNED = "planned"


@dataclass(frozen=True)
class ProjectedRow:
    """One row of a list, with what it is filtered, sorted and searched by.

    ``part`` is register, audience and state (see ``part_of``), ``turns`` the day on which rows of the group change next ("" for none),
    ``entry`` the entry that last changed the row, ``since`` that entry's day, ``begun`` the day of its first one.
    ``f1`` … hold the columns to filter by, ``s1`` … those to sort by, ``d1`` … the contents that
    duplicates share; ``duplicate`` is one that another row has, too. ``ending`` says how an ended row ended.
    """

    id: str
    register: str
    row: str
    group: str
    part: str
    key: str
    entry: str
    since: str
    begun: str
    values: dict[str, Any]
    search: str = ""
    turns: str = ""
    lacking: str = ""
    duplicate: str = ""
    ending: dict[str, Any] = field(default_factory=dict)
    # personal texts of the documents that wrote the row, each with its mask; never stored
    traced: dict[str, str] = field(default_factory=dict)
    f1: str = ""
    f2: str = ""
    f3: str = ""
    f4: str = ""
    f5: str = ""
    s1: str = ""
    s2: str = ""
    s3: str = ""
    s4: str = ""
    d1: str = ""
    d2: str = ""

    @property
    def state(self) -> RowState:
        return RowState(self.part.rpartition("/")[2])

    @property
    def audience(self) -> str:
        return audience_of_part(self.part)

    def to_record(self) -> dict[str, Any]:
        # not ``asdict``, which copies each value: an import of ten thousand rows would take twice as long
        record = dict(vars(self))
        del record["traced"]
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ProjectedRow:
        return cls(**record)


def part_of(register: str, state: RowState, audience: str = "") -> str:
    """Return the part of a register that a row stands in."""
    return f"{register}@{audience}/{state.value}" if audience else f"{register}/{state.value}"


def parts_with_audience(register: str) -> tuple[str, str]:
    """Return what parts that not everybody sees begin with, and what follows."""
    return f"{register}@", f"{register}A"


def audience_of_part(part: str) -> str:
    return part.rpartition("/")[0].partition("@")[2]


def row_id(register: RegisterDefinition, row: Mapping[str, JSON]) -> str:
    """Return the id of a row; it follows from the register's key columns."""
    text = json.dumps([register.id, *register.key_of(row)], ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:20]


def record_key(register: str, row: str, audience: str = "") -> str:
    """Return the key of a stored row.

    The row with the entries of all owners has the key without an audience.
    """
    return f"{register}/{row}@{audience}" if hides_owners(audience) else f"{register}/{row}"


def record_keys(register: str, row: str) -> tuple[str, str]:
    """Return the first key of a row for any audience, and what follows all."""
    return f"{register}/{row}", f"{register}/{row}A"


def signature_of(register: RegisterDefinition) -> str:
    """Return a text that changes when stored rows must be built again."""
    source = register.source
    used = {
        "version": PROJECTION_VERSION,
        "key": source.key,
        "name": register.name_column,
        "filters": source.filters,
        "sorted": register.sorted_columns,
        "searched": register.searched_columns,
        "spelt": register.spelt_columns,
        "expected": source.expected,
        "duplicates": [rule.model_dump() for rule in source.duplicates],
        "kinds": {column.key: column.kind for column in source.columns},
    }
    return hashlib.sha256(json.dumps(used, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


@dataclass
class _History:
    """Content of one row up to the latest of its entries."""

    values: dict[str, Any]
    entry: RegisterEntry
    begun: str
    number: int = 0


def project_audiences(
    register: RegisterDefinition,
    entries: Iterable[RegisterEntry],
    day: date,
    owner_of: Callable[[RegisterEntry], str],
) -> Iterator[ProjectedRow]:
    """Yield the rows of a group on a day as each audience sees them.

    ``owner_of`` returns the owner of what an entry wrote, "" for the office.
    """
    owned = [(entry, owner_of(entry)) for entry in entries if not entry.withdrawn]
    for seen, audience in audiences(owner for _entry, owner in owned if owner):
        visible = arranged(entry for entry, owner in owned if not owner or owner in seen)
        for row in project(register, visible, day):
            yield replace(
                row,
                id=record_key(register.id, row.row, audience),
                part=part_of(register.id, row.state, audience),
            )


def project(register: RegisterDefinition, entries: Iterable[RegisterEntry], day: date) -> list[ProjectedRow]:
    """Return the rows of a group on a day; ``entries`` are ``arranged``."""
    today = day.isoformat()
    standing = sorted((e for e in entries if not e.withdrawn), key=lambda e: (e.valid_from, e.id))
    begun = [entry for entry in standing if entry.valid_from <= today]
    later = [entry for entry in standing if entry.valid_from > today]
    turns = later[0].valid_from if later else ""
    histories = _histories(register, begun)
    current = _identified(register, begun[-1].rows) if begun else {}
    planned = {key: history for key, history in _histories(register, later).items() if key not in histories}
    rows = [
        _row(register, key, history, RowState.CURRENT if key in current else RowState.ENDED, turns, begun)
        for key, history in histories.items()
    ]
    rows += [_row(register, key, history, RowState.PLANNED, turns, later) for key, history in planned.items()]
    return rows


def _histories(register: RegisterDefinition, entries: Iterable[RegisterEntry]) -> dict[str, _History]:
    found: dict[str, _History] = {}
    for number, entry in enumerate(entries):
        for key, row in _identified(register, entry.rows).items():
            known = found.get(key)
            if known is None:
                found[key] = _History(row, entry, entry.valid_from, number)
            else:
                changed = known.values != row
                known.values, known.number = row, number
                known.entry = entry if changed else known.entry
    return found


def _identified(
    register: RegisterDefinition, rows: Iterable[Mapping[str, JSON]]
) -> dict[str, dict[str, Any]]:
    """Return rows by id; of rows with the same key each has its own."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = own = row_id(register, row)
        count = 1
        while key in found:
            count += 1
            key = f"{own}-{count}"
        found[key] = dict(row)
    return found


def _row(
    register: RegisterDefinition,
    key: str,
    history: _History,
    state: RowState,
    turns: str,
    entries: list[RegisterEntry],
) -> ProjectedRow:
    values, ending = history.values, {}
    if state is RowState.ENDED:
        end = entries[history.number + 1] if history.number + 1 < len(entries) else history.entry
        ended = end.given[0] if end.kind == EntryKind.END and end.given else {}
        values = {**values, **ended}
        ending = {"day": end.valid_from, "reason": end.note, "entry": end.id, "into": end.other}
    return ProjectedRow(
        record_key(register.id, key),
        register.id,
        key,
        history.entry.group,
        part_of(register.id, state),
        filter_text(values.get(register.source.key[0])),
        history.entry.id,
        history.entry.valid_from,
        history.begun,
        values,
        search_text_of(register, values),
        turns,
        "1" if register.missing_columns(values) else "",
        "",
        ending,
        {},
        **_slots(register, values),
    )


def _slots(register: RegisterDefinition, values: Mapping[str, JSON]) -> dict[str, str]:
    slots = {f"f{n}": filter_text(values.get(key)) for n, key in enumerate(register.source.filters, 1)}
    spelt = register.spelt_columns
    slots |= {
        f"s{n}": sort_text(values.get(key), by_pinyin=key in spelt)
        for n, key in enumerate(register.sorted_columns, 1)
    }
    return slots | {
        f"d{n}": duplicate_text(register, values, n - 1)
        for n in range(1, len(register.source.duplicates) + 1)
    }


def filter_text(value: JSON) -> str:
    """Return what a filter compares; several choices are one text."""
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def sort_text(value: JSON, *, by_pinyin: bool = False) -> str:
    """Return a text that sorts as the value does: 2号 before 10号."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{value:020.4f}"
    text = filter_text(value).casefold()[:_SORTED_CHARACTERS]
    if by_pinyin:
        text = "".join(spellings(text)[:1]) + text
    return _DIGITS.sub(lambda number: number.group().zfill(12), text)


def duplicate_text(register: RegisterDefinition, values: Mapping[str, JSON], number: int) -> str:
    """Return what duplicates by a rule share, "" if the rule does not apply."""
    rule = register.source.duplicates[number]
    if rule.unless and _is_known(register.column(rule.unless), values.get(rule.unless)):
        return ""
    known = [values.get(key) for key in rule.columns if _is_known(register.column(key), values.get(key))]
    if len(known) != len(rule.columns):
        return ""
    return f"{register.id}/" + "\n".join(fold_text(filter_text(value)) for value in known)


def _is_known(column: Field | None, value: JSON) -> bool:
    return column is not None and not is_empty(value) and value not in (column.also or ())


def search_text_of(register: RegisterDefinition, values: Mapping[str, JSON]) -> str:
    """Return the text in which a search looks for parts."""
    spelt = register.spelt_columns
    texts = {key: text_of_cell(register.column(key), values.get(key)) for key in register.searched_columns}
    plain = [text for key, text in texts.items() if text and key not in spelt]
    return build_search_text(plain, [texts[key] for key in spelt if texts.get(key)])


def slot_of(register: RegisterDefinition, column: str) -> str:
    """Return the stored field to filter or sort a column by, "" for none."""
    for letter, keys in (("f", register.source.filters), ("s", register.sorted_columns)):
        for number, key in enumerate(keys, 1):
            if key == column:
                return f"{letter}{number}"
    return ""


def text_in_slot(slot: str, value: JSON) -> str:
    """Return what a stored field of ``slot_of`` holds for a value."""
    return sort_text(value) if slot.startswith("s") else filter_text(value)


def without_marks(rows: Iterable[ProjectedRow]) -> Iterator[dict[str, Any]]:
    """Yield the records of rows as they follow from entries alone."""
    for row in rows:
        yield {**row.to_record(), "duplicate": ""}
