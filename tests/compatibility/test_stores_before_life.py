"""An office whose documents were made before deadlines and next steps stood in definitions goes on as it was.

``before/life`` was made by running the program of that time on 2026-11-23 in the sample office: cases in every state, an
entrustment near its end, drafts, and a kind of the office's own (T90) in the format of then. ``known.json`` is what that
program said of deadlines, next steps and hazards. The PDFs of four documents are kept, those of others are left out.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.errors import InputRefused
from formsvc.usecases import access
from formsvc.usecases.approval import review
from formsvc.usecases.cases import case_file, due_list
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from tests.support.document_text import pdf_text
from tests.support.paths import ROOT
from tests.support.sample_office import TODAY, build_ports, formsvc, settings_in

BEFORE = ROOT / "tests/compatibility/before/life"
ACTS: dict[str, Any] = json.loads((BEFORE / "known.json").read_text(encoding="utf-8"))
FINISHED = {name: act for name, act in ACTS.items() if act["state"] in ("issued", "served")}
WITH_PAPERS = ("entrustment", "served order", "partial recheck", "own")

# What is corrected, and why; everything else is as it was.
NEW_STEPS = {
    # each item of an order is inspected again by its own day; only the first day was shown
    "urging": [["T24", "复查意见书", "2026-12-16"]],
}
# an item found has no deadline until it is ordered: the day in the record is what the inspectors propose
FOUND_HAD_THE_PROPOSED_DAY = "found"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office of then, with the program and the shipped kinds of now and its own kind as it was."""
    made = tmp_path_factory.mktemp("before-life")
    (made / "demo").mkdir()
    with tarfile.open(BEFORE / "instance.tar.xz") as archive:
        archive.extractall(made / "demo", filter="data")
    for kept in ("form_definitions", "doc_templates"):
        shutil.copytree(ROOT / kept, made / kept)
    shutil.copy(BEFORE / "T90.json", made / "form_definitions")
    shutil.copy(BEFORE / "T90.docx", made / "doc_templates")
    return made


@pytest.fixture(scope="module")
def office(folder: Path) -> Iterator[Ports]:
    ports = build_ports(
        replace(
            settings_in(folder),
            definitions=folder / "form_definitions",
            templates=folder / "doc_templates",
        )
    )
    yield ports
    ports.renderer.close()  # type: ignore[attr-defined]


def steps_after(case: case_file.CaseFile, act_id: str) -> list[list[str]]:
    return sorted(
        [due.step.form, str(due.step.title), due.day.isoformat() if due.day else ""]
        for due in case.next_steps
        if due.after.id == act_id
    )


@pytest.mark.parametrize("name", FINISHED)
def test_a_document_of_before_has_the_same_deadlines_and_next_steps(office: Ports, name: str) -> None:
    approver, known = sample_actor(office, "approver"), FINISHED[name]
    found = case_file.explain_deadlines(office, approver, known["id"])
    assert sorted([str(each.name), each.due.isoformat()] for each in found) == known["deadlines"]
    case = case_file.get_case(office, approver, known["id"])
    assert steps_after(case, known["id"]) == sorted([*known["next_steps"], *NEW_STEPS.get(name, [])])
    assert case.first.id == known["case"]


@pytest.mark.parametrize("name", [name for name, act in FINISHED.items() if act.get("hazards")])
def test_its_hazards_stand_as_they_stood(office: Ports, name: str) -> None:
    known = FINISHED[name]
    case = case_file.get_case(office, sample_actor(office, "approver"), known["id"])
    found = sorted(
        [
            str(each.text),
            str(each.place),
            each.status.value,
            each.deadline.isoformat() if each.deadline else "",
            each.named_in.number,
        ]
        for each in case.hazards
    )
    expected = [
        [text, place, status, "" if status == FOUND_HAD_THE_PROPOSED_DAY else day, number]
        for text, place, status, day, number in known["hazards"]
    ]
    assert found == sorted(expected)


def test_the_list_of_what_is_due_has_every_step(office: Ports) -> None:
    approver = sample_actor(office, "approver")
    listed = due_list.due_list(office, approver, date.max)
    expected = sum(len(act["next_steps"]) for act in FINISHED.values())
    assert listed.total == expected + sum(map(len, NEW_STEPS.values()))
    # the entrustment ends on 31 December and is told once, by its own deadline
    (entrusted,) = [act for act in case_of(office, "entrustment").links if act.act.form == "T01"]
    assert ("委托期限", date(2026, 12, 31)) in {(str(d.name), d.due) for d in entrusted.deadlines}


def case_of(office: Ports, name: str) -> case_file.CaseFile:
    return case_file.get_case(office, sample_actor(office, "approver"), ACTS[name]["id"])


def test_a_case_says_once_of_each_document_that_it_lives_by_a_later_form(office: Ports) -> None:
    case = case_of(office, "served order notice")
    assert len(case.notices) == 3 == len(set(case.notices))
    assert all("按后来启用的第一版办理，文书本身不变" in sentence for sentence in case.notices)


@pytest.mark.parametrize("name", WITH_PAPERS)
def test_papers_of_before_are_the_same_bytes(office: Ports, name: str) -> None:
    for kind in ("word", "pdf"):
        content = office.files.read(ACTS[name][kind])
        assert content and sha256(content).hexdigest() == ACTS[name][kind]


def test_the_store_of_before_is_copied_first(folder: Path, office: Ports) -> None:
    (copy,) = (folder / "demo").glob("formsvc.sqlite.v11-*.bak")
    untouched = folder / "untouched" / "demo"
    untouched.mkdir(parents=True)
    with tarfile.open(BEFORE / "instance.tar.xz") as archive:
        archive.extractall(untouched, filter="data")
    rows = [read_acts(path) for path in (copy, untouched / "formsvc.sqlite")]
    assert rows[0] == rows[1] and len(rows[0]) == len(ACTS)


def read_acts(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute("SELECT f_id, doc FROM t_acts ORDER BY f_id"))


def test_a_draft_of_before_is_finished_with_what_was_typed(office: Ports) -> None:
    act = drafts.load_draft(office, sample_actor(office, "staff"), ACTS["own draft"]["id"]).act
    assert act.answers == ACTS["own draft"]["answers"]
    signed = {"issue_date": TODAY.isoformat(), "drafter": "冯文书", "approver": "李明远"}
    issued = finish(office, act, **signed)
    assert issued.number and issued.revision == act.revision
    text = pdf_text(office.files.read(issued.pdf))
    assert "氧气瓶存放不当" in text and "虚构九号诊所" in text


def test_a_draft_that_its_old_form_refuses_moves_to_the_new_one_with_what_was_typed(office: Ports) -> None:
    staff = sample_actor(office, "staff")
    old = drafts.load_draft(office, staff, ACTS["draft order"]["id"]).act
    assert old.answers == ACTS["draft order"]["answers"]
    # the old form made a wall of the three days that the new one lets pass with a reason
    with pytest.raises(InputRefused, match="制作日期超过检查之日起3个工作日"):
        finish(office, old, issue_date=TODAY.isoformat())
    moved = drafts.copy_act(office, staff, old.id)
    assert moved.revision != old.revision
    typed = ("party_name", "party_code", "legal_rep", "party_addr", "officers", "check_date", "record_ref")
    assert {key: moved.answers[key] for key in typed} == {key: old.answers[key] for key in typed}
    assert [row["desc"] for row in moved.answers["hazards"]] == [
        row["desc"] for row in old.answers["hazards"]
    ]
    rows = [{**row, "deadline": "2026-12-11"} for row in moved.answers["hazards"]]
    late = "当事人停业，无法送达，恢复营业后补作（虚构）。"
    reasons = {"late_reason": late, "deadline_reason": "原期限已经届满（虚构）。"}
    issued = finish(office, moved, issue_date=TODAY.isoformat(), hazards=rows, **reasons)
    assert issued.number and "东河镇虚构七号超市" in pdf_text(office.files.read(issued.pdf))


def finish(office: Ports, act: Act, **answers: Any) -> Act:
    """Return the draft as issued, with further answers."""
    staff = sample_actor(office, "staff")
    given = {**act.answers, **answers}
    saved = drafts.save_answers(office, staff, act.id, given, version=act.version).act
    state = drafts.submit(office, staff, saved.id).state
    if state == "submitted":
        state = review.review(office, sample_actor(office, "reviewer"), act.id, passed=True).state
    if state == "reviewed":
        review.approve(office, sample_actor(office, "approver"), act.id, approved=True)
    return issue.issue_act(office, sample_actor(office, "officer"), act.id)


def test_a_re_inspection_numbers_the_items_as_the_order_of_before_printed_them(office: Ports) -> None:
    order = access.get_act(office, sample_actor(office, "staff"), ACTS["served order"]["id"])
    printed = pdf_text(office.files.read(order.pdf))
    assert "1.二层8具灭火器" in printed and "2.三层员工通道" in printed
    assert [row["no"] for row in order.answers["hazards"]] == [3, 4]
    draft = drafts.open_form(office, sample_actor(office, "staff"), "T24", source_act=order.id)
    recheck = finish(
        office, draft, drafter="赵正言", approver="周国栋", trigger="期限届满", issue_date=TODAY.isoformat(),
        recheck_date=TODAY.isoformat(), results=[{"result": "已改正"}, {"result": "未改正"}], next=["立案处罚"],
    )  # fmt: skip
    text = pdf_text(office.files.read(recheck.pdf))
    assert "1.二层8具灭火器压力不足失效" in text and "2.三层员工通道" in text and "3.二层" not in text
    extension = drafts.open_form(office, sample_actor(office, "staff"), "T25", source_act=order.id)
    items = drafts.load_draft(office, sample_actor(office, "staff"), extension.id).evaluation.values["items"]
    assert [row["order_no"] for row in items] == [1, 2]
    # the case goes on by the numbers of the record
    assert [(row["no"], row["order_no"]) for row in recheck.answers["results"]] == [(3, 1), (4, 2)]
    found = {h.text: h.status.value for h in case_of(office, "served order").hazards}
    assert found == {
        "二层8具灭火器压力不足失效": "remedied",
        "三层员工通道应急照明、疏散指示标志缺失6处": "unremedied",
    }


def test_the_check_names_what_to_write_instead(folder: Path) -> None:
    done = formsvc(folder, "check", str(folder / "form_definitions" / "T90.json"))
    line = next(line for line in done.stdout.splitlines() if "T90" in line and "due" in line)
    assert "life" in line and '"from": "reply_by"' in line and "docs/adding-an-act.md" in line
