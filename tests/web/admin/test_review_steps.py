"""Which kinds of document are reviewed and signed off, and what happens to those already submitted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.errors import InputRefused
from formsvc.usecases.administration import review_settings
from formsvc.usecases.approval import phrases, review
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from tests.support.issued_acts import CASES, ENTRUSTMENT, NOTICE, ORDER, RECORD, before_the_order, order
from tests.support.made_up_kinds import MadeUpKindsOnly, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


def submitted(office: Office, case: str, **changes: Any) -> Act:
    """The act of a worked case, submitted by 李明."""
    clerk = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, clerk, CASES[case]["act"])
    fields = {**CASES[case]["fields"], **changes}
    saved = drafts.save_answers(office.ports, clerk, draft.id, fields, version=draft.version)
    return drafts.submit(office.ports, clerk, saved.act.id)


def decide(office: Office, **typed: str) -> None:
    review_settings.save_review_settings(office.ports, sample_actor(office.ports, "admin"), typed)


def test_a_record_signed_on_the_spot_and_a_notice_wait_for_no_review(office: Office) -> None:
    entrusted = submitted(office, ENTRUSTMENT)
    assert entrusted.status is State.SUBMITTED
    review.review(office.ports, sample_actor(office.ports, "reviewer"), entrusted.id, passed=True)
    review.approve(office.ports, sample_actor(office.ports, "approver"), entrusted.id, approved=True)
    issue.issue_act(office.ports, sample_actor(office.ports, "officer"), entrusted.id)
    notice = submitted(office, NOTICE)
    assert notice.status is State.REVIEWED
    review.approve(office.ports, sample_actor(office.ports, "approver"), notice.id, approved=True)
    issue.issue_act(office.ports, sample_actor(office.ports, "officer"), notice.id)
    record = submitted(office, RECORD)
    assert record.status is State.APPROVED
    done = issue.issue_act(office.ports, sample_actor(office.ports, "officer"), record.id)
    assert done.status is State.ISSUED and done.number and not done.reviewed_by and not done.approved_by


def test_an_office_decides_otherwise_and_what_was_submitted_goes_on_as_it_was(office: Office) -> None:
    before_the_order(office)
    first = order(office, State.SUBMITTED)
    decide(office, T22="approval", **{"T22-source": "区司法局〔2026〕虚构1号"})
    # stored in a state: still reviewed
    passed = review.review(office.ports, sample_actor(office.ports, "reviewer"), first.id, passed=True)
    assert passed.status is State.REVIEWED
    assert submitted(office, ORDER).status is State.REVIEWED
    decide(office, T22="review", **{"T22-source": "区司法局〔2026〕虚构1号"})
    second = submitted(office, ORDER)
    assert second.status is State.SUBMITTED
    passed = review.review(office.ports, sample_actor(office.ports, "reviewer"), second.id, passed=True)
    assert passed.status is State.APPROVED
    decide(office, T22="none", **{"T22-source": "区司法局〔2026〕虚构1号"})
    assert submitted(office, ORDER).status is State.APPROVED
    # back to what is shipped: no source needed
    decide(office, T22="both", **{"T22-source": ""})
    assert submitted(office, ORDER).status is State.SUBMITTED


def test_a_difference_needs_its_source(office: Office) -> None:
    with pytest.raises(InputRefused, match="核定依据"):
        decide(office, T22="none")
    before = {setting.form: setting.choice for setting in review_settings.list_review_settings(office.ports)}
    assert before["T22"] == "both" and before["T15"] == "none" and before["T34"] == "none"
    for source in ("局长办公会2026年第3次", "司法局批复", "法制审核目录（虚构）"):
        decide(office, T22="approval", **{"T22-source": source})
        decide(office, T22="both")
    with pytest.raises(InputRefused, match="请选择"):
        decide(office, T22="perhaps")
    for choice in ("both", "review", "approval", "none"):
        decide(office, T22=choice, **{"T22-source": "法制审核目录（虚构）"})
        assert {s.form: s.choice for s in review_settings.list_review_settings(office.ports)}["T22"] == choice


def test_a_review_that_the_law_asks_for_stays(tmp_path: Path) -> None:
    law = "《中华人民共和国行政处罚法》第五十八条"
    fined = kind("K31", "罚款决定书（虚构）", legal_review=True, review_law=law)
    office, _ = office_with(tmp_path, [fined], MadeUpKindsOnly())
    source = {"K31-source": "局长办公会2026年第3次（虚构）"}
    for choice in ("approval", "none"):
        with pytest.raises(InputRefused, match="依法应当法制审核，不能取消") as refused:
            decide(office, K31=choice, **source)
        assert refused.value.problems[0].law == law
    for lawful in ("review", "both", "review"):
        decide(office, K31=lawful, **source)
        assert [s.choice for s in review_settings.list_review_settings(office.ports)] == [lawful]
    chen = Visitor(office.app)
    chen.sign_in("admin")
    assert f"依法应当审核（{law}）" in chen.open("/admin/review-steps").text


def test_the_page_shows_what_is_shipped_and_keeps_what_was_typed(office: Office, visit: Visit) -> None:
    chen = visit("admin")
    page = chen.open("/admin/review-steps")
    assert "提交后直接编号、记录（随系统提供）" in page.text
    page = chen.press("保存审核和签发", {"T22": "none"})
    assert page.status == 422 and "请写明核定依据" in page.text
    page = chen.press("保存审核和签发", {"T22": "none", "T22-source": "虚构口径"})
    assert "已修改：责令限期改正通知书" in page.text and page.value("f-T22-source") == "虚构口径"
    assert "修改设置 review_steps" in chen.open("/admin/journal").text


@pytest.mark.parametrize(
    ("case", "button"), [(ENTRUSTMENT, "提交审核"), (NOTICE, "提交签发"), (RECORD, "提交")]
)
def test_the_button_says_where_the_draft_goes(office: Office, visit: Visit, case: str, button: str) -> None:
    page = visit("staff").open(f"/forms/{CASES[case]['act']}/new")
    assert page.form_with(button)


@pytest.mark.parametrize("name", ["staff", "approver"])
def test_the_page_is_for_administrators(visit: Visit, name: str) -> None:
    assert visit(name).open("/admin/review-steps").status == 403


def test_the_office_keeps_its_own_usual_phrases(office: Office, visit: Visit) -> None:
    admin = visit("admin")
    admin.open("/admin/review-steps")
    page = admin.press("保存常用语", phrases="同意。\n请附现场照片。\n\n同意。")
    assert "已保存常用语 2 条" in page.text
    assert phrases.usual_phrases(office.ports, sample_actor(office.ports, "reviewer")).office == (
        "同意。",
        "请附现场照片。",
    )
    page = admin.press("保存常用语", phrases="长" * 61)
    assert page.status == 422 and "超过 60 个字" in page.errors[0]
    assert page.element("f-phrases").text == "长" * 61
