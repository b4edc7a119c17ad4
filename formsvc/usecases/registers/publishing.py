"""Publication of register definitions: the store keeps the last good one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from formsvc.domain.json_types import JSON
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import Fault, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.event_records import ADMINISTERED, append_event
from formsvc.usecases.ports import Clock, Record, Store
from formsvc.usecases.publishing import PROGRAM

_log = logging.getLogger(__name__)
Registers = dict[str, RegisterDefinition]


def publish_registers(
    store: Store, clock: Clock, checked: Iterable[Mapping[str, JSON]]
) -> tuple[Registers, list[Fault]]:
    """Store the registers that changed; return all in use, and unusable ones.

    A register whose file is faulty or gone stays as it was: rows were written by it.
    """
    found = {str(register["id"]): dict(register) for register in checked}
    with store.read() as tx:
        stored = {record["id"]: record for record in tx.registers.find(order="id")}
    changed = {key for key, content in found.items() if _content(stored.get(key)) != content}
    if changed:
        _store(store, clock, {key: found[key] for key in sorted(changed)})
    return _load({**{key: _content(record) for key, record in stored.items()}, **found})


def _content(record: Record | None) -> Mapping[str, JSON]:
    return record["definition"] if record else {}


def _store(store: Store, clock: Clock, changed: Mapping[str, Mapping[str, JSON]]) -> None:
    with store.write() as tx:
        for key, content in changed.items():
            before = tx.registers.get(key)
            # another process may have published it meanwhile
            if _content(before) == content:
                continue
            record = {"id": key, "definition": dict(content), "published_at": clock.now().isoformat()}
            if before is None:
                tx.registers.insert(key, record)
            else:
                tx.registers.replace(key, record)
            note = msg("启用登记簿 {register}“{title}”。", register=key, title=str(content["title"]))
            append_event(tx, clock, PROGRAM, ADMINISTERED, note=note, register=key)


def _load(contents: Mapping[str, Mapping[str, JSON]]) -> tuple[Registers, list[Fault]]:
    registers: Registers = {}
    faults: list[Fault] = []
    for key, content in contents.items():
        try:
            registers[key] = RegisterDefinition.from_resolved(content)
        except (FormsvcError, ValueError, TypeError, KeyError) as error:
            _log.warning("%s: %s", key, error)
            sentence = msg("已启用的登记簿“{register}”不能使用。请放入改正后的定义。", register=key)
            faults.append(Fault(f"registers/{key}.json", "", sentence))
    return registers, faults
