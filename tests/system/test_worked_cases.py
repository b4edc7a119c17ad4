"""The worked cases of the trade, in order, through the operator's command on the sample office."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.errors import InputRefused
from formsvc.usecases.operator import check_issuable, issue_at_once
from formsvc.usecases.ports import Condition
from tests.support.case_steps import LATER_CASES
from tests.support.document_text import missing_paragraphs, pdf_text, receipt_lines, squeezed, word_paragraphs
from tests.support.sample_office import CASES, EXAMPLES, RECEIPTS, ROAD, formsvc, furnished

WITH_RECEIPT = ("EX08", "EX09", "EX10", "EX11")
"""Cases whose document is made twice: the copy for the file is signed for by the party."""
FILE_COPY = "file copy"
SIGNED_ON_EACH_PAGE = "随同检查人员（签名）：________检查人员（签名）：________、________"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample office in which the cases have been issued and their receipts recorded, one after the other."""
    folder = tmp_path_factory.mktemp("office")
    ports = furnished(folder)
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    for name in ROAD:
        (folder / name).mkdir()
        act = issue_at_once(ports, staff, approver, CASES[name]["act"], CASES[name]["fields"])
        (folder / name / "said.txt").write_text(act.number, encoding="utf-8")
        (folder / name / f"{name}.docx").write_bytes(ports.files.read(act.word))
        (folder / name / f"{name}.pdf").write_bytes(ports.files.read(act.pdf))
        for copy in act.copies:
            (folder / name / FILE_COPY).mkdir()
            (folder / name / FILE_COPY / f"{name}.docx").write_bytes(ports.files.read(copy["word"]))
            (folder / name / FILE_COPY / f"{name}.pdf").write_bytes(ports.files.read(copy["pdf"]))
    for name in RECEIPTS:
        answers = folder / f"{name}.json"
        answers.write_text(json.dumps(CASES[name]["fields"], ensure_ascii=False), encoding="utf-8")
        by = ("--by", "staff", "--approved-by", "approver")
        issued = formsvc(folder, "issue", CASES[name]["act"], str(answers), *by, "-o", str(folder / name))
        (folder / name / "said.txt").write_text(issued.stdout + issued.stderr, encoding="utf-8")
    return folder


def files_of(office: Path, name: str, copy: str = "") -> tuple[bytes, bytes]:
    """The Word file and PDF of a case, those of the party without ``copy``."""
    said = (office / name / "said.txt").read_text(encoding="utf-8")
    folder = office / name / copy
    words, pdfs = list(folder.glob("*.docx")), list(folder.glob("*.pdf"))
    assert words, f"{name} was refused: {said}"
    return words[0].read_bytes(), pdfs[0].read_bytes()


@pytest.mark.parametrize("name", ROAD)
def test_the_number_printed_in_the_case_is_the_number_given(office: Path, name: str) -> None:
    said = (office / name / "said.txt").read_text(encoding="utf-8").strip()
    assert said == CASES[name]["fields"]["doc_no"]


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_is_recorded_without_a_number_and_serves_its_document(
    office: Path, prepared: Any, name: str
) -> None:
    said = (office / name / "said.txt").read_text(encoding="utf-8").strip()
    assert said == "已记录（这种文书不编号）"
    fields = CASES[name]["fields"]
    with prepared.store.read() as tx:
        (served,) = tx.acts.find(Condition("number", "==", fields["doc_ref"]))
    assert served["state"] == "served"
    assert served["service"]["served_at"] == fields["received_at"]
    assert served["service"]["servers"] == ["赵正言", "钱守规"]


@pytest.mark.parametrize("name", (*ROAD, *RECEIPTS))
def test_every_paragraph_stands_in_the_word_file(office: Path, name: str) -> None:
    word, _pdf = files_of(office, name)
    wanted = CASES[name]["text"]
    receipts = receipt_lines(wanted)
    assert len(receipts) == (name in WITH_RECEIPT)
    assert missing_paragraphs(wanted, word_paragraphs(word)) == receipts


@pytest.mark.parametrize("name", (*ROAD, *RECEIPTS))
def test_every_paragraph_stands_in_the_pdf(office: Path, name: str) -> None:
    _word, pdf = files_of(office, name)
    text, wanted = pdf_text(pdf, SIGNED_ON_EACH_PAGE), CASES[name]["text"]
    assert [words for words in wanted if squeezed(words) not in text] == receipt_lines(wanted)


@pytest.mark.parametrize("name", WITH_RECEIPT)
def test_the_copy_for_the_file_has_every_paragraph_and_the_receipt(office: Path, name: str) -> None:
    word, pdf = files_of(office, name, FILE_COPY)
    text, wanted = pdf_text(pdf), CASES[name]["text"]
    assert missing_paragraphs(wanted, word_paragraphs(word)) == []
    assert [words for words in wanted if squeezed(words) not in text] == []


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, office: Path) -> Any:
    """The office of the cases, seen from inside."""
    folder = tmp_path_factory.mktemp("negatives")
    shutil.copytree(office / "demo", folder / "demo")
    from formsvc.bootstrap import build_ports
    from tests.support.sample_office import settings_in

    return build_ports(settings_in(folder))


BEYOND_THE_FORM = {"e_confirm", "title"}
"""What a wrong input names that the case of its act leaves out."""
FIELDS_THAT_SAY_SO = {"check_date": "late_reason"}


def negatives() -> list[tuple[str, dict[str, Any], str, str]]:
    """Each input to refuse, as a change to the case of its act."""
    by_act = {case["act"]: case for case in reversed(CASES.values())}
    found = []
    for entry in EXAMPLES["negative"]:
        acts = by_act if entry["act"] == "*" else [entry["act"]]
        for act in acts:
            fields = by_act[act]["fields"]
            changed = {k: v for k, v in entry["input"].items() if k != "doc_no"}
            if changed and set(changed) <= set(fields) | BEYOND_THE_FORM:
                found.append((act, {**fields, **changed}, _telling(changed), entry["expect"]))
    return found


def _telling(changed: dict[str, Any]) -> str:
    """The field at which the refusal is told."""
    empty = next((key for key, value in changed.items() if value is None), "")
    first = next(iter(changed))
    return empty or FIELDS_THAT_SAY_SO.get(first, first)


@pytest.mark.parametrize(("act", "given", "field", "reason"), negatives())
def test_a_wrong_input_is_refused_at_its_field(
    prepared: Any, act: str, given: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        check_issuable(
            prepared, sample_actor(prepared, "staff"), sample_actor(prepared, "approver"), act, given
        )
    named = [p for p in refused.value.problems if p.field.split(".")[0] == field]
    assert named, reason


@pytest.mark.parametrize(
    ("name", "changes", "field", "words"),
    [
        ("EX02", {"area": "北林区"}, "area", ["由系统计算", "东河镇行政区域"]),
        ("EX02", {"entrust_ref": "绥北消委字〔2026〕第0099号"}, "principal_name", ["还算不出来"]),
        ("EX04", {"title": "关于任命村消防安全责任人的通知"}, "title", ["明确", "任命", "第十四条"]),
        ("EX08", {"auth_mode": "M0"}, "auth_mode", ["不得责令", "督促整改", "第九条"]),
        ("EX08", {"issue_date": "2026-09-19"}, "late_reason", ["当场", "第十九条"]),
        ("EX10", {"conclusion": "全部改正"}, "conclusion", ["部分未改正"]),
        ("EX10", {"next": ["结案"]}, "next", ["不能只选“结案”", "依法处罚"]),
        ("EX10", {"results": [{"result": "已改正"}]}, "results", ["共2条，现在是1条", "第二十条"]),
        ("EX11", {"issuer_name": "东河镇消防安全委员会办公室"}, "issuer_name", ["议事协调机构", "54号"]),
        (
            "SV09",
            {"method": "电子", "e_addr": "x@example.invalid"},
            "e_confirm",
            ["电子送达确认书", "第六十一条"],
        ),
        ("SV09", {"sender": [{"name": "赵正言"}]}, "sender", ["不得少于两人", "第四十二条"]),
    ],
)
def test_a_refusal_gives_the_reason_of_the_trade(
    prepared: Any, name: str, changes: dict[str, Any], field: str, words: list[str]
) -> None:
    case = CASES[name]
    with pytest.raises(InputRefused) as refused:
        check_issuable(
            prepared,
            sample_actor(prepared, "staff"),
            sample_actor(prepared, "approver"),
            case["act"],
            case["fields"] | changes,
        )
    said = "".join(p.sentence() for p in refused.value.problems if p.field.split(".")[0] == field)
    assert all(word in said for word in words), said


def test_the_sample_office_knows_every_role(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    names = {
        sample_actor(ports, name).account.display_name
        for name in ("staff", "reviewer", "approver", "officer", "admin")
    }
    assert len(names) == 5
    # bodies and people of the worked cases are registered
    with ports.store.read() as tx:
        people = {body["name"]: {p["name"] for p in body["people"]} for body in tx.authorities.find()}
    for case in (*CASES.values(), *LATER_CASES.values()):
        fields = case["fields"]
        signers = people[fields["issuer_name"]] if "issuer_name" in fields else set()
        assert fields.get("approver") in {None, *signers}, case["id"]
        assert fields.get("drafter") in {None, *set().union(*people.values())}, case["id"]
