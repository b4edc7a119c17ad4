"""The first page: what is to be done today, by this person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, State, Step
from formsvc.usecases import access
from formsvc.usecases.acts import details
from formsvc.usecases.acts import search as act_search
from formsvc.usecases.administration import accounts, alerts, api_tokens
from formsvc.usecases.approval import review
from formsvc.usecases.cases import due_parts
from formsvc.usecases.definitions import Revision
from formsvc.usecases.reminders import urging
from formsvc.web.context import ports, who

SHOWN_IN_PART = 8
SHOWN_IN_LIST = 5
DECISION_RIGHTS = (Right.REVIEW, Right.APPROVE, Right.ISSUE)
# who decides on documents answers for the terms of the office, others for what they may do themselves
_OFFICE_RIGHTS = (Right.REVIEW, Right.APPROVE, Right.ADMINISTER)


@dataclass(frozen=True)
class EndingActs:
    """Acts whose own term ends, the first ones and the number of all."""

    acts: list[Act]
    total: int


def home_context() -> dict[str, Any]:
    """Return the variables of the page."""
    today = ports().clock.today()
    week_end = today + timedelta(days=6 - today.weekday())
    may = who().account.may
    drafts = act_search.list_drafts(ports(), who())
    return {
        "concerns": alerts.list_alerts(ports()) if who().account.is_admin else [],
        "own_tokens": api_tokens.tokens_awaiting(ports(), who()),
        "credentials_change": accounts.recent_credentials_change(ports(), who()),
        "urged": urging.urged_items(ports(), who()),
        "waiting": _by_state(review.list_tasks(ports(), who())),
        "due": due_parts.due_parts(
            ports(),
            who(),
            week_end,
            limit=SHOWN_IN_PART,
            mine=not any(may(right, "") for right in _OFFICE_RIGHTS),
        ),
        "ending": _ending_acts(today, week_end),
        "lateness": _lateness,
        "me": who().account.id,
        "returned": [act for act in drafts if act.returned_note],
        "drafts": [act for act in drafts if not act.returned_note],
        "with_others": act_search.list_submitted(ports(), who()),
        "usual": _frequent_forms(),
        "may_draft": may(Right.DRAFT, ""),
        "may_decide": any(may(right, "") for right in DECISION_RIGHTS),
        "writable": access.writable_forms(ports(), who()),
        "may_serve": lambda act: Step.SERVE in details.allowed_steps(ports(), who(), act),
        "shown": SHOWN_IN_LIST,
        "today": today.isoformat(),
        "week_end": week_end.isoformat(),
    }


def _lateness(counts: Sequence[int]) -> list[str]:
    """Return the counts by how late, those of nothing left out."""
    names = (_("七日以内"), _("三十日以内"), _("九十日以内"), _("更久"))
    return [f"{name} {count}" for name, count in zip(names, counts, strict=True) if count]


def _by_state(tasks: list[Act]) -> list[tuple[State, list[Act]]]:
    """Return the tasks by what has to be done."""
    states = (State.SUBMITTED, State.REVIEWED, State.APPROVED)
    return [(state, found) for state in states if (found := [act for act in tasks if act.status is state])]


def _ending_acts(today: date, week_end: date) -> dict[str, EndingActs]:
    """Return the acts of forms without own deadlines, by part."""
    living = ports().definitions.living_forms()
    outside = tuple(form for form, known in living.items() if known.life and known.life.deadlines)
    yesterday = today - timedelta(days=1)

    def until(day: date) -> tuple[list[Act], int]:
        return act_search.list_due_acts(ports(), who(), day.isoformat(), outside, limit=SHOWN_IN_PART)

    acts, total = until(week_end)
    late = until(yesterday)[1] if total > len(acts) else sum(act.due < today.isoformat() for act in acts)
    by_today = until(today)[1] if total > len(acts) else sum(act.due <= today.isoformat() for act in acts)
    return {
        "late": EndingActs([a for a in acts if a.due < today.isoformat()], late),
        "today": EndingActs([a for a in acts if a.due == today.isoformat()], by_today - late),
        "week": EndingActs([a for a in acts if a.due > today.isoformat()], total - by_today),
    }


def _frequent_forms() -> list[Revision]:
    current = ports().definitions.current()
    return [current[form] for form in act_search.most_used_forms(ports(), who()) if form in current]
