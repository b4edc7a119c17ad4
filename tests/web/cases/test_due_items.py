"""What is due stays listed until it is done or struck off with a reason by who answers for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.usecases import access
from formsvc.usecases.administration import api_tokens
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor
from tests.web.api.test_api import Program, problem_of

Visit = Callable[[str], Visitor]
GONE = "当事人已经停业，场所已经拆除。"


def at(office: Office, moment: str) -> None:
    office.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def ordered(office: Office) -> Act:
    """A case as far as its order, of 9月21日 with its hazards to be remedied by 10月30日."""
    before_the_order(office)
    return order(office)


def due(office: Office, person: str, query: str = "mine=false") -> dict[str, Any]:
    program = Program(office, api_tokens.add_token(office.ports, "程序", person))
    found: dict[str, Any] = program.ask("GET", f"/due?{query}").get_json()
    return found


def test_the_list_counts_what_is_late_and_says_what_each_can_do(
    office: Office, ordered: Act, visit: Visit
) -> None:
    at(office, "2027-02-20T09:00")
    page = visit("admin").open("/due?which=all")
    listed = due(office, "admin", "until=2027-03-20")
    late = listed["late"]
    assert sum(late.values()) == sum(row["late"] for row in listed["items"]) > 0
    assert late["longer"] == 5 and late["week"] == late["month"] == late["quarter"] == 0
    assert "更久 5" in page.text and "共 5 项" in page.text
    days = [row["deadline"]["due"] for row in listed["items"] if row["deadline"]]
    assert days == sorted(days)
    # a clerk makes documents; a reviewer reviews what was begun, and nothing was
    assert {row["action"] for row in due(office, "staff", "mine=true")["items"]} == {"make", "serve"}
    assert due(office, "reviewer", "mine=true")["total"] == 0
    assert due(office, "reviewer")["total"] > 0


@pytest.mark.parametrize("today", ["2027-01-05", "2027-05-06", "2028-01-05"])
def test_nothing_that_is_overdue_leaves_a_list_by_itself(
    office: Office, ordered: Act, visit: Visit, today: str
) -> None:
    def listed(day: str) -> set[tuple[str, str]]:
        at(office, f"{day}T09:00")
        return {
            (row["after"], row["step"]) for row in due(office, "staff", f"mine=false&until={day}")["items"]
        }

    when_due = listed("2026-11-05")
    assert len(when_due) == 5 and listed(today) == when_due
    clerk = visit("staff")
    assert "共 5 项" in clerk.open("/due?which=all").text
    for page in ("/", "/cases?which=late", "/cases"):
        assert "已过期" in clerk.open(page).text, page
    # what is done or struck off with a reason leaves them, and nothing else
    reviewer = Program(office, api_tokens.add_token(office.ports, "程序", "reviewer"))
    body = {"steps": [{"act": ordered.id, "step": "service"}], "reason": GONE}
    assert reviewer.ask("POST", "/due/strike-off", body).status_code == 200
    assert listed(today) == when_due - {(ordered.id, "service")}


def test_an_approver_strikes_off_several_steps_at_once_with_a_reason(
    office: Office, ordered: Act, visit: Visit
) -> None:
    at(office, "2027-02-20T09:00")
    approver = visit("approver")
    listed = approver.open("/due?which=all")
    values = [box.get("value", "") for box in listed._all("input") if box.get("name") == "step"]
    mine = [value for value in values if value.startswith(ordered.id)]
    assert sorted(value.split(":", 1)[1] for value in mine) == ["recheck:3,4", "service:"]
    approver.open("/due/strike-off?" + urlencode([("step", value) for value in mine]))
    # without a reason nothing is struck off, and what was chosen is still there
    refused = approver.press("销项", {"reason": " "})
    assert refused.status == 422 and "请写明为什么不再办理" in refused.text
    case = approver.press("销项", {"reason": GONE})
    assert case.text.count(GONE) == 3 and "已销项 2 项" in case.text
    kept = due(office, "approver")["items"]
    assert ordered.id not in {row["after"] for row in kept} and len(kept) == len(values) - 2
    history = approver.open(f"/acts/{ordered.id}").text
    assert "销项" in history and GONE in history


def test_only_who_answers_for_the_authority_strikes_off(office: Office, ordered: Act, visit: Visit) -> None:
    body = {"steps": [{"act": ordered.id, "step": "service"}], "reason": GONE}
    for person in ("staff", "officer"):
        program = Program(office, api_tokens.add_token(office.ports, "程序", person))
        assert problem_of(program.ask("POST", "/due/strike-off", body))["status"] == 403
        assert "销项" not in visit(person).open(f"/cases/{ordered.id}").text
    reviewer = Program(office, api_tokens.add_token(office.ports, "程序", "reviewer"))
    approver = Program(office, api_tokens.add_token(office.ports, "程序", "approver"))
    # the neighbours: who reviews or signs, a whole step or one item of it
    for program, items in ((reviewer, ["3"]), (approver, ["4"])):
        step = {"act": ordered.id, "step": "recheck", "items": items}
        assert program.ask("POST", "/due/strike-off", {**body, "steps": [step]}).status_code == 200
    assert reviewer.ask("POST", "/due/strike-off", body).status_code == 200
    # it is done: neither again nor a step that there is not
    assert problem_of(reviewer.ask("POST", "/due/strike-off", body))["status"] == 409
    unknown = {**body, "steps": [{"act": ordered.id, "step": "filing"}]}
    assert problem_of(reviewer.ask("POST", "/due/strike-off", unknown))["status"] == 409
    assert access.get_act(office.ports, reviewer_actor(office), ordered.id).state == "issued"


def reviewer_actor(office: Office) -> Any:

    return sample_actor(office.ports, "reviewer")


def test_one_item_is_struck_off_and_the_other_stays(office: Office, ordered: Act) -> None:
    reviewer = Program(office, api_tokens.add_token(office.ports, "程序", "reviewer"))
    body = {"steps": [{"act": ordered.id, "step": "recheck", "items": ["4"]}], "reason": GONE}
    assert reviewer.ask("POST", "/due/strike-off", body).status_code == 200
    case = reviewer.ask("GET", f"/cases/{ordered.id}").get_json()
    (left,) = [step for step in case["next_steps"] if step["step"] == "recheck"]
    assert left["items"] == ["3"] and "第3项" in left["why"]
