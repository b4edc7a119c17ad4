"""Rare names, special characters, long paragraphs and many rows on every kind of paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from formsvc.docxpdf import FontCatalog
from formsvc.usecases.context import Ports
from formsvc.usecases.operator import render_draft
from tests.support.document_text import pdf_pages, pdf_text, squeezed, word_paragraphs
from tests.support.docx_validity import word_faults
from tests.support.pdf_glyphs import strange_glyphs
from tests.support.sample_office import CASES, fonts, furnished

Answers = dict[str, Any]
SIGNED_ON_EACH_PAGE = "随同检查人员（签名）：________检查人员（签名）：________、________"
RARE = "䶮㛃𬭊𫖯𠅤"
LONG_NAME = "买买提·艾力·阿卜杜热合曼"
TRICKY = "甲&乙<丙>“丁”'戊'\"己\"{{庚}}{%辛%}，第一行\n第二行"
LONG = "仓库内部疏散通道堆放杂物，影响人员疏散。" * 100

BY_FORM = {case["act"]: case["fields"] for case in CASES.values()}
BY_FORM["T34"] = BY_FORM["T34"] | {
    "doc_ref": {
        "number": BY_FORM["T34"]["doc_ref"],
        "title": BY_FORM["T34"]["doc_title"],
        "date": "2026-11-23",
    }
}


def put(path: str, value: Any) -> Callable[[Answers], None]:
    """A change that sets one answer, rows included."""

    def change(answers: Answers) -> None:
        *way, last = path.split(".")
        place: Any = answers
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value

    return change


DISTINCT = {"matters": "name", "hazards": "desc", "villages": "village"}
"""The column that tells one row from the next."""


def renumbered(field: str, row: dict[str, Any], number: int) -> dict[str, Any]:
    """A copy of a row that cannot be taken for another one."""
    made = deepcopy(row)
    if "no" in made:
        made["no"] = number
    if field == "agent_officers":
        made["cert_no"] = f"FAKE2312029{number:04d}"
    if field == "leaders":
        made["name"] = f"{made['name'][0]}某{number}"
    if field in DISTINCT:
        made[DISTINCT[field]] += f"（其{number}）"
    return made


def rows(field: str, count: int) -> Callable[[Answers], None]:
    """A change that repeats the rows of a field to a number."""

    def change(answers: Answers) -> None:
        some = answers[field]
        made = [renumbered(field, some[i % len(some)], i + 1) for i in range(count)]
        answers[field] = made
        if field == "results":
            answers["conclusion"] = "部分未改正" if count > 1 else "全部改正"
        # what is computed from the rows is computed anew
        answers.pop("basis_line", None)
        if field == "hazards" and "result" in answers:
            answers["result"] = [
                f"责令{fix}改正" for fix in ("立即", "限期") if fix in {row["fix"] for row in made}
            ]

    return change


NARRATIVE = (
    ("T01", "powers"),
    ("T07", "supersede"),
    ("T14", "matter"),
    ("T15", "hazards.0.desc"),
    ("T21", "hazards.0.desc"),
    ("T22", "hazards.0.desc"),
    ("T23", "hazards.0.desc"),
    ("T24", "results.0.note"),
    ("T34", "remark"),
)
NAMES = (
    ("T01", "agent_head"),
    ("T07", "leaders.0.name"),
    ("T08", "villages.0.first_name"),
    ("T14", "party_name"),
    ("T15", "accompany"),
    ("T21", "party_name"),
    ("T22", "party_name"),
    ("T23", "party_name"),
    ("T24", "party_name"),
    ("T34", "receiver"),
)
GROWING = (
    ("T01", "matters"),
    ("T01", "agent_officers"),
    ("T07", "leaders"),
    ("T08", "villages"),
    ("T15", "hazards"),
    ("T21", "hazards"),
    ("T22", "hazards"),
    ("T23", "hazards"),
    ("T24", "results"),
)
HARD: list[tuple[str, str, str, Callable[[Answers], None]]] = [
    *((form, f"rare name in {path}", RARE, put(path, RARE)) for form, path in NAMES),
    *((form, f"long name in {path}", LONG_NAME, put(path, LONG_NAME)) for form, path in NAMES),
    *((form, f"special characters in {path}", TRICKY, put(path, TRICKY)) for form, path in NARRATIVE),
    *((form, f"2,000 characters in {path}", LONG, put(path, LONG)) for form, path in NARRATIVE),
    *(
        (form, f"{n} rows of {field}", "", rows(field, n))
        for form, field in GROWING
        for n in (1, 60)
        if not (field == "agent_officers" and n == 1)
    ),
    ("T08", "200 rows of villages", "", rows("villages", 200)),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    """A sample office."""
    return furnished(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> FontCatalog:
    """The fonts of this machine."""
    return FontCatalog(fonts(), tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(("form", "what", "wanted", "change"), HARD, ids=[f"{h[0]}: {h[1]}" for h in HARD])
def test_word_and_pdf_say_the_same_in_the_same_order_in_our_own_glyphs(
    office: Ports, book: FontCatalog, form: str, what: str, wanted: str, change: Callable[[Answers], None]
) -> None:
    answers = deepcopy(BY_FORM[form])
    change(answers)
    drawn = render_draft(office, form, answers)
    assert strange_glyphs(drawn.pdf, book.faces) == []
    assert word_faults(drawn.word) == []
    text = pdf_text(drawn.pdf, SIGNED_ON_EACH_PAGE)
    printed = squeezed("".join(word_paragraphs(drawn.word)))
    # within a sentence of the paper lines follow one another after a comma, and its own stop is the last
    assert squeezed(wanted).rstrip("。") in printed or squeezed("，".join(wanted.split("\n"))) in printed
    if form == "T15" and wanted == LONG:
        # a cell longer than a page stands on several pages, its row's other cells and the head between
        assert not Counter("".join(map(squeezed, word_paragraphs(drawn.word)))) - Counter(text)
        return
    at = 0
    for paragraph in map(squeezed, word_paragraphs(drawn.word)):
        found = text.find(paragraph, at)
        assert found >= 0, f"{paragraph[:60]} is missing or out of order after {text[max(0, at - 40) : at]}"
        at = found + len(paragraph)


@pytest.mark.parametrize("form", sorted(dict(NARRATIVE)))
def test_no_page_holds_a_signature_alone(office: Ports, form: str) -> None:
    for extra in range(0, 12, 4):
        answers = deepcopy(BY_FORM[form])
        path = dict(NARRATIVE)[form]
        put(path, "整改期间应当落实人防技防措施。" * (1 + 3 * extra))(answers)
        drawn = render_draft(office, form, answers)
        issuer = squeezed(answers["issuer_name"])
        for page in map(squeezed, pdf_pages(drawn.pdf)):
            body = page.replace(squeezed(SIGNED_ON_EACH_PAGE), "")
            assert not body.startswith(issuer + "20"), body[:80]
