"""Offboarding: what a leaving person has open, and who takes it over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formsvc.domain.accounts.account import Account, Right
from formsvc.domain.accounts.api_token import ApiToken
from formsvc.domain.acts.act import WAITING_STATES, Act, State
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.administration.accounts import list_accounts
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Condition, Transaction

NEXT_RIGHT = {State.SUBMITTED: Right.REVIEW, State.REVIEWED: Right.APPROVE, State.APPROVED: Right.ISSUE}


@dataclass(frozen=True)
class OpenWork:
    """The open work of a person.

    ``drafts`` and ``handed_in`` are their own acts; ``stranded`` wait for a step that no other person may
    take.
    """

    drafts: list[Act]
    handed_in: list[Act]
    stranded: list[Act]
    tokens: list[ApiToken]

    @property
    def own(self) -> list[Act]:
        return [*self.drafts, *self.handed_in]


def open_work(ports: Ports, name: str) -> OpenWork:
    with ports.store.read() as tx:
        return _open_work(ports, tx, _account(tx, name))


def _account(tx: Transaction, name: str) -> Account:
    record = tx.accounts.get(name)
    if record is None:
        raise NotFound(msg("没有登录名为“{name}”的人员。", name=name), msg("请从人员列表中选择。"))
    return Account.from_record(record)


def _open_work(ports: Ports, tx: Transaction, person: Account) -> OpenWork:
    open_states = [State.DRAFT.value, *(state.value for state in WAITING_STATES)]
    mine = tx.acts.find(
        Condition("drafter", "==", person.id), Condition("state", "in", open_states), order="created_at"
    )
    acts = [_without_secrets(Act.from_record(r)) for r in mine]
    waiting = tx.acts.find(
        Condition("state", "in", [state.value for state in WAITING_STATES]), order="submitted_at"
    )
    others = [Account.from_record(r) for r in tx.accounts.find() if r["active"] and r["id"] != person.id]
    stranded = [
        _without_secrets(act)
        for act in map(Act.from_record, waiting)
        if _may_take(ports, person, act) and not any(_may_take(ports, other, act) for other in others)
    ]
    tokens = [ApiToken.from_record(r) for r in tx.tokens.find(Condition("account", "==", person.id))]
    return OpenWork(
        drafts=[act for act in acts if act.status is State.DRAFT],
        handed_in=[act for act in acts if act.status is not State.DRAFT],
        stranded=stranded,
        tokens=[token for token in tokens if token.is_live(ports.clock.now())],
    )


def _without_secrets(act: Act) -> Act:
    """Return the act without the party of a confidential one."""
    return replace(act, party="") if act.confidential else act


def _may_take(ports: Ports, person: Account, act: Act) -> bool:
    """Return whether the person could take the act's next step."""
    right = NEXT_RIGHT[act.status]
    own = act.drafter == person.id and ports.policy.four_eyes and right is not Right.ISSUE
    return person.may(right, act.authority) and not own


def colleagues(ports: Ports, name: str) -> list[Account]:
    """Return those who could take over: active and allowed to draft."""
    return [
        account
        for account in list_accounts(ports)
        if account.active and account.id != name and account.may(Right.DRAFT, "")
    ]


def deactivate(ports: Ports, actor: Actor, name: str, *, to: str = "") -> OpenWork:
    """Deactivate a person and hand what they have open to a colleague.

    Their sessions end and their tokens are revoked. Raise InputRefused if open work has no taker.
    """
    actor.account.require(Right.ADMINISTER, "")
    if name == actor.account.id:
        raise InputRefused([Problem("to", msg("不能停用自己。"), msg("请由另一位管理员办理。"))])
    with ports.store.write() as tx:
        person = _account(tx, name)
        work = _open_work(ports, tx, person)
        if work.own:
            colleague = _taker(tx, name, to, work)
            for act in work.own:
                _give(ports, tx, actor, act, person, colleague)
        now = ports.clock.now().isoformat(timespec="seconds")
        # programs of a person who left must not go on working in their name
        for token in work.tokens:
            tx.tokens.replace(token.id, replace(token, revoked_at=now).to_record())
        off = replace(person, active=False, session_generation=person.session_generation + 1)
        tx.accounts.replace(name, off.to_record())
        note = msg(
            "停用人员 {id}（{name}），移交 {acts} 件，收回令牌 {tokens} 个",
            id=name,
            name=person.display_name,
            acts=len(work.own),
            tokens=len(work.tokens),
        )
        record_event(tx, ports.clock, actor, "", "Administered", note=note)
    return work


def _taker(tx: Transaction, name: str, to: str, work: OpenWork) -> Account:
    record = tx.accounts.get(to) if to and to != name else None
    if record is None or not record["active"]:
        raise InputRefused(
            [Problem("to", msg("此人还有 {n} 件没有办结。", n=len(work.own)), msg("请选择接手的同事。"))]
        )
    colleague = Account.from_record(record)
    unable = [act for act in work.own if not colleague.may(Right.DRAFT, act.authority)]
    if unable:
        raise InputRefused(
            [
                Problem(
                    "to",
                    msg(
                        "{name} 没有起草《{title}》的权限。",
                        name=colleague.display_name,
                        title=unable[0].title,
                    ),
                    msg("请先授予权限，或者选择别的同事。"),
                )
            ]
        )
    # a reviewer who becomes the drafter would have reviewed their own act
    judged = [act for act in work.handed_in if to in (act.reviewed_by, act.approved_by)]
    if judged:
        raise InputRefused(
            [
                Problem(
                    "to",
                    msg(
                        "{name} 审核或者签发过《{title}》，不能再作它的承办人。",
                        name=colleague.display_name,
                        title=judged[0].title,
                    ),
                    msg("请选择别的同事。"),
                )
            ]
        )
    return colleague


def _give(ports: Ports, tx: Transaction, actor: Actor, act: Act, person: Account, colleague: Account) -> None:
    given = act.changed(ports.clock.now().isoformat(timespec="seconds"), drafter=colleague.id)
    tx.acts.replace(act.id, given.to_record())
    note = msg("{old} → {new}", old=person.display_name, new=colleague.display_name)
    record_event(tx, ports.clock, actor, act.id, "HandedOver", note=note)
