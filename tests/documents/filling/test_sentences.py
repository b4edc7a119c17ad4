"""Every sentence of every paper ends as a sentence, whichever optional part is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from formsvc.documents.filling.fill import fill
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.fields.field import Field
from tests.documents.filling.test_templates import CASES, FORMS, issued, template_of
from tests.support.circumstances import before_the_entrustment, circumstances
from tests.support.docx_samples.simple import TAGS, definition, texts_of
from tests.support.paths import ROOT

PERSONS = ("EX44", "EX45", "EX46", "EX47", "EX48")
PAPERS = {form: CASES[case] for form, case in FORMS.items()} | {name: CASES[name] for name in PERSONS}
# what no sentence has: marks that meet, brackets around nothing, a law that is not named, a text that is not there
BROKEN = re.compile(
    r"[，、；：。][，、；。]|[（《“][，、；：。）》”]|[，、；：。][）》”]|（的|根据(的|，|和)|违反(，|。|；|应当)|和的规定|None|[{}]"
)
FILLED = "虚构的情况"
# lines to be filled in by hand, and who somebody is, told in whole sentences
ALLOWED = re.compile(r"^（存根）|____|证件情况：")


def broken(texts: list[str]) -> list[str]:
    """Paragraphs in which marks or brackets meet, or a law is named that is not there."""
    return [text for text in texts if not ALLOWED.search(text) and BROKEN.search(text)]


def unfinished(texts: list[str]) -> list[str]:
    """Paragraphs with a full stop inside and none at the end."""
    return [
        text
        for text in texts
        if "。" in text and not text.endswith(("。", "：")) and not ALLOWED.search(text)
    ]


def changes(kind: FormDefinition, fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each optional part of the answers empty in turn, and each long text with a full stop typed at its end."""
    for field in kind.fields:
        if field.computed:
            continue
        value = fields.get(field.key)
        if value not in (None, "", []):
            yield f"{field.key} empty", {field.key: None}
        elif field.kind in ("text", "long_text"):
            yield f"{field.key} filled", {field.key: FILLED}
        if field.columns and value:
            yield from _changed_rows(field, value)
        elif _is_prose(field):
            yield f"{field.key} ends in a full stop", {field.key: _ended(value)}


def _changed_rows(field: Field, rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for column in field.columns or ():
        name = f"{field.key}.{column.key}"
        if any(row.get(column.key) not in (None, "", []) for row in rows):
            yield (
                f"{name} empty",
                {field.key: [{k: v for k, v in row.items() if k != column.key} for row in rows]},
            )
        if _is_prose(column):
            ended = [{**row, column.key: _ended(row.get(column.key))} for row in rows]
            yield f"{name} ends in a full stop", {field.key: ended}


def _ended(text: Any) -> str:
    return f"{text or FILLED}。".replace("。。", "。")


def _is_prose(field: Field) -> bool:
    return field.kind == "long_text" or (field.kind == "text" and field.multiline)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_sentence_ends_as_a_sentence(paper: str) -> None:
    case = PAPERS[paper]
    kind = definition(case["act"])
    word = template_of(case["act"])
    around = replace(
        before_the_entrustment() if case["act"] == "T01" else circumstances(),
        today=date(2026, 11, 26),
        find_document=issued,
    )
    found: list[tuple[str, str]] = []
    for name, change in [("as it is", {}), *changes(kind, case["fields"])]:
        evaluation = evaluate(kind, {**case["fields"], **change}, around, authority=False, strict_keys=False)
        if evaluation.missing or evaluation.problems:
            assert change, evaluation.problems
            continue
        context = document_context(kind, evaluation.values, case["fields"].get("doc_no", ""), around)
        texts = ["".join(text.split()) for text in texts_of(fill(word, context, TAGS))]
        found += [(name, text) for text in (*broken(texts), *unfinished(texts))]
    assert found == []


def test_a_broken_sentence_is_found() -> None:
    wrong = [
        "根据的规定，决定如下。",
        "违反，应当改正。",
        "一、检查事项：。",
        "甲（）乙。",
        "改正。；",
        "甲、、乙。",
    ]
    assert broken(wrong) == wrong
    assert unfinished(["自即日起施行。旧文同时废止"]) != []
    right = [
        "根据《中华人民共和国消防法》第二十八条的规定，责令改正（三日内）。",
        "本通知自2026年11月26日起施行。旧文同时废止。",
        "现将有关事项通知如下：",
        "联系电话：19900000031",
    ]
    assert broken(right) == unfinished(right) == []


@pytest.mark.parametrize(
    "template", sorted((ROOT / "doc_templates").glob("*.docx")), ids=lambda path: path.stem
)
def test_a_heading_in_a_line_ends_with_its_mark(template: Path) -> None:
    """Only the heading is set in 黑体 or 楷体 (GB/T 9704 7.3.3), not the sentence behind it."""
    runs = [run for paragraph in Document(str(template)).paragraphs for run in paragraph.runs]
    headings = [run.text for run in runs if run.style and run.style.name in ("一级层次", "二级层次")]
    # a tag of its own paragraph prints nothing
    beyond = [text for text in headings if not text.startswith("{%p") and re.search("[。：].", text)]
    assert beyond == []
