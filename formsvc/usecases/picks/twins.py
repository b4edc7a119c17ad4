"""Rows of registers that parties of documents are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formsvc.domain.fields import Field
from formsvc.domain.fields.field import Pick
from formsvc.domain.json_types import JSON
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import ProjectedRow
from formsvc.domain.search_text import fold_text
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.duplicates import twins_of


def picked_fields(
    registers: Mapping[str, RegisterDefinition], fields: Iterable[Field]
) -> list[tuple[Field, RegisterDefinition]]:
    """Return the fields that are picked from a register in use."""
    return [
        (entry, registers[entry.pick.register_name])
        for entry in fields
        if entry.pick and entry.pick.register_name in registers
    ]


def find_twin(
    tx: Transaction,
    actor: Actor | None,
    register: RegisterDefinition,
    pick: Pick,
    answers: Mapping[str, JSON],
) -> tuple[int, ProjectedRow] | None:
    """Return the row in force that a party is, with the number of the rule.

    It is one that the person may see, for None one that the office wrote.
    """
    columns = {column: answers.get(target) for target, column in pick.fields.items()}
    name = fold_text(register.name_of(columns))
    twins = twins_of(tx, actor, register, columns)
    # of several with one code that of the same name
    return min(twins, key=lambda twin: fold_text(register.name_of(twin[1].values)) != name, default=None)


def register_notices(
    tx: Transaction,
    actor: Actor | None,
    registers: Mapping[str, RegisterDefinition],
    fields: Iterable[Field],
    answers: Mapping[str, JSON],
) -> list[Problem]:
    """Return a notice for each party that its register names otherwise."""
    notices = []
    for entry, register in picked_fields(registers, fields):
        name = str(answers.get(entry.key) or "")
        twin = find_twin(tx, actor, register, entry.pick, answers) if entry.pick and name else None
        if twin is None or fold_text(register.name_of(twin[1].values)) == fold_text(name):
            continue
        labels = [register.label_of(key) for key in register.source.duplicates[twin[0]].columns]
        sentence = msg(
            "“{title}”里{labels}相同的是“{known}”，这里写的是“{name}”。",
            title=register.title,
            labels=format_list(labels),
            known=register.name_of(twin[1].values),
            name=name,
        )
        notices.append(Problem(entry.key, sentence, msg("请核对是不是同一家。")))
    return notices
