"""Paper for the door: every kind of document prints with ruled blanks."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from formsvc.documents.checking.contract import CIRCUMSTANCES
from formsvc.documents.filling.fill import fill
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.blanks import with_blanks
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.simple import definition
from tests.support.paths import ROOT

FORMS = sorted(file.stem for file in (ROOT / "form_definitions").glob("*.json"))


def blank_text(form: FormDefinition, answers: dict[str, object]) -> str:
    evaluation = evaluate(form, answers, CIRCUMSTANCES, complete=False, strict_keys=False)
    context = document_context(form, evaluation.values, "________", CIRCUMSTANCES)
    template = (ROOT / "doc_templates" / form.for_answers(evaluation.values).template).read_bytes()
    blanks = with_blanks(form, context, evaluation.visible)
    word = fill(template, blanks, DocumentMetadata(form.title, ""))
    with zipfile.ZipFile(io.BytesIO(word)) as file:
        return re.sub("<[^>]+>", "", file.read("word/document.xml").decode())


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_prints_empty_with_ruled_blanks(form: str) -> None:
    text = blank_text(definition(form), {})
    assert "____" in text and "{{" not in text and "None" not in text


def test_what_is_filled_in_is_printed_and_the_rest_is_left_to_the_pen() -> None:
    text = blank_text(definition("T22"), {"party_name": "福满家超市"})
    assert "福满家超市" in text
    assert "____年__月__日" in text and "________" in text
