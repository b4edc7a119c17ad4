"""Reminders of due and overdue steps, once a day for each person.

A mail names documents and days, but no party: it leaves the office. Who has no address, or an office without a mail
server, gets the message in the file of the day; the home page shows the same.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from formsvc.domain.accounts.account import Account, Right
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import Message, msg
from formsvc.usecases.administration.accounts import list_accounts
from formsvc.usecases.cases.case_context import CaseContext, load_case_context
from formsvc.usecases.cases.case_file import DueItem
from formsvc.usecases.cases.due_computation import bring_up_to_date
from formsvc.usecases.cases.due_list import explained_steps, person_key, step_view
from formsvc.usecases.cases.pending import PendingStep
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration
from formsvc.usecases.ports import Record, Transaction
from formsvc.usecases.reminders.addresses import email_of

KEY = "reminders"
# of a message; the page has all
LISTED = 20
_RETRY = timedelta(minutes=15)
_ATTEMPTS = 4
# a process that died while it sent leaves its claim so long
_CLAIM = timedelta(minutes=10)
SENT, FILED, NOTHING, FAILED = "sent", "filed", "nothing", "failed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OwnDues:
    """Steps due until today for a person, the first ones; the number of all."""

    dues: tuple[DueItem, ...]
    total: int
    late: int


def remind_people(ports: Ports) -> Counter[str]:
    """Remind each person who has not been reminded today; return the outcomes.

    Nothing is done before the hour of the settings, and while another process does it.
    """
    now = ports.clock.now()
    at = ports.policy.remind_at
    outcomes: Counter[str] = Counter()
    if at is None or now.time() < at or not _claim(ports, now):
        return outcomes
    try:
        office = load_case_context(ports)
        for account in list_accounts(ports):
            known = _outcome_of(ports, now, account.id)
            if account.active and _is_to_be_reminded(known, now):
                outcome = _remind(ports, account, office, now, int(known.get("attempts", 0)))
                outcomes[outcome["state"]] += 1
                _keep(ports, now, account.id, outcome)
    finally:
        _release(ports, now, outcomes)
    return outcomes


def _is_to_be_reminded(known: Record, now: datetime) -> bool:
    if not known:
        return True
    again = str(known.get("again", ""))
    return known["state"] == FAILED and "" < again <= now.isoformat()


def _remind(ports: Ports, account: Account, office: CaseContext, now: datetime, attempts: int) -> Record:
    own = own_dues(ports, account, office)
    if own is None:
        # the list of due items is not computed yet
        return {"state": FAILED, "attempts": attempts, "again": (now + timedelta(minutes=1)).isoformat()}
    if not own.total:
        return {"state": NOTHING}
    subject, text = _message(account, own)
    address = email_of(account)
    try:
        if ports.mailer is not None and address and attempts < _ATTEMPTS:
            ports.mailer.send(address, str(subject), text)
            return {"state": SENT}
        if ports.message_file is not None:
            ports.message_file.add(office.today, account.display_name or account.id, text)
            return {"state": FILED}
    except FormsvcError as error:
        _log.warning("reminder of %s not sent: %s", account.id, error)
        return {
            "state": FAILED,
            "attempts": attempts + 1,
            "again": (now + _RETRY).isoformat() if attempts < _ATTEMPTS else "",
            "error": str(error.message),
        }
    return {"state": NOTHING}


def own_dues(ports: Ports, account: Account, office: CaseContext) -> OwnDues | None:
    """Return what a person has to do by today, None while it is not computed.

    Who drafts is reminded of what follows from their own documents, others of what only they may do.
    """
    actor, index, today = Actor(account), ports.due_index, office.today.isoformat()
    with ports.store.read() as tx:
        with index.lock:
            if bring_up_to_date(ports, tx, office) and not index.is_computed:
                return None
            view = index.view(
                ("due", True, person_key(actor)), lambda steps: step_view(steps, actor, mine=True)
            )
            due = [step for step in view.steps[: view.bounds(today)[0]] if _is_own(step, account)]
        shown = tuple(explained_steps(tx, index, actor, due[:LISTED], office))
    return OwnDues(shown, len(due), sum(step.day < today for step in due))


def _is_own(step: PendingStep, account: Account) -> bool:
    act = step.pending.act
    return act.drafter == account.id or not account.may(Right.DRAFT, act.authority)


def _message(account: Account, own: OwnDues) -> tuple[Message, str]:
    subject = msg("有 {n} 项到期，其中 {late} 项已经逾期", n=own.total, late=own.late)
    greeting = msg("{name}：您{summary}。", name=account.display_name, summary=subject)
    lines = [str(greeting), *_lines(own.dues)]
    if own.total > len(own.dues):
        lines.append(str(msg("……还有 {n} 项。", n=own.total - len(own.dues))))
    lines.append(str(msg("请登录“表单与文书”，在首页“今天要办”里办理。邮件不写当事人。")))
    return subject, "\n".join(lines)


def _lines(dues: Sequence[DueItem]) -> Iterator[str]:
    for due in dues:
        what = due.after.number or due.after.title
        yield f"· {due.day.isoformat() if due.day else ''}　{due.step.title}（{what}）"


# Which people were reminded today ---------------------------------------------------------------------


def _record(tx: Transaction, now: datetime) -> Record:
    known = tx.settings.get(KEY)
    today = now.date().isoformat()
    fresh = known is None or known.get("day") != today
    return {"id": KEY, "day": today, "claimed": "", "people": {}} if fresh else dict(known or {})


def _store(tx: Transaction, record: Record) -> None:
    if tx.settings.get(KEY) is None:
        tx.settings.insert(KEY, record)
    else:
        tx.settings.replace(KEY, record)


def _claim(ports: Ports, now: datetime) -> bool:
    """Reserve the sending for this process.

    Return False if there is nothing to send.
    """
    accounts = [account.id for account in list_accounts(ports) if account.active]
    with ports.store.read() as tx:
        if not _is_free(_record(tx, now), accounts, now):
            return False
    with ports.store.write() as tx:
        record = _record(tx, now)
        if not _is_free(record, accounts, now):
            return False
        _store(tx, {**record, "claimed": now.isoformat()})
    return True


def _is_free(record: Record, accounts: Sequence[str], now: datetime) -> bool:
    claimed = record["claimed"]
    if claimed and datetime.fromisoformat(claimed) + _CLAIM > now:
        return False
    people: dict[str, Any] = record["people"]
    return any(_is_to_be_reminded(people.get(account, {}), now) for account in accounts)


def _outcome_of(ports: Ports, now: datetime, account: str) -> Record:
    with ports.store.read() as tx:
        return dict(_record(tx, now)["people"].get(account, {}))


def _keep(ports: Ports, now: datetime, account: str, outcome: Record) -> None:
    with ports.store.write() as tx:
        record = _record(tx, now)
        # a slow server may take longer for all of them than a claim lasts
        claimed = ports.clock.now().isoformat()
        _store(tx, {**record, "claimed": claimed, "people": {**record["people"], account: outcome}})


def _release(ports: Ports, now: datetime, outcomes: Counter[str]) -> None:
    with ports.store.write() as tx:
        _store(tx, {**_record(tx, now), "claimed": ""})
        if outcomes[SENT] or outcomes[FILED]:
            note = msg(
                "已提醒到期的事：邮件 {sent} 人，写入文件 {filed} 人，没有发出 {failed} 人。",
                sent=outcomes[SENT],
                filed=outcomes[FILED],
                failed=outcomes[FAILED],
            )
            record_administration(tx, ports.clock, None, note)
