"""Filling: values stand as they are, templates reach nothing, the same input gives the same bytes."""

from __future__ import annotations

from typing import Any

import pytest

from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.docx_xml import paragraph, run
from formsvc.documents.templates.docx_file import WordFile
from formsvc.errors import RenderingFailed
from formsvc.limits import Limits
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.simple import TAGS, changed, entries, filled, template, texts_of

AWKWARD = [
    "A & B < C > D \"E\" 'F'",
    "&amp; &lt;w:p/&gt;",
    "{{ x }}",
    "{% if %}",
    "{# 备注 #}",
    "{_{ x }_}",
    "{{",
    "%}",
    "}}",
    "｛｛名称｝｝",
    "]]>",
    "“引号”‘单引号’——……",
    "䶮㛃𠅤",
    "C:\\路径\\n",
    "字" * 2000,
]


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_stands_in_the_document_as_it_was_entered(value: str) -> None:
    assert filled("甲{{ x }}乙", x=value) == [f"甲{value}乙"]


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_in_a_row_stands_as_it_was_entered(value: str) -> None:
    rows = [["{%tr for r in rows %}"], ["{{ r.x }}"], ["{%tr endfor %}"]]
    assert texts_of(fill(template(rows=rows), {"rows": [{"x": value}]}, TAGS)) == [value]


def test_line_ends_and_tabs_become_words_own() -> None:
    word = fill(template("{{ x }}"), {"x": "一\r\n二\n三\t四\v五"}, TAGS)
    xml = WordFile.from_bytes(word).parts["word/document.xml"].decode()
    assert xml.count("<w:tab/>") == 1
    assert texts_of(word) == ["一", "二", "三\t四", "五"]


def test_control_characters_vanish_and_make_no_pages_or_paragraphs() -> None:
    assert filled("{{ x }}", x="甲\x00\x07\x0c\ufffe\ufdd0\ud800乙") == ["甲乙"]


def test_nothing_yes_no_numbers_and_choices_are_printed_as_an_office_writes_them() -> None:
    text = "{{ a }}|{{ b }}|{{ c }}|{{ d }}|{{ e|joined }}|{{ e|joined('，') }}|{{ e }}"
    assert filled(text, a=None, b=True, c=False, d=3, e=["甲", "乙"]) == ["|是|否|3|甲、乙|甲，乙|甲、乙"]


def test_own_filters() -> None:
    values: dict[str, Any] = {
        "d": "2026年11月23日",
        "m": "10050",
        "r": [{"n": "1", "f": "立即"}, {"n": "2", "f": "限期"}],
    }
    text = "{{ d|chinese_date }} {{ m|capital_amount }} {{ r|where('f', '限期')|pluck('n')|joined }} {{ ''|chinese_date }}"
    assert filled(text, **values) == ["二〇二六年十一月二十三日 壹万零伍拾元整 2 "]


def test_braces_the_author_asks_for_are_printed() -> None:
    assert filled("{_{ x }_} {{ '{{' }}", x=1) == ["{{ x }} {{"]


@pytest.mark.parametrize(
    "attack",
    [
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ x.__class__ }}",
        "{{ x['__class__'] }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ x.format(1) }}",
        "{{ x.format_map(y) }}",
        "{{ x.upper() }}",
        "{{ y.append(1) }}",
        "{{ y|map('upper') }}",
        "{{ ()|attr('__class__') }}",
        "{{ lipsum() }}",
        "{{ self.__init__ }}",
        "{{ loop.__class__ }}",
        "{% for i in y %}{{ loop._iterator }}{% endfor %}",
        "{% include 'x' %}",
        "{% import 'x' as z %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{{ 'a' * 100000000 }}",
        "{{ '%099999999d' % 1 }}",
        "{{ 9 ** 9999999 }}",
        f"{{{{ range({Limits().template_range + 1}) }}}}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_a_template_reaches_nothing_but_values(attack: str) -> None:
    with pytest.raises(RenderingFailed) as refused:
        fill(template(attack), {"x": "{0}", "y": [1]}, TAGS)
    assert "第1段" in refused.value.message or "限度" in refused.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "当事人：{{ partyname }}",
            "“partyname”没有对应的字段（第1段“当事人：…”“{{ partyname }}”）。是否想写“party_name”",
        ),
        ("{{ rows[0].desk }}", "“desk”没有这一列"),
        ("{{ party_name|uper }}", "没有“uper”这个过滤器"),
        ("{{ party_name", "没有写完整"),
        ("{{ party_name，2 }}", "不认识的符号“，”"),
        ("{% for r in rows %}{{ r.desc }}", "“for”没有对应的结束标签"),
        ("{{ rows }}", "把一张表格当作文字打印"),
        ("{{ party_name|chinese_date }}", "不是日期"),
    ],
)
def test_a_fault_is_told_with_its_name_and_place(text: str, said: str) -> None:
    with pytest.raises(RenderingFailed) as refused:
        fill(template(text), {"party_name": "某商场", "rows": [{"desc": "甲"}]}, TAGS)
    assert said in refused.value.message + refused.value.remedy
    assert "第1段" in refused.value.message


def test_a_fault_in_a_table_names_row_and_cell() -> None:
    with pytest.raises(RenderingFailed, match="表1 第2行第1格"):
        fill(template(rows=[["甲", "乙"], ["{{ x }}", "丙"]]), {}, TAGS)


def test_steering_tags_that_break_the_structure_are_refused() -> None:
    with pytest.raises(RenderingFailed, match="结构不完整"):
        fill(template("{%p if x %}", rows=[["甲{% endif %}"]]), {"x": False}, TAGS)


def test_the_same_input_gives_the_same_bytes() -> None:
    source = template("{{ x }}")
    assert fill(source, {"x": "甲"}, TAGS) == fill(source, {"x": "甲"}, TAGS)
    assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) for entry in entries(fill(source, {"x": "甲"}, TAGS)))


def test_properties_come_from_the_act_and_not_from_the_clock() -> None:
    core = WordFile.from_bytes(fill(template("甲"), {}, TAGS)).parts["docProps/core.xml"].decode()
    assert "责令限期改正通知书" in core
    assert "绥化市北林区消防救援大队" in core
    assert core.count("2026-09-21T00:00:00Z") == 2


def test_properties_of_the_template_are_forgotten() -> None:
    once = fill(template("甲"), {}, DocumentMetadata("旧题", "张三"))
    again = WordFile.from_bytes(fill(once, {}, TAGS)).parts["docProps/core.xml"].decode()
    assert "旧题" not in again
    assert "张三" not in again


def test_footers_are_filled_once() -> None:
    source = template("甲")
    xml = WordFile.from_bytes(source).parts["word/footer1.xml"].decode()
    source = changed(
        source, {"word/footer1.xml": xml.replace("</w:ftr>", paragraph(run("{{ x }}")) + "</w:ftr>").encode()}
    )
    footer = WordFile.from_bytes(fill(source, {"x": "{{ y }}"}, TAGS)).parts["word/footer1.xml"].decode()
    assert "{{ y }}" in footer


def test_a_table_without_column_tags_keeps_its_grid() -> None:
    source = template(rows=[["甲", "{{ x }}"]])
    word = WordFile.from_bytes(fill(source, {"x": "乙"}, TAGS)).parts["word/document.xml"].decode()
    assert word.count("<w:gridCol") == 2


def test_a_hostile_template_is_refused_before_it_is_filled() -> None:
    hostile = changed(template("{{ x }}"), {"word/_rels/footer1.xml.rels": EXTERNAL})
    with pytest.raises(RenderingFailed, match="文档以外"):
        fill(hostile, {"x": 1}, TAGS)


EXTERNAL = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
    b'Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
)


ITEMS = [
    {"no": "1", "kind": "通道", "cost": "1,000.50", "size": "2.5"},
    {"no": "2", "kind": "出口", "cost": "99.50", "size": "3"},
    {"no": "3", "kind": "通道", "cost": "", "size": "0.25"},
]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{{ items|sum_of('cost') }}", "1,100.00"),
        ("{{ items|sum_of('size') }}", "5.75"),
        ("{{ items|pluck('no')|sum_of }}", "6"),
        ("{{ items|where('kind', '院子')|sum_of('cost') }}", "0"),
        ("{{ items|count_of('cost') }}", "2"),
        ("{{ items|distinct('kind')|joined }}", "通道、出口"),
        ("{% set r = items|row_of('no', '2') %}{% if r %}{{ r.kind }}{% endif %}", "出口"),
        ("{% set r = items|row_of('no', '9') %}{% if r %}{{ r.kind }}{% else %}没有{% endif %}", "没有"),
    ],
)
def test_totals_and_counts_of_rows_are_printed(text: str, printed: str) -> None:
    assert filled(text, items=ITEMS) == [printed]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ items|sum_of('kind') }}", "“通道”不是数字，不能合计"),
        ("{% set r = items|row_of('kind', '通道') %}{{ r.no }}", "有 2 行都是“通道”"),
        ("{{ items|sum_of('cots') }}", "没有这一列"),
    ],
)
def test_a_total_that_cannot_be_is_no_blank_on_the_paper(text: str, said: str) -> None:
    with pytest.raises(RenderingFailed) as refused:
        fill(template(text), {"items": ITEMS}, TAGS)
    assert said in refused.value.message
