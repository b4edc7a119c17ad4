"""Register definitions in use: the store keeps the last good one of each."""

from __future__ import annotations

import logging

from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import Fault, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import Store

_log = logging.getLogger(__name__)
Registers = dict[str, RegisterDefinition]


def registers_in_use(store: Store) -> tuple[Registers, list[Fault]]:
    """Return all registers in use by id, and unusable ones.

    A register whose file is faulty or gone stays as it was: rows were written by it.
    """
    with store.read() as tx:
        stored = {record["id"]: record["definition"] for record in tx.registers.find(order="id")}
    registers: Registers = {}
    faults: list[Fault] = []
    for key, content in stored.items():
        try:
            registers[key] = RegisterDefinition.from_resolved(content)
        except (FormsvcError, ValueError, TypeError, KeyError) as error:
            _log.warning("%s: %s", key, error)
            sentence = msg("已启用的登记簿“{register}”不能使用。请放入改正后的定义。", register=key)
            faults.append(Fault(f"registers/{key}.json", "", sentence))
    return registers, faults
