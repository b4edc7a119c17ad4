"""A template that loops or swells is refused at once, in a sentence that names the tag."""

from __future__ import annotations

import time

import pytest

from formsvc.documents.filling.fill import fill
from formsvc.errors import RenderingFailed
from tests.support.docx_samples.simple import TAGS, template, texts_of

DOUBLED = 40
BOMBS = {
    "loops in loops": "{% for a in range(500) %}" * 4 + "甲" + "{% endfor %}" * 4,
    "loops over texts": "{% for a in x %}{% for b in x %}{% for c in x %}甲{% endfor %}{% endfor %}{% endfor %}",
    "much text in a loop": "{% for a in range(500) %}{% for b in range(300) %}" + "字" * 2000 + "{% endfor %}{% endfor %}",
    "many values in a loop": "{% for a in range(500) %}{% for b in range(300) %}{{ x }}{{ x|upper }}{% endfor %}{% endfor %}",
    "joined with ~": "{% set z = x %}" + "{% set z = z ~ z %}" * DOUBLED,
    "joined with +": "{% set z = x %}" + "{% set z = z + z %}" * DOUBLED,
    "replaced by more": "{% set z = 'x' %}{{ z" + "|replace('x', 'xxxxxxxxxx')" * 12 + " }}",
    "constants replaced by more": "{{ 'x'" + "|replace('x', 'xxxxxxxxxx')" * 12 + "|length }}",
    "joined by join": "{% set z = range(500)|join(x) %}" + "{% set z = range(500)|join(z) %}" * 4,
    "lists added": "{% set z = [x] %}" + "{% set z = z + z %}" * DOUBLED,
    "lists in lists": "{% set z = [x] %}" + "{% set z = [z, z] %}" * DOUBLED,
    "blocks in blocks": "{% set z %}{{ x }}{% endset %}" + "{% set z %}{{ z }}{{ z }}{% endset %}" * DOUBLED,
    "a macro that calls itself": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "numbers": "{% set z = 9 %}" + "{% set z = z * z %}" * DOUBLED + "{{ z }}",
    "rows looked through": "{% for a in range(500) %}{% for r in rows %}{{ rows|where('n', '1')|pluck('n')|length }}{% endfor %}{% endfor %}",
}  # fmt: skip
VALUES = {"x": "字" * 200, "rows": [{"n": str(number)} for number in range(200)]}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(RenderingFailed) as refused:
        fill(template(text), VALUES, TAGS)
    # some tenths of a second; a machine with other work counts more for the same
    assert time.process_time() - begun < 3
    assert "超出了限度（第1段" in refused.value.message and refused.value.remedy.endswith("。")


def test_a_document_of_two_hundred_rows_is_within_the_budget() -> None:
    rows = [
        {"n": str(number), "text": "、".join(map(str, range(number, number + 500)))} for number in range(200)
    ]
    table = [
        ["{%tr for r in rows %}", ""],
        ["{{ r.n }}", "{{ r.text|replace('甲', '乙') }}"],
        ["{%tr endfor %}", ""],
    ]
    first = "{{ rows|pluck('text')|joined }}{% for r in rows %}{{ rows|where('n', r.n)|length }}{% endfor %}"
    assert len(texts_of(fill(template(first, rows=table), {"rows": rows}, TAGS))) == 401
