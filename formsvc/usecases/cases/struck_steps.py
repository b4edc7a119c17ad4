"""Steps of a case that are struck off: they need not be done any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act
from formsvc.domain.cases.case_act import NextStep, StruckOff
from formsvc.domain.cases.next_steps import next_steps
from formsvc.errors import Conflict, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits
from formsvc.usecases.access import visible_act
from formsvc.usecases.cases.case_file import (
    CaseContext,
    DueItem,
    derived_acts,
    due_items,
    load_case_context,
    to_case_act,
)
from formsvc.usecases.cases.due_computation import sibling_acts
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction


@dataclass(frozen=True)
class ChosenStep:
    """A step after an act; ``items`` are the numbers it is about, if any."""

    act: str
    step: str
    items: tuple[str, ...] = ()


def may_strike_off(actor: Actor, authority: str) -> bool:
    """Return whether the person answers for the authority's duties."""
    return any(actor.account.may(right, authority) for right in (Right.REVIEW, Right.APPROVE))


def strike_off(ports: Ports, actor: Actor, chosen: Sequence[ChosenStep], reason: str) -> list[Act]:
    """Strike off steps with one written reason; return their acts.

    All or none are struck off. Raise InputRefused, NotFound, RightMissing, or Conflict if one was done meanwhile.
    """
    reason = reason.strip()
    _check(chosen, reason)
    found = _find(ports, actor, chosen, load_case_context(ports))
    now = ports.clock.now().isoformat(timespec="seconds")
    struck: dict[str, Act] = {}
    with ports.store.write() as tx:
        for choice, seen, step in found:
            act = struck.get(choice.act) or visible_act(tx, actor, choice.act)
            if choice.act not in struck and act.version != seen.version:
                raise _done_meanwhile(act)
            entries = [
                StruckOff(choice.step, item, reason, now, actor.account.id, actor.account.display_name)
                for item in choice.items or ("",)
            ]
            added = [*act.struck_off, *(asdict(entry) for entry in entries)]
            struck[act.id] = act.changed(now, struck_off=added)
            tx.acts.replace(act.id, struck[act.id].to_record())
            note = msg("{title}：{reason}", title=_named(step, choice.items), reason=reason)
            record_event(
                tx, ports.clock, actor, act.id, "StruckOff",
                note=note, step=choice.step, items=list(choice.items),
            )  # fmt: skip
    return list(struck.values())


def chosen_dues(ports: Ports, actor: Actor, chosen: Sequence[ChosenStep]) -> list[DueItem]:
    """Return the steps as lists show them.

    Raise NotFound, RightMissing, or Conflict if one was done meanwhile.
    """
    office = load_case_context(ports)
    found = _find(ports, actor, chosen[: process_limits().struck_steps], office)
    return [
        due
        for choice, act, step in found
        for due in due_items(office, [replace(step, items=choice.items)], {act.id: act})
    ]


def _find(
    ports: Ports, actor: Actor, chosen: Sequence[ChosenStep], office: CaseContext
) -> list[tuple[ChosenStep, Act, NextStep]]:
    with ports.store.read() as tx:
        return [(choice, *_pending_step(tx, actor, choice, office)) for choice in chosen]


def _named(step: NextStep, items: tuple[str, ...]) -> str:
    if not items:
        return step.title
    return msg("{title}（第{numbers}项）", title=step.title, numbers="、".join(items))


def _check(chosen: Sequence[ChosenStep], reason: str) -> None:
    limits, problems = process_limits(), []
    if not chosen:
        problems.append(Problem("steps", msg("请先勾选要销项的事项。")))
    if len(chosen) > limits.struck_steps:
        problems.append(
            Problem("steps", msg("一次最多销项 {limit} 项，请分几次。", limit=limits.struck_steps))
        )
    if len(reason) < 2:
        problems.append(Problem("reason", msg("请写明为什么不再办理。")))
    if len(reason) > limits.reason_characters:
        problems.append(
            Problem("reason", msg("理由超过 {limit} 字，请缩短。", limit=limits.reason_characters))
        )
    if problems:
        raise InputRefused(problems)


def _pending_step(
    tx: Transaction, actor: Actor, choice: ChosenStep, office: CaseContext
) -> tuple[Act, NextStep]:
    """Return the act and its step. Raise NotFound, RightMissing, Conflict."""
    act = visible_act(tx, actor, choice.act)
    if not may_strike_off(actor, act.authority):
        actor.account.require(Right.APPROVE, act.authority)
    step = pending_step(tx, act, choice, office)
    if step is None:
        raise _done_meanwhile(act)
    return act, step


def pending_step(tx: Transaction, act: Act, choice: ChosenStep, office: CaseContext) -> NextStep | None:
    """Return a step that an act still waits for, None if it is done."""
    related = (*derived_acts(tx, [act], office), *sibling_acts(tx, [act], office))
    around = {one.id: one for one in (*related, act)}
    chained = [to_case_act(one, office) for one in around.values()]
    for step in next_steps(chained, office.rules):
        if (step.after.id, step.step) == (choice.act, choice.step) and set(choice.items) <= set(step.items):
            return step
    return None


def _done_meanwhile(act: Act) -> Conflict:
    return Conflict(
        msg("“{act}”的这一项已经办结、销项或者变动，没有重复销项。", act=act.number or act.title),
        msg("请刷新页面后查看。"),
    )
