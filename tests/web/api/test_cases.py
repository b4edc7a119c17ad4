"""Cases, what is due and who answers, as programs are told; every day checked against the calendar of 2026."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.usecases import operator
from formsvc.usecases.acts import serving
from formsvc.usecases.administration import api_tokens
from tests.support.issued_acts import CASES, add_person, before_the_order, issued, order
from tests.support.memory_office import Office
from tests.web.api.test_api import Program, problem_of

PARTY = CASES["EX07"]["fields"]["party_name"]
HELD, VACANT, LAPSED = "在任", "空缺", "任期已满"


def at(office: Office, moment: str) -> None:
    office.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def staff(office: Office) -> Program:
    return Program(office, api_tokens.add_token(office.ports, "程序", "staff", scopes=["read"]))


@pytest.fixture
def ordered(office: Office) -> Act:
    """通知、记录 and an order of 9月21日; its hazards are to be remedied by 10月30日."""
    before_the_order(office)
    return order(office)


def told(staff: Program, path: str) -> dict[str, Any]:
    answer = staff.ask("GET", path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def standings(staff: Program, order: Act) -> set[str]:
    """The standings of the hazards of an order."""
    hazards = told(staff, f"/cases/{order.id}")["hazards"]
    return {hazard["standing"] for hazard in hazards if hazard["act"] == order.id}


def test_a_case_is_told_whole_by_any_of_its_acts(staff: Program, ordered: Act) -> None:
    case = told(staff, f"/cases/{ordered.id}")
    assert case == told(staff, f"/cases/{case['id']}")
    assert case["party"] == PARTY
    assert [(link["depth"], link["act"]["form"]) for link in case["acts"]] == [
        (0, "T14"),
        (1, "T15"),
        (2, "T22"),
    ]
    record = case["acts"][1]["act"]["id"]
    # the order has two of the four that the record found; nothing answers the others yet
    assert [(hazard["act"], hazard["standing"]) for hazard in case["hazards"]] == [
        *[(record, "found")] * 2,
        *[(ordered.id, "pending")] * 2,
    ]


def test_deadlines_are_told_with_the_days_that_counted(staff: Program, ordered: Act) -> None:
    record = told(staff, f"/cases/{ordered.id}")["acts"][1]["act"]["id"]
    by_name = {one["name"]: one for one in told(staff, f"/acts/{record}/deadlines")["items"]}
    making = by_name["作出期限（责令限期改正）"]
    # found on Friday 18 September 2026; Sunday the 20th was worked in exchange for the National Day
    assert (making["begins"], making["due"]) == ("2026-09-18", "2026-09-22")
    assert "2026-09-20" in making["worked"] and "2026-09-19" in making["days_off"]
    assert making["law"] == "《消防监督检查规定》第十九条"
    assert making["certain"] is True
    recheck = [o for o in told(staff, f"/acts/{ordered.id}/deadlines")["items"] if "复查" in o["name"]]
    assert [one["due"] for one in recheck] == ["2026-11-04"]


def test_a_hazard_goes_overdue_on_the_day_after_its_deadline(
    office: Office, staff: Program, ordered: Act
) -> None:
    at(office, "2026-10-30T23:00")
    assert standings(staff, ordered) == {"pending"}
    at(office, "2026-10-31T00:10")
    assert standings(staff, ordered) == {"overdue"}


def test_what_is_due_is_told_soonest_first_and_only_until_the_day(
    office: Office, staff: Program, ordered: Act
) -> None:
    until_today = told(staff, "/due?until=2026-09-21")
    everything = told(staff, "/due?until=2026-12-31")
    assert until_today["total"] < everything["total"]
    days = [row["deadline"]["due"] for row in everything["items"] if row["deadline"]]
    assert days == sorted(days)
    recheck = next(row for row in everything["items"] if row["form"] == "T24" and row["after"] == ordered.id)
    assert (recheck["deadline"]["due"], recheck["late"], recheck["offered"]) == ("2026-11-04", False, True)
    at(office, "2026-11-05T09:00")
    late = {row["after"]: row["late"] for row in told(staff, "/due")["items"] if row["form"] == "T24"}
    assert late[ordered.id] is True


def test_what_has_been_begun_is_named(office: Office, staff: Program, ordered: Act) -> None:
    drafter = Program(office, api_tokens.add_token(office.ports, "程序", "staff"))
    draft = drafter.ask("POST", f"/acts/{ordered.id}/follow", {"form": "T24"}).get_json()
    steps = told(staff, f"/cases/{ordered.id}")["next_steps"]
    assert [step["begun"] for step in steps if step["form"] == "T24"] == [draft["id"]]


def test_a_publication_serves_after_thirty_days(office: Office, staff: Program, ordered: Act) -> None:
    at(office, "2026-09-22T10:00")
    served = ServiceRecord("公告送达", "2026-09-22T09:00", "", servers=("赵正言",), note="镇政府公告栏")
    serving.record_service(office.ports, sample_actor(office.ports, "staff"), ordered.id, served)
    link = next(x for x in told(staff, f"/cases/{ordered.id}")["acts"] if x["act"]["id"] == ordered.id)
    assert link["served"]["due"] == "2026-10-22"
    assert link["served"]["law"] == "《中华人民共和国民事诉讼法》第九十五条"


def test_cases_are_listed_narrowed_and_paged(office: Office, staff: Program, ordered: Act) -> None:
    # first the entrustment of March, whose public notice is overdue since
    entrustment, case = told(staff, "/cases")["items"]
    assert (entrustment["next"]["form"], entrustment["next"]["late"]) == ("T02", True)
    assert (case["party"], case["acts"], case["open_hazards"]) == (PARTY, 3, 4)
    assert case["id"] == told(staff, f"/cases/{ordered.id}")["id"]
    assert told(staff, "/cases?which=all")["total"] == 1
    assert told(staff, "/cases?which=own")["total"] == 2
    assert told(staff, "/cases?q=福满家")["total"] == 1
    assert told(staff, "/cases?q=没有这家")["total"] == 0
    assert told(staff, "/cases?page=2")["items"] == []
    reviewer = Program(office, api_tokens.add_token(office.ports, "程序", "reviewer"))
    assert told(reviewer, "/cases?which=own")["total"] == 0
    assert problem_of(staff.ask("GET", "/cases?which=everything"))["status"] == 422


def test_a_case_carries_a_tag_that_changes_with_any_of_its_acts(
    office: Office, staff: Program, ordered: Act
) -> None:
    first = staff.ask("GET", f"/cases/{ordered.id}")
    tag = first.headers["ETag"]
    assert staff.ask("GET", f"/cases/{ordered.id}", If_None_Match=tag).status_code == 304
    record = first.get_json()["acts"][1]["act"]["id"]
    drafter = Program(office, api_tokens.add_token(office.ports, "程序", "staff"))
    assert drafter.ask("POST", f"/acts/{record}/follow", {"form": "T21"}).status_code == 201
    assert staff.ask("GET", f"/cases/{ordered.id}", If_None_Match=tag).status_code == 200


def test_cases_are_told_to_those_only_who_may_see_the_acts(office: Office, ordered: Act) -> None:
    add_person(office.ports, "stranger", "外单位", {"wangkui-brigade": ["staff"]})
    stranger = Program(office, api_tokens.add_token(office.ports, "程序", "stranger"))
    assert problem_of(stranger.ask("GET", f"/cases/{ordered.id}"))["status"] == 404
    assert problem_of(stranger.ask("GET", f"/acts/{ordered.id}/deadlines"))["status"] == 404
    assert told(stranger, "/cases?which=all")["total"] == told(stranger, "/due")["total"] == 0


def test_who_answers_for_each_village_is_told_for_a_day(office: Office, staff: Program) -> None:
    at(office, "2026-03-12T10:00")
    issued(office, "EX03")
    clerk, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
    until = {**CASES["EX04"]["fields"], "term_end": "2028-12-31"}
    operator.issue_at_once(office.ports, clerk, approver, "T08", until)
    matrix = told(staff, "/responsibility")
    town = next(place for place in matrix["items"] if "东河" in place["name"])
    assert [(h["duty"], h["name"], h["standing"]) for h in town["holders"]][0] == (
        "第一责任人",
        CASES["EX03"]["fields"]["first_name"],
        HELD,
    )
    named = {row["village"]: row for row in CASES["EX04"]["fields"]["villages"]}
    for name, row in named.items():
        (village,) = [v for v in town["villages"] if name.endswith(v["name"]) or v["name"] == name]
        assert {h["duty"]: h["name"] for h in village["holders"]}["消防安全管理人"] == row["manager"]
    assert matrix["on"] == "2026-03-12"
    earlier = told(staff, "/responsibility?on=2026-01-05")
    before = next(place for place in earlier["items"] if "东河" in place["name"])
    assert {h["standing"] for h in before["holders"]} == {VACANT}
    assert earlier["troubles"] > matrix["troubles"]
    standings = {}
    for day in ("2028-12-31", "2029-01-01"):
        found = told(staff, f"/responsibility?on={day}")["items"]
        village = next(place for place in found if "东河" in place["name"])["villages"]
        standings[day] = {h["standing"] for v in village for h in v["holders"]}
    assert LAPSED not in standings["2028-12-31"]
    assert LAPSED in standings["2029-01-01"]


def test_the_telephone_numbers_of_villagers_are_not_in_the_matrix(office: Office, staff: Program) -> None:
    at(office, "2026-03-12T10:00")
    issued(office, "EX04")
    matrix = json.dumps(told(staff, "/responsibility"), ensure_ascii=False)
    assert all(row["phone"] not in matrix for row in CASES["EX04"]["fields"]["villages"])


@pytest.mark.parametrize("path", ["/cases", "/due", "/responsibility", "/cases/{id}", "/acts/{id}/deadlines"])
def test_reading_needs_its_scope(office: Office, path: str) -> None:
    others = ["draft", "decide", "issue", "serve", "personal"]
    blind = Program(office, api_tokens.add_token(office.ports, "程序", "staff", scopes=others))
    refused = blind.ask("GET", path.replace("{id}", "0" * 16))
    assert problem_of(refused)["scope"] == "read"
