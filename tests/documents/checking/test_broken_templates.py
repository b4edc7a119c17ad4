"""A broken template is refused with what is wrong, where, and what to write; all faults in one run."""

from __future__ import annotations

import pytest

from formsvc.documents.checking.contract import template_faults
from formsvc.errors import Fault
from tests.support.docx_samples.broken_templates import (
    FAULTS,
    BrokenTemplate,
    broken_templates,
    sound_template,
)
from tests.support.docx_samples.simple import definition, replaced, template

FORM = definition("T22")
BROKEN = broken_templates()
# what a template of this form must print
REQUIRED = "{{ issuer_name }}{{ doc_no }}{{ check_date }}{{ issue_date }}{{ basis_line }}"


def errors(content: bytes) -> list[Fault]:
    return [fault for fault in template_faults(content, FORM, "T22.docx") if fault.level == "error"]


def test_the_template_that_they_are_made_from_is_sound() -> None:
    assert errors(sound_template()) == []


def test_there_are_a_hundred() -> None:
    assert len(BROKEN) >= 100


@pytest.mark.parametrize("broken", BROKEN, ids=[broken.name for broken in BROKEN])
def test_a_fault_is_reported_with_its_place(broken: BrokenTemplate) -> None:
    found = errors(broken.content)
    here = [fault for fault in found if broken.sentence in fault.message]
    assert here, found
    assert here[0].where.startswith(broken.place), found
    assert all(fault.file == "T22.docx" and fault.message.endswith(("。", "？")) for fault in found)


def test_all_faults_of_one_file_are_reported_in_one_run() -> None:
    inline = [text for text, _ in FAULTS]
    found = errors(template(REQUIRED, *inline))
    missing = [
        text
        for number, (text, sentence) in enumerate(FAULTS, start=2)
        if not any(sentence in f.message and f.where.startswith(f"第{number}段") for f in found)
    ]
    assert missing == []


def test_twelve_faults_of_every_layer_are_reported_together() -> None:
    texts = (
        "{{ start_date }至{{ end_date }}",
        "{{ partyname }}",
        "{{ party_name，1 }}",
        "${party_name}",
        "【甲方】",
        "{% foo %}",
        "{{ party_name|uper }}",
        "{%p if remedy %}",
        "{{ a b }}",
        "{% if party_type == '公司' %}甲{% endif %}",
        "{{#hazards}}",
    )
    found = errors(template(*texts))
    places = {fault.where.partition("段")[0] for fault in found}
    assert {f"第{number}" for number in range(1, 12)} <= places
    assert any("没有印文号" in fault.message for fault in found)


def test_without_a_definition_the_writing_of_tags_is_checked_all_the_same() -> None:
    content = template("{{ anything }}", "{{ anything|uper }}", "{%p if x %}", "{{#order}}", "${x}")
    found = template_faults(content, None, "单独.docx")
    assert [f.where[:3] for f in found if f.level == "error"] == ["第4段", "第5段", "第3段", "第2段"]
    assert ["没有核对名称" in f.message for f in found if f.level == "notice"] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "【注】本通知书一式两份",
        "□是　□否　[ ] 同意　[x] 不同意",
        "见附注[1]、[2]",
        "国办发〔2017〕87号",
        "罚款 $100，参见 A[3]",
        "{_{ 花括号 }_}",
        "{% if party_name in ['甲', '乙'] %}甲{% endif %}",
        "{{ issue_date if remedy else check_date }}",
        "{% for r in hazards if r.fix == '限期' %}{{ r.no }}{% endfor %}",
        "{% if hazards|length > 3 and party_type != '自然人' %}甲{% endif %}",
        "{{ hazards|where('fix', '限期')|pluck('no')|joined }}",
    ],
)
def test_there_is_no_alarm_about_what_is_sound(text: str) -> None:
    assert errors(sound_template(text)) == []


def test_a_paragraph_of_tags_is_placed_behind_the_words_before_it() -> None:
    (fault,) = errors(template(REQUIRED, "当事人陈述", "{{ x }}"))
    assert fault.where == "第3段（“当事人陈述”之后）"


def test_paper_that_is_not_a4_is_a_notice() -> None:
    letter = replaced(
        sound_template(), "word/document.xml", 'w:w="11906" w:h="16838"', 'w:w="12240" w:h="15840"'
    )
    (fault,) = [f for f in template_faults(letter, FORM, "T22.docx") if "A4" in f.message]
    assert fault.level == "notice" and "216×279 毫米" in fault.message
