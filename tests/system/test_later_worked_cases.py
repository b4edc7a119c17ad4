"""The worked cases of later documents and of persons, issued one after the other, paragraph by paragraph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.usecases.acts.issued_files import issued_copies
from formsvc.usecases.context import Ports
from formsvc.usecases.operator import issue_at_once
from formsvc.usecases.ports import Condition
from tests.support.case_steps import LATER_CASES
from tests.support.document_text import missing_paragraphs, pdf_text, squeezed, word_paragraphs
from tests.support.paths import ROOT
from tests.support.sample_office import CASES, furnished

TODAY = date(2026, 11, 26)
PERSONS = {
    case["id"]: case
    for case in json.loads((ROOT / "tests/cases/person_cases.json").read_text(encoding="utf-8"))["cases"]
}
BEFORE = ("EX01", "EX02", "EX06", "EX07", "EX08", "EX09", "EX10", "EX11")
WORKED: dict[str, dict[str, Any]] = {name: CASES[name] for name in BEFORE} | PERSONS | LATER_CASES
SIGNED_ON_EACH_PAGE = "随同检查人员（签名）：________检查人员（签名）：________、________"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ports, dict[str, Act]]]:
    """A sample office with the documents of the cases, in order."""
    ports = furnished(tmp_path_factory.mktemp("later"), TODAY)
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    yield (
        ports,
        {
            name: issue_at_once(ports, staff, approver, case["act"], case["fields"])
            for name, case in WORKED.items()
        },
    )


@pytest.mark.parametrize("name", [*PERSONS, *LATER_CASES])
def test_number_and_paragraphs_are_those_of_the_case(papers: tuple[Ports, dict[str, Act]], name: str) -> None:
    ports, acts = papers
    act, case = acts[name], WORKED[name]
    assert act.number == case["fields"].get("doc_no", "")
    # the receipt stands on the last copy only
    last = issued_copies(ports, act)[-1]
    in_pdf = pdf_text(ports.files.read(last.pdf), SIGNED_ON_EACH_PAGE)
    wanted = [squeezed(text) for text in case["text"]]
    assert missing_paragraphs(case["text"], word_paragraphs(ports.files.read(last.word))) == []
    assert [text for text in wanted if text not in in_pdf] == []


def test_one_receipt_serves_the_order_left_with_a_person_without_papers(
    papers: tuple[Ports, dict[str, Act]],
) -> None:
    ports, acts = papers
    with ports.store.read() as tx:
        (order,) = tx.acts.find(Condition("number", "==", acts["EX44"].number))
    assert (order["state"], order["service"]["served_at"]) == ("served", "2026-10-23T16:10")


def test_what_the_police_passed_on_is_in_the_ledger_of_hazards(papers: tuple[Ports, dict[str, Act]]) -> None:
    ports, acts = papers
    with ports.store.read() as tx:
        entries = tx.register_entries.find(Condition("source_act", "==", acts["EX45"].id))
    (row,) = entries[0]["given"]
    assert (row["source"], row["doc_no"], row["no"]) == ("移送", acts["EX45"].number, 1)
    assert (row["state"], row["deadline"]) == ("督促整改", "2026-11-25")
