"""限定知悉范围: only those who decide on a document and the people it names see it, wherever documents are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.errors import DefinitionFaulty, FormsvcError, NotFound
from formsvc.usecases.access import get_act
from formsvc.usecases.acts.search import ActFilters, ledger, list_acts
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.cases.case_file import get_case
from formsvc.usecases.context import Actor
from formsvc.usecases.drafting.complete_submission import check_answers
from formsvc.usecases.event_log import list_events
from tests.support.issued_acts import add_person
from tests.support.made_up_kinds import BRIGADE, ISSUER, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

PARTY = {"key": "party", "label": "当事人", "kind": "text", "required": True}
READERS = {"key": "readers", "label": "知悉人", "kind": "text"}
TIP = kind(
    "K41", "举报线索转办单（虚构）", PARTY, READERS, subject="party", confidential={"readers": "readers"}
)
OPEN = kind(
    "K42",
    "回访单（虚构）",
    {
        "key": "tip_ref",
        "label": "线索",
        "kind": "reference",
        "refers_to": "K41",
        "carry": {"party": "source.party"},
    },
    {"key": "party", "label": "当事人", "kind": "text"},
    {"key": "seen", "label": "线索当事人", "kind": "text", "computed": 'referred(tip_ref, "party")'},
    subject="party",
)
SECRET = "某某化工厂（虚构）"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with a confidential kind and an open one, and two more people of the town."""
    made, _ = office_with(tmp_path, [TIP, OPEN])
    add_person(made.ports, "named", "韩知悉", {"donghe": ["staff"]})
    add_person(made.ports, "other", "赵旁人", {"donghe": ["staff", "officer"]})
    add_person(made.ports, "elsewhere", "韩知悉", {"brigade": ["staff"]})
    return made


@pytest.fixture
def tip(office: Office) -> Act:
    """A confidential document that names one reader."""
    return issue(office, "K41", party=SECRET, readers="韩知悉、冯文书")


def actor(office: Office, name: str) -> Actor:
    return sample_actor(office.ports, name)


def seen_by(office: Office, tip: Act, name: str) -> list[bool]:
    """Whether it is seen by its id, in the list with its count, in the search, as a case and in the API."""
    ports, person = office.ports, actor(office, name)

    def by_id() -> bool:
        try:
            return get_act(ports, person, tip.id).id == tip.id
        except NotFound:
            return False

    def as_case() -> bool:
        try:
            return bool(get_case(ports, person, tip.id))
        except NotFound:
            return False

    whole, found = list_acts(ports, person, ActFilters()), list_acts(ports, person, ActFilters(text=SECRET))
    assert whole.total == len(whole.acts) and found.total == len(found.acts)
    secret = api_tokens.add_token(ports, f"{name} 的程序", name)
    answer = office.app.test_client().get("/api/v1/acts", headers={"Authorization": f"Bearer {secret}"})
    assert answer.get_json()["total"] == len(answer.get_json()["items"])
    return [
        by_id(),
        tip.id in {act.id for act in whole.acts},
        bool(found.acts),
        as_case(),
        SECRET in answer.get_data(as_text=True),
    ]


def test_those_who_decide_and_those_named_see_it_everywhere(office: Office, tip: Act) -> None:
    for name in ("staff", "reviewer", "approver", "named"):
        assert all(seen_by(office, tip, name)), name


def test_nobody_else_sees_it_anywhere(office: Office, tip: Act) -> None:
    issue(office, "K42", party="公开的单位（虚构）")
    # another one of the town, one of the same name elsewhere, and the administrator
    for name in ("other", "elsewhere", "admin"):
        assert not any(seen_by(office, tip, name)), name


def test_open_documents_stay_where_they_were(office: Office, tip: Act) -> None:
    acts = [issue(office, "K42", party=f"公开的单位{n}（虚构）") for n in range(3)]
    for name in ("other", "named", "admin"):
        listed = [act.id for act in list_acts(office.ports, actor(office, name), ActFilters(form="K42")).acts]
        assert sorted(listed) == sorted(act.id for act in acts)


def test_pages_of_a_long_list_neither_repeat_nor_lose_a_document(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formsvc.usecases.acts.search.PAGE_SIZE", 2)
    made = {issue(office, "K41" if n in (1, 4) else "K42", party=f"单位{n}（虚构）").id for n in range(7)}

    def pages(name: str) -> Iterator[str]:
        for number in range(1, 6):
            page = list_acts(office.ports, actor(office, name), ActFilters(page=number), limit=2)
            yield from (act.id for act in page.acts)

    for name, count in (("reviewer", 7), ("other", 5)):
        listed = list(pages(name))
        assert len(listed) == len(set(listed)) == count and set(listed) <= made, name


def test_the_register_shows_the_number_and_not_the_party(office: Office, tip: Act) -> None:
    clerk = Visitor(office.app)
    clerk.sign_in("other")
    page = clerk.open(f"/numbers/{tip.series}/{tip.year}")
    assert tip.number in page.text and SECRET not in page.text


def test_it_is_not_exported_with_the_others(office: Office, tip: Act) -> None:
    with pytest.raises(FormsvcError, match="限定知悉范围，不能整本导出"):
        ledger(office.ports, "K41")
    assert ledger(office.ports, "K42")[1] == []


def test_what_it_says_does_not_come_into_an_open_document(office: Office, tip: Act) -> None:
    given = {**ISSUER, "tip_ref": tip.number}
    found = check_answers(office.ports, actor(office, "staff"), "K42", given)
    assert SECRET not in str(found.values)
    assert any("限定知悉范围，其中的内容不能带到本件" in notice.message for notice in found.notices)


@pytest.mark.parametrize("readers", ["reader", "issue_date"])
def test_readers_stand_in_a_field_with_names(readers: str, tmp_path: Path) -> None:
    wrong: dict[str, Any] = {**TIP, "confidential": {"readers": readers}}
    with pytest.raises(DefinitionFaulty, match="应是文字、人员字段"):
        office_with(tmp_path, [wrong])


def test_another_authoritys_people_do_not_see_it_either(office: Office, tip: Act) -> None:
    add_person(office.ports, "brigadier", "孙起草", {"brigade": ["reviewer", "approver"]})
    assert tip.answers["issuer_name"] != BRIGADE
    assert not any(seen_by(office, tip, "brigadier"))


def test_the_administrators_log_keeps_what_was_done_and_not_the_words(office: Office, tip: Act) -> None:
    service = ServiceRecord("直接送达", "2026-09-21T09:30", "某线人（虚构）", servers=("赵正言",))
    record_service(office.ports, actor(office, "staff"), tip.id, service)
    log = list_events(office.ports, actor(office, "admin"))
    served = [event for event in log.events if event.kind == "Served"]
    assert [event.note for event in served] == ["（限定知悉范围）"]
