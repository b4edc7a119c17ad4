"""Scans of the signed paper (签收后的扫描件), kept with the issued act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import NUMBERED_STATES, Act, State
from formsvc.domain.fields import Field
from formsvc.errors import FormsvcError, InputRefused, Problem, TransitionRefused
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.answer_files import check_files, file_record
from formsvc.usecases.drafting.uploads import UploadRefused
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction

# a photograph of the paper is turned upright, scaled and freed of metadata; a PDF is kept as it is
_PAPER = Field(key="scans", label="签收后的扫描件", kind="files")
_PICTURES = Field(key="scans", label="签收后的扫描件", kind="photographs")


def may_add_scans(actor: Actor, act: Act) -> bool:
    """Return whether a person may add scans to an act now."""
    if act.status not in NUMBERED_STATES or act.status is State.VOID or act.erased:
        return False
    return act.drafter == actor.account.id or actor.account.may(Right.SERVE, act.authority)


def add_scans(ports: Ports, actor: Actor, act_id: str, files: Sequence[tuple[str, bytes]]) -> Act:
    """Keep scans of the signed paper with an issued act; its documents stay.

    ``files`` are names and contents. Raise InputRefused naming each file that is not accepted (none is kept then),
    TransitionRefused, RightMissing.
    """
    with ports.store.read() as tx:
        act = _act_to_complete(tx, actor, act_id)
    if not files:
        raise InputRefused([Problem("scans", msg("请先选择签收后的照片或者 PDF。"))])
    most = ports.limits.field_files
    if len(act.scans) + len(files) > most:
        raise InputRefused([Problem("scans", msg("一件文书最多收 {most} 个扫描件。", most=most))])
    records, contents = _checked(ports, files)
    for content in contents:
        ports.files.keep(content)
    with ports.store.write() as tx:
        current = _act_to_complete(tx, actor, act_id)
        now = ports.clock.now().isoformat(timespec="seconds")
        known = {scan["sha256"] for scan in current.scans}
        added = [
            {**record, "at": now, "by": actor.account.display_name}
            for record in records
            if record["sha256"] not in known
        ]
        complete = current.changed(now, scans=[*current.scans, *added])
        tx.acts.replace(act_id, complete.to_record())
        if added:
            note = format_list(scan["name"] for scan in added)
            hashes = [scan["sha256"] for scan in added]
            record_event(tx, ports.clock, actor, act_id, "ScansAdded", note=note, files=hashes)
    return complete


def _act_to_complete(tx: Transaction, actor: Actor, act_id: str) -> Act:
    act = visible_act(tx, actor, act_id)
    if act.erased:
        raise FormsvcError(msg("这件文书的个人信息已按保存期限删除，不能再收扫描件。"))
    if act.status not in NUMBERED_STATES or act.status is State.VOID:
        raise TransitionRefused(act.state_name, msg("收进签收后的扫描件"), [])
    if not may_add_scans(actor, act):
        actor.account.require(Right.SERVE, act.authority)
    return act


def _checked(ports: Ports, files: Sequence[tuple[str, bytes]]) -> tuple[list[dict[str, Any]], list[bytes]]:
    records: list[dict[str, Any]] = []
    contents: list[bytes] = []
    problems: list[Problem] = []
    for name, content in files:
        field = _PAPER if content[:5] == b"%PDF-" else _PICTURES
        (outcome,) = check_files(ports, field, [content])
        if isinstance(outcome, UploadRefused):
            sentence = msg("“{name}”没有收下：{reason}", name=name, reason=outcome)
            problems.append(Problem("scans", sentence))
        else:
            record = file_record(field, name, outcome)
            records.append({key: record[key] for key in ("name", "sha256", "size", "mime")})
            contents.append(outcome.content)
    if problems:
        raise InputRefused(problems)
    return records, contents
