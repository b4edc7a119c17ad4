"""联合行文: further bodies are checked and printed, and the number is the first one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.documents.checking.contract import check_contract
from formsvc.documents.filling.fill import fill
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.errors import DefinitionFaulty
from formsvc.usecases.acts.search import ActFilters, list_acts
from tests.support.circumstances import circumstances, read_folder
from tests.support.docx_samples.simple import TAGS, template, texts_of
from tests.support.made_up_kinds import BRIGADE, ISSUER, TOWN, issue, kind, office_with

BODIES = {
    "key": "bodies",
    "label": "联合行文机关",
    "kind": "rows",
    "columns": [{"key": "name", "label": "机关全称", "kind": "text", "required": True}],
}
JOINT: dict[str, Any] = {
    "field": "bodies",
    "kinds": ["township", "fire_brigade"],
    "signed_first": ["fire_brigade"],
}
PLAN = kind(
    "K31",
    "联合检查方案（虚构）",
    BODIES,
    issuer_kinds=["township"],
    joint_issue=JOINT,
    example={"bodies": [{"name": BRIGADE}]},
)
SIGNED = "{% for b in issuers %}{{ b.no }}.{{ b.name }}；{% endfor %}"
FOUND_ON_PAPER = "{{ doc_no }}{{ issue_date }}"


def loaded(source: dict[str, Any]) -> FormDefinition:
    return load_definition(dict(source), read_folder("groups"), read_folder("lookups"), "K31.json")


def problems(*names: str) -> dict[str, str]:
    """What is said of these further bodies."""
    given = {**ISSUER, "bodies": [{"name": name} for name in names]}
    found = evaluate(loaded(PLAN), given, circumstances())
    return {p.field: p.message for p in found.problems if p.field.startswith("bodies")}


def test_a_further_body_is_registered_fits_and_stands_once() -> None:
    assert problems("某部（没有登记）") == {
        "bodies.0.name": "某部（没有登记）没有登记为发文机关，不能联合行文。"
    }
    assert problems(TOWN) == {"bodies.0.name": f"{TOWN}已经是发文机关，不用再写。"}
    assert problems(BRIGADE, BRIGADE) == {"bodies.1.name": f"{BRIGADE}已经是发文机关，不用再写。"}
    office = "北林区消防安全委员会办公室"
    assert problems(office) == {"bodies.0.name": f"{office}不能联合制发《联合检查方案（虚构）》。"}
    for sound in ((), (BRIGADE,), (BRIGADE, "")):
        assert not {path for path, said in problems(*sound).items() if "请填写" not in said}


def test_all_bodies_are_printed_in_the_order_of_their_signatures() -> None:
    definition = loaded(PLAN)
    context = document_context(
        definition, {**ISSUER, "bodies": [{"name": BRIGADE}]}, "东甲〔2026〕1号", circumstances()
    )
    assert texts_of(fill(template(SIGNED), context, TAGS)) == [f"1.{BRIGADE}；2.{TOWN}；"]
    assert printed_answers(definition, context)[BRIGADE] == [BRIGADE]
    alone = document_context(definition, ISSUER, "", circumstances())
    assert [body["name"] for body in alone["issuers"]] == [TOWN]


def test_a_template_that_leaves_the_further_bodies_out_is_refused() -> None:
    definition = loaded(PLAN)
    said = [
        f.message
        for f in check_contract(template("{{ issuer_name }}", FOUND_ON_PAPER), definition)
        if f.level == "error"
    ]
    assert len(said) == 1 and "联合行文，模板里却没有印出各机关" in said[0] and "{{ b.name }}" in said[0]
    for sound in (
        SIGNED,
        "{{ issuer_name }}{% for b in bodies %}{{ b.name }}{% endfor %}",
        SIGNED + "{{ issuer_name }}",
    ):
        assert [
            f for f in check_contract(template(sound, FOUND_ON_PAPER), definition) if f.level == "error"
        ] == []


@pytest.mark.parametrize(
    ("joint", "said"),
    [
        ({"field": "bodes"}, "“bodes”不是明细表，是否想写“bodies”"),
        ({"field": "bodies", "name": "body"}, "没有文字的列“body”"),
        ({"field": "bodies", "kinds": ["townshp"]}, "没有机关类别“townshp”"),
    ],
)
def test_a_definition_that_names_no_bodies_is_refused(joint: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionFaulty) as refused:
        loaded({**PLAN, "joint_issue": joint})
    assert said in str(refused.value)


def test_the_number_is_the_first_ones_and_the_document_is_found_by_the_others(tmp_path: Path) -> None:
    office, _ = office_with(tmp_path, [PLAN])
    act = issue(office, "K31", bodies=[{"name": BRIGADE}])
    assert act.number == "东甲〔2026〕1号" and act.authority == "donghe"
    staff = sample_actor(office.ports, "staff")
    assert [
        a.id for a in list_acts(office.ports, staff, ActFilters(text="消防救援大队", form="K31")).acts
    ] == [act.id]
