"""Counts of a register's views and values, kept until it changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from formsvc.domain.json_types import is_empty
from formsvc.domain.registers.cell_texts import translatable_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import ProjectedRow, RowState, filter_text, slot_of
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.row_index import bring_up_to_date
from formsvc.usecases.registers.row_owners import part_condition, visible_audiences, visible_part
from formsvc.usecases.registers.row_search import (
    ALL,
    DUPLICATES,
    ENDED,
    LACKING,
    PLANNED,
    RowFilters,
    view_conditions,
)

_OFFERED_VALUES = 200
# people belong to different audiences; beyond this the counts are computed again
_MOST_KEPT = 200


@dataclass(frozen=True)
class ViewCount:
    """A view with its name and the number of its rows."""

    name: str
    title: str
    count: int


@dataclass(frozen=True)
class ListCounts:
    """Views, and for each column to filter by its values with their names.

    ``reached`` is the length of the chain up to which they are right, on ``day``.
    """

    views: tuple[ViewCount, ...]
    values: Mapping[str, tuple[tuple[str, str], ...]]
    signature: int
    day: str
    reached: int

    def total_of(self, filters: RowFilters) -> int | None:
        """Return how many rows a list without other filters has, None with some."""
        if filters.text or any(filters.columns.values()):
            return None
        return next((view.count for view in self.views if view.name == filters.view), None)


class CountCache:
    """Counts of each register for who sees the same rows, in this process.

    For threads.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], ListCounts] = {}
        self._lock = threading.Lock()

    def get(self, ports: Ports, actor: Actor, register: RegisterDefinition) -> ListCounts:
        """Return the counts of what the person may see, as they are now."""
        bring_up_to_date(ports, register)
        day = ports.clock.today().isoformat()
        with ports.store.read() as tx:
            audiences = visible_audiences(tx, actor, register.id)
            key = (register.id, *audiences)
            known = self._known.get(key)
            reached = tx.reached()
            if known is None or known.day != day or known.signature != id(register):
                known = None
            elif known.reached != reached:
                known = (
                    None if _has_changed(tx, register.id, known.reached) else replace(known, reached=reached)
                )
            if known is None:
                known = _count(ports, tx, register, day, audiences)
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[key] = known
        return known


def _has_changed(tx: Transaction, register: str, reached: int) -> bool:
    written = tx.written_since(reached)
    return any(
        name == "register_entries" and (tx.register_entries.get(key) or {}).get("register") == register
        for name, key in written
    ) or any(name == "settings" for name, _key in written)


def _count(
    ports: Ports, tx: Transaction, register: RegisterDefinition, day: str, audiences: tuple[str, ...]
) -> ListCounts:
    source, today = register.source, ports.clock.today()
    names: dict[str, str] = {ALL: msg("全部")}
    names |= {str(n): DefinitionText(register.id, view.title) for n, view in enumerate(source.views)}
    if source.duplicates:
        names[DUPLICATES] = msg("疑似重复")
    if source.expected:
        names[LACKING] = msg("缺项")
    names |= {PLANNED: msg("尚未生效"), ENDED: msg("已停用")}
    counts = {
        view: tx.register_rows.count(*view_conditions(register, view, today, audiences)) for view in names
    }
    views = tuple(
        ViewCount(view, title, counts[view])
        for view, title in names.items()
        if counts[view] or view not in (PLANNED, ENDED)
    )
    values = {key: _values(tx, register, key, audiences) for key in source.filters}
    return ListCounts(views, values, id(register), day, tx.reached())


def _values(
    tx: Transaction, register: RegisterDefinition, key: str, audiences: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Return the values of a column with their names."""
    column = register.column(key)
    if column is None:
        return ()
    if column.kind == "yes_no":
        return ("true", msg("是")), ("false", msg("否"))
    if column.options:
        return tuple((option.code, DefinitionText(register.id, option.name)) for option in column.options)
    part = part_condition(register.id, RowState.CURRENT, audiences)
    texts = sorted(text for text in tx.register_rows.groups(slot_of(register, key), part) if text)
    return tuple(
        (text, translatable_cell(register.id, column, text) or text) for text in texts[:_OFFERED_VALUES]
    )


@dataclass(frozen=True)
class RelatedCount:
    """Numbers of rows of a register about another row, by their contents.

    ``open`` and ``closed`` are texts with counts, ``filters`` those of its list.
    """

    register: RegisterDefinition
    open: tuple[tuple[str, int], ...]
    closed: tuple[tuple[str, int], ...]
    filters: dict[str, str]

    def links(self) -> dict[str, str]:
        """Return the parameters of the address of the list of these rows."""
        return {f"c_{column}": text for column, text in self.filters.items()}


def count_related(
    ports: Ports, actor: Actor, register: RegisterDefinition, row: ProjectedRow
) -> list[RelatedCount]:
    """Return the counts of rows in force that the person may see."""
    known = ports.definitions.registers_in_use()
    found = []
    for rule in register.source.related:
        other = known.get(rule.register_name)
        wanted = {column: row.values.get(own) for column, own in rule.columns.items()}
        slots = {column: slot_of(other, column) for column in wanted} if other else {}
        # another office may have changed the other register
        if other is None or not all(slots.values()) or any(is_empty(value) for value in wanted.values()):
            continue
        filters = {column: filter_text(value) for column, value in wanted.items()}
        conditions = [Condition(slots[column], "==", text) for column, text in filters.items()]
        with ports.store.read() as tx:
            part = visible_part(tx, actor, other.id, RowState.CURRENT)
            counted = Counter(
                record["values"].get(rule.by) for record in tx.register_rows.find(part, *conditions)
            )
        texts = [
            (value, translatable_cell(other.id, other.column(rule.by), value), n)
            for value, n in counted.items()
        ]
        opened = tuple((text, n) for value, text, n in texts if value not in rule.closed)
        closed = tuple((text, n) for value, text, n in texts if value in rule.closed)
        found.append(RelatedCount(other, opened, closed, filters))
    return found
