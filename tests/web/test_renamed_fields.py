"""A renamed field is still read under its old name: by programs, from older drafts and documents, and by other kinds."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import openpyxl
import pytest

from formsvc.demo.office import sample_actor
from formsvc.documents.generated.ledger_export import ledger_workbook
from formsvc.domain.definitions.cross_checks import check_between
from formsvc.errors import InputRefused
from formsvc.usecases import operator
from formsvc.usecases.acts.search import ledger_revisions
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.cases import case_file
from formsvc.usecases.drafting import complete_submission, drafts
from formsvc.usecases.drafting.complete_submission import check_answers
from tests.support.case_steps import at
from tests.support.made_up_kinds import ISSUER, MadeUpLibrary, issue, kind, office_with
from tests.support.memory_office import Office

SHOP = "福满家购物广场（虚构）"


def letter(names: dict[str, str], formerly: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    """A letter to a party whose fields have these keys."""

    def named(key: str, **entry: Any) -> dict[str, Any]:
        former = {"formerly": formerly[key]} if key in formerly else {}
        return {"key": names.get(key, key), **former, **entry}

    return kind(
        "K01",
        "消防安全敦促函（虚构）",
        named("party", label="当事人", kind="text", required=True, role="party"),
        named("phone", label="电话", kind="phone"),
        named("until", label="改正期限", kind="date"),
        named(
            "points",
            label="事项",
            kind="rows",
            columns=[
                named("what", label="事项", kind="text", required=True),
                {"key": "fee", "label": "费用", "kind": "integer"},
            ],
        ),
        subject=names.get("party", "party"),
        **more,
    )


BEFORE = letter({}, {})
NAMES = {"party": "receiver", "phone": "tel", "until": "due_on", "points": "matters", "what": "topic"}
FORMER = {key: [key] for key in NAMES}
LIFE = {
    "items": {"rows": "matters", "text": "topic"},
    "deadlines": [
        {"id": "mend", "name": "改正期限", "event": "函中写明的日期", "from": "due_on", "unit": "on_day"}
    ],
    "follow_ups": [
        {
            "id": "look",
            "forms": "K02",
            "title": "回访记录",
            "when": "size(matters) > 0",
            "why": "{receiver}应当回访。",
            "by": "mend",
            "answered": 'made.answers.outcome == "已改正"',
        }
    ],
}
AFTER = letter(NAMES, FORMER, life=LIFE)


def look(key: str, reads: str, table: str, column: str) -> dict[str, Any]:
    """A record after a letter, whose fields are read by these keys; its own outcome has a key to come."""
    return kind(
        "K02",
        "消防安全回访记录（虚构）",
        {
            "key": "letter_ref",
            "label": "敦促函",
            "kind": "reference",
            "refers_to": "K01",
            "carry": {"whom": f"source.{reads}", "tel": f"source.{key}"},
        },
        {"key": "whom", "label": "对象", "kind": "text"},
        {"key": "tel", "label": "电话", "kind": "phone"},
        {
            "key": "first",
            "label": "第一项",
            "kind": "text",
            "computed": f'joined(answers_of(letter_ref, "{table}").map(m, m.{column}), "、")',
        },
        {"key": "result", "label": "结果", "kind": "text"},
    )


READS_OLD, READS_NEW = look("phone", "party", "points", "what"), look("tel", "receiver", "matters", "topic")
OLD_ANSWERS: dict[str, Any] = {
    "party": SHOP,
    "phone": "13845500001",
    "until": "2026-10-16",
    "points": [{"what": "清理通道", "fee": 3}],
}
NEW_ANSWERS: dict[str, Any] = {
    "receiver": SHOP,
    "tel": "13845500001",
    "due_on": "2026-10-16",
    "matters": [{"topic": "清理通道", "fee": 3}],
}


def published(office: Office, library: MadeUpLibrary, *sources: dict[str, Any]) -> None:
    for source in sources:
        library.add(source)
    office.ports.definitions.refresh()


def test_a_program_may_go_on_writing_the_old_names(tmp_path: Path) -> None:
    office, _ = office_with(tmp_path, [AFTER, READS_NEW])
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    half = {**OLD_ANSWERS, "points": [{"topic": "清理通道", "fee": 3}]}
    for given in (OLD_ANSWERS, NEW_ANSWERS, half):
        checked = check_answers(ports, staff, "K01", {**ISSUER, **given})
        assert (checked.problems, {k: checked.values[k] for k in NEW_ANSWERS}) == ((), NEW_ANSWERS)
        draft = complete_submission.create_act(ports, staff, "K01", {**ISSUER, **given}, submit=False)
        assert {k: draft.act.answers[k] for k in NEW_ANSWERS} == NEW_ANSWERS
        put = complete_submission.replace_answers(
            ports, staff, draft.act.id, {**ISSUER, **given, "until": "2026-10-19"}, version=draft.act.version
        ) if "until" in given else draft  # fmt: skip
        assert put.act.answers["due_on"] == ("2026-10-19" if "until" in given else "2026-10-16")
    # the operator's command line writes them, too
    assert issue(office, "K01", **OLD_ANSWERS).answers["receiver"] == SHOP
    assert operator.render_draft(ports, "K01", {**ISSUER, **OLD_ANSWERS}).notices == ()


def test_a_file_is_put_into_the_field_by_either_name(tmp_path: Path) -> None:
    what = {"key": "what", "label": "内容", "kind": "text"}
    photo = {"key": "photo", "formerly": ["image"], "label": "照片", "kind": "files"}
    photos = {"key": "photos", "formerly": ["images"], "label": "照片", "kind": "files"}
    found = {"key": "found", "formerly": ["seen"], "label": "发现", "kind": "rows"}
    sheet = kind(
        "K03", "虚构的照片页", photos, {**found, "columns": [what, photo]}, numbering={"style": "none"}
    )
    office, _ = office_with(tmp_path, [sheet])
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    row: dict[str, Any] = {"seen": [{"what": "货架", "image": []}]}
    draft = complete_submission.create_act(ports, staff, "K03", {**ISSUER, **row}, submit=False)
    for number, field in enumerate(("images", "photos", "seen.0.image", "found.0.photo")):
        file = {"name": f"p{number}.jpg", "sha256": f"{number}" * 64}
        draft = complete_submission.add_attachment(ports, staff, draft.act.id, field, file)
    answers = draft.act.answers
    assert [f["name"] for f in answers["photos"]] == ["p0.jpg", "p1.jpg"]
    assert [f["name"] for f in answers["found"][0]["photo"]] == ["p2.jpg", "p3.jpg"]
    with pytest.raises(InputRefused):
        complete_submission.add_attachment(ports, staff, draft.act.id, "picture", {"name": "p.jpg"})


def test_a_name_written_twice_is_refused_and_which_one_is_said(tmp_path: Path) -> None:
    office, _ = office_with(tmp_path, [AFTER, READS_NEW])
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    both = {**ISSUER, **NEW_ANSWERS, "party": "别的店（虚构）"}
    for submit in (False, True):
        with pytest.raises(InputRefused) as refused:
            complete_submission.create_act(ports, staff, "K01", both, submit=submit)
        assert [(p.field, p.message, p.remedy) for p in refused.value.problems] == [
            ("party", "“party”是“receiver”（当事人）以前的字段名，两个都写了。", "请只写“receiver”。")
        ]
    cell = {**ISSUER, **NEW_ANSWERS, "matters": [{"topic": "清理通道", "what": "别的"}]}
    problems = check_answers(ports, staff, "K01", cell).problems
    assert [(p.field, "两个都写了" in p.message) for p in problems] == [("matters.0.what", True)]


def test_the_schema_of_the_answers_takes_both_names(tmp_path: Path) -> None:
    office, _ = office_with(tmp_path, [AFTER, READS_NEW])
    definition = office.ports.definitions.current_revision("K01").definition
    schema = json.loads(json.dumps(definition.json_schema()))
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid({**ISSUER, **OLD_ANSWERS}) and validator.is_valid({**ISSUER, **NEW_ANSWERS})
    assert not validator.is_valid({**ISSUER, **NEW_ANSWERS, "reciever": SHOP})
    assert (
        schema["properties"]["party"]["deprecated"] and "deprecated" not in schema["properties"]["receiver"]
    )


def test_a_definition_may_ask_for_the_old_name(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [AFTER])

    def faults(*readers: dict[str, Any]) -> list[str]:
        for reader in readers:
            library.add(reader)
        pairs, _ = library.checked_pairs()
        forms = {pair.form: pair.definition for pair in pairs if pair.form in ("K01", "K02")}
        return [fault.message for fault in check_between(forms, forms) if fault.file == "K02.json"]

    assert (faults(READS_OLD), faults(READS_NEW)) == ([], [])
    misspelt = faults(look("phone", "partie", "points", "what"))
    assert len(misspelt) == 1 and misspelt[0].startswith("“K01”里没有“partie”")


def test_a_draft_of_before_is_finished_as_it_is_or_copied_with_what_was_typed(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [BEFORE, READS_OLD])
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    old = complete_submission.create_act(ports, staff, "K01", {**ISSUER, **OLD_ANSWERS}, submit=False).act
    published(office, library, AFTER)
    copy = drafts.copy_act(ports, staff, old.id)
    assert {key: copy.answers[key] for key in NEW_ANSWERS} == NEW_ANSWERS
    assert not set(OLD_ANSWERS) & set(copy.answers)
    submitted = drafts.submit(ports, staff, old.id)
    assert {key: submitted.answers[key] for key in OLD_ANSWERS} == OLD_ANSWERS


@pytest.mark.parametrize("first", ["before", "after"])
@pytest.mark.parametrize("reader", [READS_OLD, READS_NEW], ids=["old-names", "new-names"])
def test_another_kind_reads_old_and_new_documents_by_either_name(
    tmp_path: Path, first: str, reader: dict[str, Any]
) -> None:
    office, library = office_with(tmp_path, [BEFORE, READS_OLD])
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    if first == "after":
        published(office, library, AFTER, reader)
        act = issue(office, "K01", **NEW_ANSWERS)
    else:
        act = issue(office, "K01", **OLD_ANSWERS)
        published(office, library, AFTER, reader)
    made = drafts.open_form(ports, staff, "K02", source_act=act.id)
    assert (made.answers["whom"], made.answers["tel"]) == (SHOP, "13845500001")
    chosen = complete_submission.with_prefilled(ports, staff, "K02", {"letter_ref": act.number})
    assert (chosen["whom"], chosen["tel"]) == (SHOP, "13845500001")
    found = check_answers(ports, staff, "K02", {**ISSUER, "letter_ref": act.number})
    assert (found.values["first"], found.problems, found.notices) == ("清理通道", (), ())
    # the document stays as it was issued
    names = NEW_ANSWERS if first == "after" else OLD_ANSWERS
    assert {k: drafts.load_draft(ports, staff, act.id).act.answers[k] for k in names} == names


def test_a_token_without_personal_data_takes_none_by_the_old_name_either(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [BEFORE, READS_NEW])
    ports = office.ports
    act = issue(office, "K01", **OLD_ANSWERS)
    published(office, library, AFTER)
    for scopes, tel in ((["read", "draft"], None), (["read", "draft", "personal"], "13845500001")):
        secret = api_tokens.add_token(ports, "程序", "staff", scopes=scopes)
        reply = office.app.test_client().post(
            "/api/v1/acts",
            json={"form": "K02", "source": act.id, "data": {}},
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert reply.status_code == 201, reply.get_data(as_text=True)
        taken = drafts.load_draft(ports, sample_actor(ports, "staff"), reply.get_json()["id"]).act.answers
        assert (taken["whom"], taken["tel"]) == (SHOP, tel)


def test_a_document_of_before_lives_by_a_life_that_uses_the_new_names(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [BEFORE, READS_OLD])
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    at(office, "2026-09-21")
    act = issue(office, "K01", **OLD_ANSWERS)
    other = issue(office, "K01", **{**OLD_ANSWERS, "points": []})
    record = issue(office, "K02", letter_ref=act.number, result="已改正")
    outcome = {"key": "outcome", "formerly": ["result"], "label": "结果", "kind": "text"}
    sections = READS_NEW["sections"][0]["fields"]
    renamed = kind("K02", READS_NEW["title"], *sections[1:-1], outcome)
    published(office, library, AFTER, renamed)

    def steps(of: str) -> list[tuple[str, str]]:
        case = case_file.get_case(ports, staff, of)
        return [
            (str(d.step.why), d.step.deadline.due.isoformat()) for d in case.next_steps if d.step.deadline
        ]

    assert (steps(act.id), steps(other.id)) == ([], [])
    case = case_file.get_case(ports, staff, act.id)
    assert [(h.text, h.deadline) for h in case.hazards] == [("清理通道", None)]
    assert record.answers["result"] == "已改正"
    open_one = issue(office, "K01", **NEW_ANSWERS)
    assert steps(open_one.id) == [(f"{SHOP}应当回访。", "2026-10-16")]
    issue(office, "K02", letter_ref=open_one.number, result="没有改正")
    assert steps(open_one.id) == [(f"{SHOP}应当回访。", "2026-10-16")]


def test_the_ledger_of_a_kind_shows_the_documents_of_before(tmp_path: Path) -> None:
    office, library = office_with(tmp_path, [BEFORE, READS_OLD])
    old = issue(office, "K01", **OLD_ANSWERS)
    published(office, library, AFTER)
    new = issue(office, "K01", **NEW_ANSWERS)
    definition = office.ports.definitions.current_revision("K01").definition
    revisions = ledger_revisions(office.ports, [old, new])
    assert len(revisions) == 2
    sheet = openpyxl.load_workbook(io.BytesIO(ledger_workbook(definition, [old, new], revisions))).worksheets[
        0
    ]
    head = [cell.value for cell in sheet[1]]
    assert not [name for name in head if "以前的表单" in str(name)], "a renamed field is one column"
    first, second = ([cell.value for cell in row][8:-1] for row in list(sheet.rows)[1:])
    assert first == second and datetime(2026, 10, 16) in first and "1. 清理通道，3" in first
