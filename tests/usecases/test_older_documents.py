"""What a document asks of another one: when it was served, what it says, what was made from it, how many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting.complete_submission import check_answers
from formsvc.usecases.numbering.issue import void_act
from tests.support.made_up_kinds import ISSUER, issue, kind, office_with
from tests.support.memory_office import Office

PARTY = {"key": "party", "label": "当事人", "kind": "text", "required": True}
UNTIL = {"key": "until", "label": "改正期限", "kind": "date"}
REASON = {"key": "reason", "label": "认定理由", "kind": "text"}
POINTS = {
    "key": "points",
    "label": "事项",
    "kind": "rows",
    "columns": [{"key": "what", "label": "事项", "kind": "text"}],
}
PROMPT = kind("K01", "消防安全敦促函（虚构）", PARTY, UNTIL, POINTS, subject="party")
WITH_REASON = kind(
    "K01",
    "消防安全敦促函（虚构）",
    PARTY,
    UNTIL,
    REASON,
    {**POINTS, "columns": [*POINTS["columns"], {"key": "basis", "label": "依据", "kind": "text"}]},
    subject="party",
)
LOOK = kind(
    "K02",
    "消防安全回访记录（虚构）",
    {
        "key": "prompt_ref",
        "label": "敦促函",
        "kind": "reference",
        "refers_to": "K01",
        "required": True,
        "carry": {"reason": "source.reason"},
    },
    {"key": "reason", "label": "认定理由", "kind": "text"},
    {"key": "served", "label": "送达日期", "kind": "date", "computed": "served_on(prompt_ref)"},
    {"key": "state", "label": "状态", "kind": "text", "computed": "state_of(prompt_ref)"},
    {
        "key": "earlier",
        "label": "此前回访",
        "kind": "integer",
        "computed": 'count_of(made_from(prompt_ref, "K02"))',
    },
    {"key": "party", "label": "当事人", "kind": "text", "computed": 'answers_of(prompt_ref, "party")'},
    {
        "key": "letters",
        "label": "本年敦促函",
        "kind": "integer",
        "computed": 'count_documents("K01", party, year_of(issue_date))',
    },
    {"key": "paper", "label": "系统外", "kind": "yes_no", "computed": "is_outside(prompt_ref)"},
    rules=[
        {
            "id": "same_reason",
            "check": 'is_empty(answers_of(prompt_ref, "reason")) || answers_of(prompt_ref, "reason") == reason',
            "message": "认定理由应与敦促函一致。",
            "field": "reason",
        },
        {
            "id": "has_basis",
            "check": 'answers_of(prompt_ref, "points").all(p, !is_empty(p.basis))',
            "message": "敦促函的事项没有写依据。",
            "field": "prompt_ref",
        },
    ],
)
SHOP = "福满家购物广场（虚构）"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with both kinds."""
    return office_with(tmp_path, [PROMPT, LOOK])[0]


def look(ports: Ports, act: Act | str, **answers: Any) -> Evaluation:
    """A record of a look after this letter, evaluated."""
    reference = act if isinstance(act, str) else act.number
    given = {**ISSUER, "prompt_ref": reference, **answers}
    return check_answers(ports, sample_actor(ports, "staff"), "K02", given)


def serve(ports: Ports, act: Act, method: str = "直接送达") -> None:
    service = ServiceRecord(method, "2026-09-21T09:30", "魏某某（虚构）", servers=("赵正言",), note="拒收")
    record_service(ports, sample_actor(ports, "officer"), act.id, service)


def test_a_record_reads_when_the_letter_was_served(office: Office) -> None:
    ports = office.ports
    letter = issue(office, "K01", party=SHOP)
    before = look(ports, letter).values
    assert (before["served"], before["state"], before["paper"]) == (None, "issued", False)
    serve(ports, letter)
    after = look(ports, letter).values
    assert (after["served"], after["state"], after["party"]) == ("2026-09-21", "served", SHOP)


def test_a_published_letter_counts_as_served_when_its_days_are_over(office: Office) -> None:
    letter = issue(office, "K01", party=SHOP)
    serve(office.ports, letter, "公告送达")
    assert str(look(office.ports, letter).values["served"]) > "2026-10-20"


def test_a_letter_from_outside_has_no_state_and_no_service(office: Office) -> None:
    found = look(office.ports, "旧敦〔2019〕3号").values
    assert (found["paper"], found["served"], found["state"], found["earlier"]) == (True, None, None, 0)


def test_documents_made_from_a_letter_and_those_of_its_party_are_counted(office: Office) -> None:
    ports = office.ports
    letter, other = issue(office, "K01", party=SHOP), issue(office, "K01", party=f"{SHOP}东街店")
    assert (look(ports, letter).values["letters"], look(ports, other).values["letters"]) == (1, 1)
    first = issue(office, "K02", prompt_ref=letter.number)
    issue(office, "K02", prompt_ref=letter.number)
    spoilt = issue(office, "K01", party=SHOP)
    assert look(ports, letter).values["letters"] == 2
    for act in (spoilt, first):
        void_act(ports, sample_actor(ports, "approver"), act.id, reason="当事人名称写错")
    found = look(ports, letter).values
    assert (found["letters"], found["earlier"]) == (1, 1)


def test_a_letter_older_than_the_field_says_so_and_never_passes_as_empty(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [PROMPT, LOOK])
    ports = office.ports
    old = issue(office, "K01", party=SHOP, points=[{"what": "清理通道"}])
    library.add(WITH_REASON)
    ports.definitions.refresh()
    found = look(ports, old)
    said = {notice.field: notice.message for notice in found.notices}
    assert (
        said["prompt_ref"]
        == f"《消防安全敦促函（虚构）》{old.number}没有“依据”这一项，无法核对，请人工核对。"
    )
    reasons = [notice.message for notice in found.notices if notice.field == "reason"]
    assert f"《消防安全敦促函（虚构）》{old.number}没有“认定理由”这一项，无法核对，请人工核对。" in reasons
    assert any("不能带出“认定理由”" in reason for reason in reasons)
    # nothing of it stands against the document: a person has to look
    assert not [problem for problem in found.problems if problem.field in ("prompt_ref", "reason")]

    good = {"points": [{"what": "清理通道", "basis": "《消防法》第二十八条"}], "reason": "堵塞通道"}
    new = issue(office, "K01", party=SHOP, **good)
    empty = issue(office, "K01", party=SHOP, points=good["points"])
    for act, reason in ((new, "堵塞通道"), (empty, ""), (empty, "堵塞通道")):
        sound = look(ports, act, reason=reason)
        assert not [n for n in sound.notices if "没有“" in n.message], act.number
        assert not [p for p in sound.problems if p.field in ("prompt_ref", "reason")]
    assert [p.message for p in look(ports, new, reason="别的").problems] == ["认定理由应与敦促函一致。"]


def test_a_field_that_a_kind_never_had_is_empty_where_several_kinds_may_be_named(tmp_path: Path) -> None:
    document = {"key": "doc_ref", "label": "文书", "kind": "reference", "refers_to": "K01/K02"}
    lenient = {"key": "day", "label": "期限", "kind": "date", "computed": 'referred(doc_ref, "until")'}
    strict = {**lenient, "key": "limit", "computed": 'answers_of(doc_ref, "until")'}
    office, _ = office_with(
        tmp_path, [PROMPT, LOOK, kind("K03", "签收单（虚构）", document, lenient, strict)]
    )
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    letter = issue(office, "K01", party=SHOP, until="2026-10-16")
    record = issue(office, "K02", prompt_ref=letter.number)

    known = check_answers(ports, staff, "K03", {"doc_ref": letter.number})
    assert (known.values["day"], known.values["limit"], known.notices) == ("2026-10-16", "2026-10-16", ())
    other = check_answers(ports, staff, "K03", {"doc_ref": record.number})
    assert (other.values["day"], other.values["limit"]) == (None, None)
    assert [(n.field, "没有“until”这一项" in n.message) for n in other.notices] == [("limit", True)]
