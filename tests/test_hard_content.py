"""Rare names, special characters, long paragraphs and many rows on every kind of paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from glyphs import strange_glyphs
from papers import pdf_pages, pdf_text, squeezed, word_paragraphs
from sample_office import CASES, fonts, furnished
from word_validity import word_faults

from formsvc.documents.fonts import FontBook
from formsvc.usecases.console import render_draft
from formsvc.usecases.wiring import Ports

Answers = dict[str, Any]
SIGNED_ON_EACH_PAGE = "随同检查人员（签名）：________检查人员（签名）：________、________"
RARE = "䶮㛃𬭊𫖯𠅤"
LONG_NAME = "买买提·艾力·阿卜杜热合曼"
TRICKY = "甲&乙<丙>“丁”'戊'\"己\"{{庚}}{%辛%}，第一行\n第二行"
LONG = "仓库内部疏散通道堆放杂物，影响人员疏散。" * 100

BY_FORM = {case["act"]: case["fields"] for case in CASES.values()}


def put(path: str, value: Any) -> Callable[[Answers], None]:
    """A change that sets one answer, rows included."""

    def change(answers: Answers) -> None:
        *way, last = path.split(".")
        place: Any = answers
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value

    return change


def rows(field: str, count: int) -> Callable[[Answers], None]:
    """A change that repeats the rows of a field to a number."""

    def change(answers: Answers) -> None:
        some = answers[field]
        made = [{**deepcopy(some[i % len(some)])} for i in range(count)]
        for number, row in enumerate(made, 1):
            if "no" in row:
                row["no"] = number
            if field == "agent_officers":
                row["cert_no"] = f"FAKE2312020{number:04d}"
            if field in ("matters", "hazards"):
                key = "name" if field == "matters" else "desc"
                row[key] = f"{row[key]}（其{number}）"
        answers[field] = made
        if field == "leaders":
            for number, row in enumerate(made, 1):
                row["name"] = f"{row['name'][0]}某{number}"
        if field == "hazards" and "result" in answers:
            answers["result"] = [f"责令{fix}改正" for fix in ("立即", "限期") if fix in {row["fix"] for row in made}]

    return change


NARRATIVE = (("T01", "powers"), ("T07", "supersede"), ("T14", "matter"), ("T15", "hazards.0.desc"), ("T22", "hazards.0.desc"))
NAMES = (("T01", "agent_head"), ("T07", "leaders.0.name"), ("T14", "party_name"), ("T15", "accompany"), ("T22", "party_name"))
GROWING = (("T01", "matters"), ("T01", "agent_officers"), ("T07", "leaders"), ("T15", "hazards"), ("T22", "hazards"))
HARD: list[tuple[str, str, str, Callable[[Answers], None]]] = [
    *((form, f"rare name in {path}", RARE, put(path, RARE)) for form, path in NAMES),
    *((form, f"long name in {path}", LONG_NAME, put(path, LONG_NAME)) for form, path in NAMES),
    *((form, f"special characters in {path}", TRICKY, put(path, TRICKY)) for form, path in NARRATIVE),
    *((form, f"2,000 characters in {path}", LONG, put(path, LONG)) for form, path in NARRATIVE),
    *((form, f"{n} rows of {field}", "", rows(field, n)) for form, field in GROWING for n in (1, 9, 60) if not (field == "agent_officers" and n == 1)),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    """A sample office."""
    return furnished(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> FontBook:
    """The fonts of this machine."""
    return FontBook(fonts(), tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(("form", "what", "wanted", "change"), HARD, ids=[f"{h[0]}: {h[1]}" for h in HARD])
def test_word_and_pdf_say_the_same_in_the_same_order_in_our_own_glyphs(
    office: Ports, book: FontBook, form: str, what: str, wanted: str, change: Callable[[Answers], None]
) -> None:
    answers = deepcopy(BY_FORM[form])
    change(answers)
    drawn = render_draft(office, form, answers)
    assert strange_glyphs(drawn.pdf, book.faces) == []
    assert word_faults(drawn.word) == []
    text = pdf_text(drawn.pdf, SIGNED_ON_EACH_PAGE)
    assert squeezed(wanted) in squeezed("".join(word_paragraphs(drawn.word)))
    if form == "T15" and wanted == LONG:
        # a cell longer than a page stands on several pages, its row's other cells and the head between
        assert not Counter("".join(map(squeezed, word_paragraphs(drawn.word)))) - Counter(text)
        return
    at = 0
    for paragraph in map(squeezed, word_paragraphs(drawn.word)):
        found = text.find(paragraph, at)
        assert found >= 0, f"{paragraph[:60]} is missing or out of order after {text[max(0, at - 40):at]}"
        at = found + len(paragraph)


@pytest.mark.parametrize("form", sorted(BY_FORM))
def test_no_page_holds_a_signature_alone(office: Ports, form: str) -> None:
    for extra in range(12):
        answers = deepcopy(BY_FORM[form])
        path = dict(NARRATIVE)[form]
        put(path, "整改期间应当落实人防技防措施。" * (1 + 3 * extra))(answers)
        drawn = render_draft(office, form, answers)
        issuer = squeezed(answers["issuer_name"])
        for page in map(squeezed, pdf_pages(drawn.pdf)):
            body = page.replace(squeezed(SIGNED_ON_EACH_PAGE), "")
            assert not body.startswith((issuer + "（印章）", issuer + "20")), body[:80]
