"""Closed and locked cases: nothing more is made from them unless reopened."""

from __future__ import annotations

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act
from formsvc.errors import Conflict, FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.undoing import add_consequence, case_beginning
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction

_REOPEN = "reopen_case"


def require_open_case(ports: Ports, act: Act) -> None:
    """Raise Conflict if the act is to be made from a locked case."""
    if not act.source_act:
        return
    with ports.store.read() as tx:
        first = case_beginning(tx, act)
    lock = first.case_lock(ports.clock.today().isoformat())
    if lock is None:
        return
    raise Conflict(
        msg(
            "这个案件已由《{title}》{number}结案锁定，不能再据以制作文书。",
            title=lock["title"],
            number=lock["number"],
        ),
        msg(
            "确需继续办理的，请负责人在“{number}”的页面上写明理由，重新办理。",
            number=first.number or first.title,
        ),
    )


def case_lock_of(ports: Ports, actor: Actor, act_id: str) -> tuple[Act, dict[str, str] | None]:
    """Return the act a case began with, and by what it is locked.

    Raise NotFound.
    """
    with ports.store.read() as tx:
        first = case_beginning(tx, visible_act(tx, actor, act_id))
    return first, first.case_lock(ports.clock.today().isoformat())


def reopen_case(ports: Ports, actor: Actor, act_id: str, *, reason: str) -> Act:
    """Lift the lock of a case, by who answers for it and with the reason.

    Return the act the case began with. Raise RightMissing, InputRefused, FormsvcError if it is not locked.
    """
    if len(reason.strip()) < 2:
        raise InputRefused([Problem("reason", msg("请写明重新办理的理由。"))])
    with ports.store.write() as tx:
        act = visible_act(tx, actor, act_id)
        first = case_beginning(tx, act)
        actor.account.require(Right.APPROVE, first.authority)
        if first.case_lock(ports.clock.today().isoformat()) is None:
            raise FormsvcError(msg("这个案件没有锁定。"), msg("可以直接制作文书。"))
        _lift(ports, tx, actor, first, reason.strip())
        return Act.from_record(tx.acts.get(first.id) or {})


def _lift(ports: Ports, tx: Transaction, actor: Actor, first: Act, reason: str) -> None:
    cause = (_REOPEN, "", ports.clock.today().isoformat())
    add_consequence(ports, tx, first.id, first, cause, by=actor.account.id, reason=reason)
    record_event(tx, ports.clock, actor, first.id, "CaseReopened", note=reason)
