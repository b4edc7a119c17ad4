"""Every kind of field has a widget and a macro, and carries raw answers without judging them."""

from __future__ import annotations

import re

import pytest
from werkzeug.datastructures import MultiDict

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.fields import FIELD_TYPES
from formsvc.web.forms.builder import WIDGETS, form_class_for
from tests.support.memory_office import EVERY_KIND, Office
from tests.support.page_client import Visitor
from tests.support.paths import ROOT

TEMPLATES = ROOT / "formsvc" / "web" / "templates"
WORKINGS = {
    "offered",
    "offered_several",
    "question",
    "question_set",
    "control",
    "line",
    "list_of",
    "pick",
    "ticks",
    "photograph_change",
    "help_link",
    "picked",
}


def definition() -> FormDefinition:
    return load_definition(EVERY_KIND, {}, {})


def test_kinds_widgets_and_macros_are_the_same_set() -> None:
    text = (TEMPLATES / "components" / "fields.html").read_text(encoding="utf-8")
    macros = set(re.findall(r"{% macro (\w+)\(", text)) - WORKINGS
    assert set(FIELD_TYPES) == set(WIDGETS) == macros


def test_the_trial_form_has_every_kind() -> None:
    assert {f.kind for f in definition().fields} == set(FIELD_TYPES)


def test_two_requests_never_share_a_form_class() -> None:
    one, two = form_class_for(definition()), form_class_for(definition())
    assert one is not two
    assert one().answers() == two().answers()


def test_answers_come_out_as_they_were_typed() -> None:
    form = form_class_for(definition())(
        MultiDict(
            [
                ("name", "福满家"),
                ("floors", "三层"),
                ("urgent", "是"),
                ("parts", "通道"),
                ("parts", "出口"),
                ("earlier-number", "北消安办〔2026〕1号"),
                ("earlier-title", "通知"),
                ("earlier-date", "2026-1-5"),
                ("faults-0-what", "堵塞"),
                ("faults-1-what", "失效"),
                ("faults-1-deadline", "下周"),
            ]
        )
    )
    answers = form.answers()
    assert answers["floors"] == "三层"
    assert answers["parts"] == ["通道", "出口"]
    assert answers["earlier"] == {"number": "北消安办〔2026〕1号", "title": "通知", "date": "2026-1-5"}
    assert [row["what"] for row in answers["faults"]] == ["堵塞", "失效"]
    assert answers["faults"][1]["deadline"] == "下周"


def test_computed_fields_are_never_sent_in() -> None:
    form = form_class_for(definition())(MultiDict([("fine", "300"), ("fine_words", "假的")]))
    assert "fine_words" not in form.answers()


def test_stored_answers_come_back_into_their_fields(office: Office) -> None:
    stored = {
        "urgent": True,
        "parts": ["出口"],
        "earlier": {"number": "甲〔2026〕1号", "title": "通知", "date": "2026-01-05", "act_id": ""},
        "faults": [{"what": "堵塞", "fix": "限期"}],
        "photos": [{"name": "a.jpg", "sha256": "0" * 64}],
    }
    answers = form_class_for(definition())(data=stored).answers()
    assert answers["parts"] == ["出口"]
    assert answers["earlier"] == {"number": "甲〔2026〕1号", "title": "通知", "date": "2026-01-05"}
    assert answers["faults"][0]["fix"] == "限期"
    assert answers["photos"] == stored["photos"]


@pytest.mark.parametrize("method", ("直接", "留置", "邮寄", "电子", "公告"))
def test_a_receipt_that_nobody_signs_opens_again(office: Office, method: str) -> None:
    staff = Visitor(office.app)
    staff.sign_in("staff")
    path = staff.open("/forms/T34/new").path
    assert staff.press("保存并刷新", {"method": method}).status == 200
    page = staff.open(path)
    assert page.status == 200
    assert staff.press(page.submit_button).status == 422
