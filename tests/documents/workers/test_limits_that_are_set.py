"""A limit that the office sets is the one that counts."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from formsvc.documents.workers.process_limits import apply_limits
from formsvc.documents.workers.workbook_reader import rows_of
from formsvc.docxpdf.opc.package import Package
from formsvc.domain.expressions.evaluator import InvalidExpression, compile_expression
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields.field import Field
from formsvc.domain.safe_regex import pattern_error
from formsvc.errors import FormsvcError
from formsvc.limits import Limits
from tests.support.docx_samples.raw_xml import table, word_file

# as many rows as are accepted at all
_ROWS = 9


@pytest.fixture(autouse=True)
def usual_limits() -> Iterator[None]:
    yield
    apply_limits(Limits())


def _typed(kind: str, value: Any, **settings: Any) -> Callable[[], str]:
    def problems() -> str:
        found = FIELD_TYPES[kind].parse(Field(key="x", label="项目", kind=kind, **settings), value, "x")[1]
        return "".join(problem.message for problem in found)

    return problems


def _compiled(source: str) -> Callable[[], str]:
    def faults() -> str:
        try:
            compile_expression(source, {"a": None, "rows": frozenset({"c"})})
        except InvalidExpression as error:
            return str(error)
        return ""

    return faults


def _refused(step: Callable[[], object]) -> Callable[[], str]:
    def sentence() -> str:
        try:
            step()
        except FormsvcError as error:
            return str(error.message)
        return ""

    return sentence


def _workbook(parts: int, part_bytes: int = 0) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(parts):
            packed.writestr(f"{number}.xml", b" " * part_bytes)
    return stream.getvalue()


def _with_picture(size: int) -> bytes:
    stream = io.BytesIO(word_file(""))
    with zipfile.ZipFile(stream, "a") as packed:
        packed.writestr("word/media/a.png", random.Random(1).randbytes(size))
    return stream.getvalue()


_CASES = [
    ("text_characters", 4, _typed("text", "五个字的名"), "超过 4 字"),
    ("long_text_characters", 4, _typed("long_text", "五个字的名"), "超过 4 字"),
    ("table_rows", 2, _typed("rows", [{"c": "甲"}] * 3, columns=[Field(key="c", label="列", kind="text")]), "超过 2 行"),
    ("field_files", 2, _typed("files", ["a.jpg", "b.jpg", "c.jpg"]), "超过 2 个"),
    ("pattern_characters", 3, lambda: pattern_error("[0-9]"), "超过 3 个字符"),
    ("word_columns", 2, _refused(lambda: Package(word_file(table([["甲"] * 3], [20] * 3)))), "超过 2 列"),
    ("word_part_megabytes", 1, _refused(lambda: Package(_with_picture(2**20 + 1))), "过大"),
    ("workbook_parts", 2, _refused(lambda: rows_of(_workbook(3), ["号"], _ROWS, cells=100)), "超过 2 个"),
    (
        "workbook_unpacked_megabytes",
        1,
        _refused(lambda: rows_of(_workbook(1, 2**20 + 1), ["号"], _ROWS, cells=100)),
        "超过 1 MB",
    ),
    ("expression_depth", 3, _compiled("a + a + a + a"), "超过 3 层"),
    ("expression_nesting", 1, _compiled("((a))"), "超过 1 层"),
    ("expression_macros", 1, _compiled("rows.all(x, rows.all(y, y == x))"), "超过 1 层"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "most", "sentence", "said"), _CASES, ids=[case[0] for case in _CASES])
def test_a_limit_that_is_set_counts(name: str, most: int, sentence: Callable[[], str], said: str) -> None:
    assert said not in sentence()
    apply_limits(Limits(**{name: most}))
    assert said in sentence()
