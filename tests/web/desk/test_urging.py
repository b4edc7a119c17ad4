"""催办: who signs reminds the drafter of what is overdue; the drafter's home page says so until it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from formsvc.domain.acts.act import Act
from formsvc.errors import Conflict, FormsvcError
from formsvc.usecases.administration.accounts import get_account
from formsvc.usecases.cases.due_list import DueFilter, filtered_dues
from formsvc.usecases.cases.struck_steps import ChosenStep, strike_off
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition
from formsvc.usecases.reminders.urging import urge, urged_items
from tests.proofs.overdue_cases import fill
from tests.support.memory_office import Office
from tests.support.page_client import Visitor


@pytest.fixture
def late(office: Office) -> Office:
    """The sample office with one case of three documents, drafted by staff and overdue."""
    office.clock.moment = office.clock.moment.replace(year=2028)
    fill(office.ports, 1)
    return office


def actor(office: Office, name: str) -> Actor:
    account = get_account(office.ports, name)
    assert account is not None
    return Actor(account)


def order_of(office: Office) -> Act:
    with office.ports.store.read() as tx:
        return Act.from_record(tx.acts.find(Condition("form", "==", "T22"))[0])


def test_a_leader_urges_and_the_drafter_reads_it_at_home(
    late: Office, visit: Callable[[str], Visitor]
) -> None:
    leader, drafter = visit("approver"), visit("staff")
    page = leader.open("/statistics")
    buttons = [b for b in page.tree.iter("button") if str(b.get("aria-label", "")).startswith("催办：")]
    assert len(buttons) == 4
    form = next(f for f in page.tree.iter("form") if str(f.get("action")).endswith("/urge"))
    step = next(str(i.get("value")) for i in form.iter("input") if i.get("name") == "step")
    sent = {"step": step, "csrf_token": leader.token()}
    after = leader.client.post("/statistics/urge", data=sent, follow_redirects=True).get_data(as_text=True)
    assert "已催办" in after
    assert "今天已催办" in after
    home = drafter.open("/").text
    assert "催办" in home
    assert "东河镇虚构0号副食商店" in home
    # pressed again it is one event
    leader.client.post("/statistics/urge", data=sent)
    with late.ports.store.read() as tx:
        assert tx.events.count(Condition("kind", "==", "Urged")) == 1
    assert len(urged_items(late.ports, actor(late, "staff"))) == 1


def test_a_step_that_is_done_is_no_more_urged(late: Office) -> None:
    leader, order = actor(late, "approver"), order_of(late)
    choice = _steps(late, leader, order)[0]
    urge(late.ports, leader, choice)
    strike_off(late.ports, leader, [choice], "虚构：当事人已经停业。")
    assert urged_items(late.ports, actor(late, "staff")) == []
    with pytest.raises(Conflict, match="没有催办"):
        urge(late.ports, leader, choice)


def test_the_next_day_it_may_be_urged_again(late: Office) -> None:
    leader, order = actor(late, "approver"), order_of(late)
    choice = _steps(late, leader, order)[0]
    urge(late.ports, leader, choice)
    late.clock.moment += timedelta(days=1)
    urge(late.ports, leader, choice)
    (item,) = urged_items(late.ports, actor(late, "staff"))
    assert item.urged.at[:10] == late.clock.moment.date().isoformat()


@pytest.mark.parametrize("name", ["staff", "reviewer", "officer"])
def test_only_who_leads_may_urge(late: Office, name: str) -> None:
    choice = _steps(late, actor(late, "approver"), order_of(late))[0]
    with pytest.raises(FormsvcError):
        urge(late.ports, actor(late, name), choice)


def test_a_drafter_who_left_is_not_urged(late: Office) -> None:
    choice = _steps(late, actor(late, "approver"), order_of(late))[0]
    with late.ports.store.write() as tx:
        gone = replace(actor(late, "staff").account, active=False)
        tx.accounts.replace("staff", gone.to_record())
    with pytest.raises(FormsvcError, match="已经停用"):
        urge(late.ports, actor(late, "approver"), choice)


def _steps(office: Office, person: Actor, act: Act) -> list[ChosenStep]:
    dues = filtered_dues(office.ports, person, DueFilter(form=act.form)).dues
    return [ChosenStep(due.after.id, due.step.step, due.step.items) for due in dues]
