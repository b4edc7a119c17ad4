"""Numbers and repeated columns that a new row gets by itself."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.timeline import RegisterEntry
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.row_owners import visible_entries
from formsvc.usecases.registers.rows import visible_history

_PAGE = 50
_READ_ROWS = 1000


def with_repeated(
    tx: Transaction, actor: Actor, register: RegisterDefinition, values: dict[str, JSON]
) -> dict[str, JSON]:
    """Return the row with the columns that it repeats from the latest one."""
    missing = [key for key in register.source.repeated if is_empty(values.get(key))]
    if not missing:
        return values
    latest = latest_row(tx, actor, register)
    return {**values, **{key: latest[key] for key in missing if not is_empty(latest.get(key))}}


def latest_row(tx: Transaction, actor: Actor, register: RegisterDefinition) -> Mapping[str, JSON]:
    """Return the row that was written last as the person sees it, {} for none.

    Of documents' rows only the latest are looked through.
    """
    records = tx.register_entries.find(
        Condition("register", "==", register.id), order="id", descending=True, limit=_PAGE
    )
    for entry in map(RegisterEntry.from_record, records):
        if visible_entries(tx, actor, [entry]):
            history = visible_history(tx, actor, register.id, entry.group)
            rows = next((each.rows for each in history if each.id == entry.id), [])
            return rows[-1] if rows else {}
    return {}


def with_number(
    tx: Transaction, register: RegisterDefinition, values: dict[str, JSON], last: dict[str, str] | None = None
) -> dict[str, JSON]:
    """Return the row with the next number of its prefix, if it has none.

    ``last`` remembers the last number of each prefix that was given in this transaction.
    """
    rule = register.source.key_number
    if rule is None or not is_empty(values.get(rule.column)):
        return values
    prefix = rule.prefix_of(values)
    known = last if last is not None else {}
    if prefix not in known:
        known[prefix] = _last_number(tx, register, prefix)
    known[prefix] = rule.next_after(prefix, known[prefix])
    return {**values, rule.column: known[prefix]}


def _last_number(tx: Transaction, register: RegisterDefinition, prefix: str) -> str:
    beginning = (
        Condition("register", "==", register.id),
        Condition("key", ">=", prefix),
        Condition("key", "<", prefix + "\U0010ffff"),
    )
    # numbers typed by hand may go on with letters
    for offset in range(0, _READ_ROWS, _PAGE):
        found = tx.register_rows.find(*beginning, order="key", descending=True, offset=offset, limit=_PAGE)
        for record in found:
            tail = record["key"].removeprefix(prefix)
            if tail.isascii() and tail.isdigit():
                return str(record["key"])
        if len(found) < _PAGE:
            break
    return ""
