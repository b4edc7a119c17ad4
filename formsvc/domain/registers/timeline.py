"""History of register rows by date.

An entry is what one document (or person) wrote about the rows that are replaced together: it writes them, changes
them or ends them, from a day on. What the rows are on a day follows from all entries that stand, in the order of
their days. An entry that is withdrawn, because its document was voided, leaves the history and takes nothing else
with it: what was written before or after it is as if it had never been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from formsvc.domain.json_types import JSON

# ``valid_to`` of rows that nothing has replaced yet: days compare as texts
OPEN_END = "9999-12-31"


class EntryKind(StrEnum):
    """Kind of change that an entry makes to rows; the values are stored."""

    WRITE = "write"
    CHANGE = "change"
    END = "end"


@dataclass(frozen=True)
class RegisterEntry:
    """One entry about the rows of a register that share ``group``.

    ``given`` is what it wrote: whole rows, or for a change the columns to change. ``matching`` restricts a change
    or an end to rows with these values; ``added`` is the row that a change adds where none has them. ``given`` of an end
    is what its rows show once they have ended. ``rows`` are the rows in force from ``valid_from`` to ``valid_to`` (both
    days included), ``replaces`` the entry before it; all three follow from the other entries of the group.

    Of an entry that no document made: ``note`` is the reason, ``file`` and ``line`` where an import read it, ``other``
    the id of the row it was merged with.
    """

    id: str
    register: str
    group: str
    kind: str
    valid_from: str
    given: list[dict[str, Any]] = field(default_factory=list)
    matching: dict[str, Any] = field(default_factory=dict)
    added: dict[str, Any] = field(default_factory=dict)
    source_act: str = ""
    event: str = ""
    at: str = ""
    by: str = ""
    valid_to: str = OPEN_END
    rows: list[dict[str, Any]] = field(default_factory=list)
    replaces: str = ""
    withdrawn: str = ""
    withdrawn_by: str = ""
    note: str = ""
    file: str = ""
    line: int = 0
    other: str = ""

    def to_record(self) -> dict[str, Any]:
        # not ``asdict``, which copies each value: an import of ten thousand rows would take twice as long
        return dict(vars(self))

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RegisterEntry:
        return cls(**record)

    def rows_after(self, before: Iterable[Mapping[str, JSON]]) -> list[dict[str, Any]]:
        """Return the rows in force once this entry is."""
        former = [dict(row) for row in before]
        if self.kind == EntryKind.WRITE:
            return [dict(row) for row in self.given]
        touched = [self._matches(row) for row in former]
        if self.kind == EntryKind.END:
            return [row for row, is_touched in zip(former, touched, strict=True) if not is_touched]
        changes = self.given[0] if self.given else {}
        if self.added and not any(touched):
            return [*former, {**self.added, **changes}]
        return [
            {**row, **changes} if is_touched else row for row, is_touched in zip(former, touched, strict=True)
        ]

    def _matches(self, row: Mapping[str, JSON]) -> bool:
        return all(row.get(column) == value for column, value in self.matching.items())


def arranged(entries: Iterable[RegisterEntry]) -> list[RegisterEntry]:
    """Return the entries of one group with rows, days and predecessors.

    Of two entries of one day the later written wins from that day on; the earlier is in force on no day.
    """
    standing = sorted((e for e in entries if not e.withdrawn), key=lambda e: (e.valid_from, e.id))
    rows: list[dict[str, Any]] = []
    found: list[RegisterEntry] = []
    for index, entry in enumerate(standing):
        rows = entry.rows_after(rows)
        ends = _day_before(standing[index + 1].valid_from) if index + 1 < len(standing) else OPEN_END
        before = standing[index - 1].id if index else ""
        found.append(replace(entry, rows=rows, valid_to=ends, replaces=before))
    return found


def rows_on(entries: Iterable[RegisterEntry], day: date) -> list[dict[str, Any]]:
    """Return the rows of these entries that are in force on a day."""
    wanted = day.isoformat()
    return [
        row
        for entry in entries
        if not entry.withdrawn and entry.valid_from <= wanted <= entry.valid_to
        for row in entry.rows
    ]


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
