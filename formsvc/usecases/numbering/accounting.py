"""Accounting (核销) for reserved numbers: used, spoilt or lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from formsvc.domain.chinese import tidy_day
from formsvc.domain.numbering.register import (
    OUTCOMES,
    ROW_STATE_NAMES,
    RowState,
    row_state,
)
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.numbering.reservations import FEWEST_LETTERS, document_problems, editable_row
from formsvc.usecases.numbering.rows import NumberRow, with_changes
from formsvc.usecases.ports import Condition, Record, Transaction


@dataclass(frozen=True)
class Accounting:
    """The account (核销) of a reserved number; of a used one, its document."""

    outcome: str
    title: str = ""
    party: str = ""
    dated: str = ""
    related: str = ""
    note: str = ""


def account_for(ports: Ports, actor: Actor, key: str, accounting: Accounting) -> NumberRow:
    """Record what became of a reserved number.

    A lost number that turns up may be accounted for again. Raise InputRefused, and FormsvcError if the
    number is not a reserved one.
    """
    accounting = replace(accounting, dated=tidy_day(accounting.dated, ports.clock.today()))
    with ports.store.write() as tx:
        row = editable_row(tx, actor, key)
        if row_state(row) not in (RowState.RESERVED, RowState.LOST):
            state = ROW_STATE_NAMES[row_state(row)]
            raise FormsvcError(
                msg("{number}现在是“{state}”，不能核销。", number=row["text"], state=state),
                msg("只有已领用而未核销的号需要核销。"),
            )
        problems = _account_problems(row, accounting, ports.clock.today())
        related = _related(tx, accounting.related)
        if accounting.related.strip() and related is None:
            problems.append(Problem("related", msg("系统中没有这个文号的文书。"), msg("不清楚的可以不填。")))
        if problems:
            raise InputRefused(problems)
        related_id = (related or {}).get("id", "")
        accounted = with_changes(row, {**_accounted(ports, actor, accounting), "related": related_id})
        if row.get("outcome"):
            accounted["account_note"] = _with_earlier(row, accounting)
        tx.numbers.replace(key, accounted)
        what = ROW_STATE_NAMES[RowState(accounting.outcome)]
        note = msg("{number}核销为{what}", number=row["text"], what=what)
        record_event(
            tx,
            ports.clock,
            actor,
            "",
            "NumberAccounted",
            note=note,
            numbers=[key],
            told=accounting.note,
        )
    return accounted


def _with_earlier(row: NumberRow, accounting: Accounting) -> str:
    """Return the former account and the new one as a note."""
    before = msg(
        "原核销为{what}（{note}）", what=ROW_STATE_NAMES[RowState(row["outcome"])], note=row["account_note"]
    )
    return (
        msg("{before}，{now}", before=before, now=accounting.note.strip())
        if accounting.note.strip()
        else before
    )


def _account_problems(row: NumberRow, accounting: Accounting, today: date) -> list[Problem]:
    if accounting.outcome not in OUTCOMES or accounting.outcome == row["state"]:
        return [Problem("outcome", msg("请选择这个号的去向。"))]
    if accounting.outcome != RowState.USED:
        if len(accounting.note.strip()) < FEWEST_LETTERS:
            return [
                Problem(
                    "note", msg("损毁、遗失的号必须写明经过。"), msg("遗失的还要写明何时何地、如何声明。")
                )
            ]
        return []
    problems = document_problems(accounting.title, accounting.dated, row["year"], today)
    if not accounting.party.strip():
        problems.append(Problem("party", msg("请填写当事人。")))
    if not problems and accounting.dated < row["reserved_at"][:10]:
        day = row["reserved_at"][:10]
        problems.append(
            Problem("dated", msg("制作日期早于领用日期（{day}）。", day=day), msg("请核对日期。"))
        )
    return problems


def _related(tx: Transaction, number: str) -> Record | None:
    wanted = number.strip()
    found = tx.acts.find(Condition("number", "==", wanted), limit=1) if wanted else []
    return found[0] if found else None


def _accounted(ports: Ports, actor: Actor, accounting: Accounting) -> Record:
    now = ports.clock.now().isoformat(timespec="seconds")
    outcome = {
        "state": accounting.outcome,
        "outcome": accounting.outcome,
        "account_note": accounting.note.strip(),
        "accounted_at": now,
        "accounted_by": actor.account.display_name,
    }
    if accounting.outcome != RowState.USED:
        return outcome
    return outcome | {
        "title": accounting.title.strip(),
        "party": accounting.party.strip(),
        "dated": accounting.dated,
    }
