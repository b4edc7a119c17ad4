"""Urging (催办): a leader reminds the drafter of a step, on their home page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from formsvc.domain.accounts.account import Account, Right
from formsvc.domain.acts.act import Act
from formsvc.errors import Conflict, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.access import may_see, visible_act
from formsvc.usecases.cases.case_context import CaseContext, load_case_context
from formsvc.usecases.cases.struck_steps import ChosenStep, pending_step
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction

_KEY = "urged"


@dataclass(frozen=True)
class UrgedStep:
    """A step that a person is urged to take: since when, and by whom."""

    act: str
    step: str
    items: tuple[str, ...]
    by_name: str
    at: str

    @property
    def choice(self) -> ChosenStep:
        return ChosenStep(self.act, self.step, self.items)


@dataclass(frozen=True)
class UrgedItem:
    """A step as the home page shows it, with the act it follows."""

    urged: UrgedStep
    act: Act
    title: str


def may_urge(actor: Actor, authority: str) -> bool:
    """Return whether the person leads the authority's work."""
    return actor.account.is_admin or actor.account.may(Right.APPROVE, authority)


def urge(ports: Ports, actor: Actor, choice: ChosenStep) -> Account:
    """Remind the drafter of a step; return who was reminded.

    Pressed again on the same day it changes nothing. Raise NotFound, RightMissing, Conflict for a step that is done,
    FormsvcError if the drafter works here no more.
    """
    office, now = load_case_context(ports), ports.clock.now()
    with ports.store.read() as tx:
        act = visible_act(tx, actor, choice.act)
        if not may_urge(actor, act.authority):
            actor.account.require(Right.APPROVE, act.authority)
        step = pending_step(tx, act, choice, office)
        person = _drafter(tx, act)
    if step is None:
        raise Conflict(
            msg("“{act}”的这一项已经办结、销项或者变动，没有催办。", act=act.number or act.title),
            msg("请刷新页面后查看。"),
        )
    with ports.store.write() as tx:
        known = _urged(tx, person.id)
        if any(each.choice == choice and _day(each) == now.date().isoformat() for each in known):
            return person
        others = [each for each in known if each.choice != choice]
        at = now.isoformat(timespec="seconds")
        new = UrgedStep(choice.act, choice.step, choice.items, actor.account.display_name, at)
        _keep(tx, person.id, [*others, new])
        note = msg("催办{name}：{title}", name=person.display_name, title=step.title)
        record_event(tx, ports.clock, actor, act.id, "Urged", note=note, step=choice.step)
    return person


def urged_items(ports: Ports, actor: Actor) -> list[UrgedItem]:
    """Return what the person is urged to do and has not done, oldest first."""
    with ports.store.read() as tx:
        known = _urged(tx, actor.account.id)
    if not known:
        return []
    office = load_case_context(ports)
    with ports.store.read() as tx:
        return [item for each in known if (item := _still_open(tx, actor, each, office))]


def _still_open(tx: Transaction, actor: Actor, urged: UrgedStep, office: CaseContext) -> UrgedItem | None:
    record = tx.acts.get(urged.act)
    act = Act.from_record(record) if record else None
    if act is None or not may_see(actor, act):
        return None
    step = pending_step(tx, act, urged.choice, office)
    return UrgedItem(urged, act, step.title) if step else None


def urged_today(ports: Ports, people: set[str]) -> set[tuple[str, str]]:
    """Return act and step of what these people were urged to do today."""
    today = ports.clock.today().isoformat()
    with ports.store.read() as tx:
        return {
            (each.act, each.step) for person in people for each in _urged(tx, person) if _day(each) == today
        }


def _drafter(tx: Transaction, act: Act) -> Account:
    record = tx.accounts.get(act.drafter)
    person = Account.from_record(record) if record else None
    if person is None or not person.active:
        raise FormsvcError(
            msg("“{act}”的承办人已经停用，催办没有人收到。", act=act.number or act.title),
            msg("请管理员先把这个人的文书移交给别人。"),
        )
    return person


def _day(urged: UrgedStep) -> str:
    return datetime.fromisoformat(urged.at).date().isoformat()


def _urged(tx: Transaction, person: str) -> list[UrgedStep]:
    record = tx.settings.get(f"{_KEY}/{person}") or {}
    return [UrgedStep(**{**each, "items": tuple(each["items"])}) for each in record.get("steps", ())]


def _keep(tx: Transaction, person: str, urged: list[UrgedStep]) -> None:
    key = f"{_KEY}/{person}"
    record = {"id": key, "steps": [{**asdict(each), "items": list(each.items)} for each in urged]}
    if tx.settings.get(key) is None:
        tx.settings.insert(key, record)
    else:
        tx.settings.replace(key, record)
