"""The worked cases of the trade, in order, through the operator's command on the sample office."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from papers import pdf_text, squeezed, word_paragraphs
from sample_office import CASES, EXAMPLES, ROAD, formsvc, furnished

from formsvc.demo.office import who
from formsvc.domain.errors import InputRefused
from formsvc.usecases.console import check_only

SIGNED_ON_EACH_PAGE = "随同检查人员（签名）：________检查人员（签名）：________、________"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample office in which the five cases have been issued, one after the other."""
    folder = tmp_path_factory.mktemp("office")
    made = formsvc(folder, "demo", "--office-only")
    assert made.returncode == 0, made.stderr
    for name in ROAD:
        answers = folder / f"{name}.json"
        answers.write_text(json.dumps(CASES[name]["fields"], ensure_ascii=False), encoding="utf-8")
        (folder / name).mkdir()
        by = ("--by", "staff", "--approved-by", "approver")
        issued = formsvc(folder, "issue", CASES[name]["act"], str(answers), *by, "-o", str(folder / name))
        (folder / name / "said.txt").write_text(issued.stdout + issued.stderr, encoding="utf-8")
    return folder


def files_of(office: Path, name: str) -> tuple[bytes, bytes]:
    """The Word file and PDF of a case."""
    said = (office / name / "said.txt").read_text(encoding="utf-8")
    words, pdfs = list((office / name).glob("*.docx")), list((office / name).glob("*.pdf"))
    assert words, f"{name} was refused: {said}"
    return words[0].read_bytes(), pdfs[0].read_bytes()


@pytest.mark.parametrize("name", ROAD)
def test_the_number_printed_in_the_case_is_the_number_given(office: Path, name: str) -> None:
    said = (office / name / "said.txt").read_text(encoding="utf-8").strip()
    assert said == CASES[name]["fields"]["doc_no"]


@pytest.mark.parametrize("name", ROAD)
def test_every_paragraph_stands_in_the_word_file(office: Path, name: str) -> None:
    word, _pdf = files_of(office, name)
    paragraphs = [squeezed(p) for p in word_paragraphs(word)]
    missing = [text for text in CASES[name]["text"] if squeezed(text) not in paragraphs]
    assert not missing


@pytest.mark.parametrize("name", ROAD)
def test_every_paragraph_stands_in_the_pdf(office: Path, name: str) -> None:
    _word, pdf = files_of(office, name)
    text = pdf_text(pdf, SIGNED_ON_EACH_PAGE)
    missing = [wanted for wanted in CASES[name]["text"] if squeezed(wanted) not in text]
    assert not missing


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, office: Path) -> Any:
    """The office of the cases, seen from inside."""
    folder = tmp_path_factory.mktemp("negatives")
    shutil.copytree(office / "demo", folder / "demo")
    from sample_office import settings_in

    from formsvc.app import build_ports

    return build_ports(settings_in(folder))


def negatives() -> list[tuple[str, dict[str, Any], str, str]]:
    """Each input to refuse, as a change to the case of its act."""
    by_act = {case["act"]: case for case in CASES.values()}
    found = []
    for entry in EXAMPLES["negative"]:
        acts = by_act if entry["act"] == "*" else [entry["act"]]
        for act in acts:
            fields = by_act[act]["fields"]
            changed = {k: v for k, v in entry["input"].items() if k != "doc_no"}
            if changed and set(changed) <= set(fields):
                found.append((act, {**fields, **changed}, next(iter(changed)), entry["expect"]))
    return found


@pytest.mark.parametrize(("act", "given", "field", "reason"), negatives())
def test_a_wrong_input_is_refused_at_its_field(
    prepared: Any, act: str, given: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        check_only(prepared, who(prepared, "staff"), who(prepared, "approver"), act, given)
    named = [p for p in refused.value.problems if p.field.split(".")[0] in (field, "issue_date")]
    assert named, reason


def test_the_sample_office_knows_every_role(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    names = {
        who(ports, name).account.display_name
        for name in ("staff", "reviewer", "approver", "officer", "admin")
    }
    assert len(names) == 5
