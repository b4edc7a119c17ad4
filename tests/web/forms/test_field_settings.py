"""What a definition says of single fields, held by the server: read-only answers, and which files a field takes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from formsvc.demo.office import sample_actor
from formsvc.domain.definition_loader import load_definition
from formsvc.errors import DefinitionFaulty, InputRefused
from formsvc.usecases.drafting import complete_submission, drafts
from tests.support.made_up_kinds import ISSUER, MadeUpKindsOnly, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

NOTICE = kind(
    "X07",
    "约谈通知",
    {"key": "place", "label": "地点", "kind": "text", "default": "'镇政府二楼'", "readonly": True},
    {"key": "nature", "label": "性质", "kind": "choice", "choices": ["首次", "再次"], "default": "'首次'"},
    {"key": "reason", "label": "事由", "kind": "text", "readonly": "nature == '再次'"},
    {"key": "scan", "label": "扫描件", "kind": "files", "accept": ["pdf"], "max_megabytes": 0.01},
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_with(tmp_path, [NOTICE], MadeUpKindsOnly())[0]


@pytest.fixture
def staff(office: Office) -> Visitor:
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    visitor.open("/forms/X07/new")
    return visitor


def save(visitor: Visitor, **typed: Any) -> Any:
    """Send the open form as a script does, with whatever a person could send."""
    assert visitor.page is not None
    action, fields = visitor.page.form_with("保存并刷新")
    sent = {**dict(fields), **typed}
    answer = visitor.client.post(action, data=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    visitor.open(action)
    return answer.json


def answers(office: Office, visitor: Visitor) -> Any:
    assert visitor.page is not None
    return drafts.load_draft(
        office.ports, sample_actor(office.ports, "staff"), visitor.page.path.rpartition("/")[2]
    ).act.answers


def test_the_server_keeps_what_must_not_be_changed(office: Office, staff: Visitor) -> None:
    assert (
        staff.page is not None and "地点（不能修改）" in staff.page.text and "镇政府二楼" in staff.page.text
    )
    save(staff, place="别处", reason="逾期未整改")
    assert answers(office, staff)["place"] == "镇政府二楼"
    assert answers(office, staff)["reason"] == "逾期未整改"
    # the condition and the answer changed in one breath: what was there before stays
    answer = save(staff, nature="再次", reason="另一个事由")
    assert answers(office, staff)["reason"] == "逾期未整改"
    assert answer["computed"] == {"place": "镇政府二楼", "reason": "逾期未整改"}
    # and can be changed again once the condition holds no longer
    save(staff, nature="首次", reason="另一个事由")
    assert answers(office, staff)["reason"] == "另一个事由"


def test_a_program_is_told_what_it_must_not_change(office: Office) -> None:
    actor = sample_actor(office.ports, "staff")
    given = {**ISSUER, "reason": "逾期未整改", "place": "镇政府二楼"}
    draft = complete_submission.create_act(office.ports, actor, "X07", given, submit=False)
    assert draft.act.answers["place"] == "镇政府二楼"
    told = complete_submission.check_answers(office.ports, actor, "X07", {**given, "place": "别处"})
    assert [p.message for p in told.problems if p.field == "place"] == ["地点现在不能改，应为“镇政府二楼”。"]
    with pytest.raises(InputRefused, match="地点现在不能改"):
        complete_submission.replace_answers(
            office.ports, actor, draft.act.id, {**given, "place": "别处"}, version=draft.act.version
        )


def test_a_field_is_open_only_while_its_condition_holds(tmp_path: Path) -> None:
    # enabled by a condition: read-only while the contrary holds
    reason = {"key": "reason", "label": "事由", "kind": "text", "readonly": "nature != '再次'"}
    nature = {"key": "nature", "label": "性质", "kind": "choice", "choices": ["首次", "再次"]}
    office = office_with(tmp_path, [kind("X07", "约谈通知", nature, reason)], MadeUpKindsOnly())[0]
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    visitor.open("/forms/X07/new")
    save(visitor, nature="首次", reason="硬填的")
    assert not answers(office, visitor).get("reason")
    assert visitor.page is not None and "事由（不能修改）" in visitor.page.text
    # the condition comes to hold and the field is filled in one breath
    save(visitor, nature="再次", reason="逾期未整改")
    assert (
        answers(office, visitor)["reason"] == "逾期未整改" and visitor.page.value("f-reason") == "逾期未整改"
    )
    actor = sample_actor(office.ports, "staff")
    for given, is_refused in (
        ({"nature": "首次", "reason": "硬填的"}, True),
        ({"nature": "再次", "reason": "可填"}, False),
    ):
        told = complete_submission.check_answers(office.ports, actor, "X07", {**ISSUER, **given})
        assert any(p.field == "reason" and "现在不能改" in p.message for p in told.problems) is is_refused


def pdf(size: int) -> bytes:
    return b"%PDF-1.4\n" + b"%" * size + b"\n%%EOF\n"


def test_a_field_takes_only_its_own_types_and_sizes_of_files(office: Office, staff: Visitor) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    for content, reason in ((picture.getvalue(), "这一项只收PDF。"), (pdf(11_000), "每个不超过 0.01 MB")):
        # the name says what it likes
        answer = save(staff, scan=(io.BytesIO(content), "登记表.pdf"))
        assert reason in answer["problems"]["scan"]
        assert not answers(office, staff).get("scan")
    save(staff, scan=(io.BytesIO(pdf(900)), "登记表.pdf"))
    (kept,) = answers(office, staff)["scan"]
    assert (kept["name"], kept["mime"]) == ("登记表.pdf", "application/pdf")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "text", "readonly": True, "computed": "place"}, "不能写 readonly"),
        ({"kind": "files", "readonly": True}, "不能写 readonly"),
        ({"kind": "text", "readonly": "nature"}, "得不出是或者否"),
        ({"kind": "text", "readonly": "1 == 1"}, "不看任何字段"),
        ({"kind": "text", "accept": ["pdf"]}, "不起作用"),
        ({"kind": "files", "max_megabytes": 9999}, "文件最大"),
        ({"kind": "rows", "columns": [{"key": "a", "label": "甲", "kind": "text", "readonly": True}]}, "列不能写 readonly"),
        ({"kind": "note", "text": "看", "required": True}, "不填写"),
        ({"kind": "note"}, "没有写内容"),
        ({"kind": "text", "help": "nowhere"}, "没有填写说明“nowhere”"),
    ],
)  # fmt: skip
def test_what_would_do_nothing_is_a_fault_of_the_definition(changed: dict[str, Any], reason: str) -> None:
    source = {
        **NOTICE,
        "sections": [
            {
                "title": "内容",
                "fields": [
                    *NOTICE["sections"][0]["fields"][1:4],
                    {"key": "more", "label": "另一项", **changed},
                ],
            }
        ],
    }
    with pytest.raises(DefinitionFaulty) as found:
        load_definition(source, {}, {})
    assert any(reason in fault.message for fault in found.value.faults)
