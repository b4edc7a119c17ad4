"""Filling of a Word template, compared with plain docxtpl."""

from __future__ import annotations

import io
from typing import Any

from docxtpl import DocxTemplate, InlineImage
from jinja2 import Environment

from benchmarks import sample_acts as acts
from benchmarks.cpu_time import Contender, compare_contenders
from formsvc.documents.filling.fill import fill
from formsvc.documents.filling.inserts import InlinePicture
from formsvc.documents.filling.sandbox import WordSandbox
from formsvc.usecases.ports import DocumentMetadata

ROUNDS = 15
OURS, PLAIN = "ours", "plain docxtpl"
TAGS = DocumentMetadata("标题", "单位", "号", "2026-09-21")


def run() -> list[dict[str, Any]]:
    figures = []
    for form, rows in (("T22", 1), ("T15", 9), ("T01", 9), ("T15", 60), ("T15", 400)):
        template, context = acts.template(form), acts.context(form, rows)
        figures += _compare(f"{form}, {rows} rows", template, context, context, WordSandbox())
    pictures = {"emblem": acts.seal("black"), "stamp": acts.seal("red")}
    ours = {"office": "甲", **{name: InlinePicture(content) for name, content in pictures.items()}}
    template = acts.picture_template()
    return figures + _compare("21 pictures", template, ours, {"office": "甲", **pictures}, Environment())


def _compare(
    case: str, template: bytes, ours: dict[str, Any], plain: dict[str, Any], environment: Environment
) -> list[dict[str, Any]]:
    contenders = {
        OURS: Contender(lambda: fill(template, ours, TAGS)),
        PLAIN: Contender(lambda: _fill_with_docxtpl(template, plain, environment)),
    }
    return compare_contenders(f"Word file, {case}", contenders, ROUNDS)


def _fill_with_docxtpl(template: bytes, context: dict[str, Any], environment: Environment) -> bytes:
    whole = DocxTemplate(io.BytesIO(template))
    whole.init_docx()
    values = {
        name: InlineImage(whole, io.BytesIO(value)) if isinstance(value, bytes) else value
        for name, value in context.items()
    }
    whole.render(values, jinja_env=environment, autoescape=True)
    stream = io.BytesIO()
    whole.save(stream)
    return stream.getvalue()
