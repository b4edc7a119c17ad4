"""Rows that no document writes: those typed from paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from formsvc.domain.authorities import ENTRUSTMENTS
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Record, Transaction
from formsvc.usecases.registers.rows import add_entry, entries_of_act, withdraw_entries

REGISTERED = "registered"


def source_of_paper(record_id: str) -> str:
    """Return what stands for an act in the entries of a paper entrustment."""
    return f"{ENTRUSTMENTS}/{record_id}"


def register_paper_entrustment(ports: Ports, tx: Transaction, record: Record, by: str) -> None:
    """Write a paper entrustment into its register; a changed one again."""
    register = ports.definitions.registers_in_use().get(ENTRUSTMENTS)
    if register is None:
        raise FormsvcError(
            msg("没有登记簿“{register}”。", register=ENTRUSTMENTS),
            msg("请管理员核对 form_definitions/registers 文件夹。"),
        )
    now = ports.clock.now().isoformat(timespec="seconds")
    source = source_of_paper(record["id"])
    before = [entry for entry in entries_of_act(tx, source) if not entry.withdrawn]
    row = _row(record)
    whole = {c.key: row.get(c.key, FIELD_TYPES[c.kind].empty()) for c in register.columns}
    since = str(record.get("issue_date") or record["start_date"])
    entry = RegisterEntry(
        "", ENTRUSTMENTS, register.group_of(whole), EntryKind.WRITE.value, since, [whole],
        source_act=source, event=REGISTERED, at=now, by=by,
    )  # fmt: skip
    if len(before) == 1 and _same(before[0], entry):
        return
    withdraw_entries(tx, before, now, source)
    add_entry(tx, entry)


def _row(record: Record) -> Mapping[str, object]:
    return {**{k: v for k, v in record.items() if v not in (None, "")}, "doc_no": record["number"]}


def _same(before: RegisterEntry, entry: RegisterEntry) -> bool:
    written = replace(
        entry, id=before.id, at=before.at, by=before.by, rows=before.rows, valid_to=before.valid_to,
        replaces=before.replaces,
    )  # fmt: skip
    return written == before
