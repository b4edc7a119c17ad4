"""How answers are read, checked and printed, kind by kind."""

from __future__ import annotations

import re
import time
from datetime import date, datetime
from datetime import time as dt_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formsvc.domain.fields import FIELD_TYPES, Field, Option


def field(kind: str, **settings_: Any) -> Field:
    """A field of a kind."""
    return Field(key="x", label="项目", kind=kind, **settings_)


def read(kind: str, raw: Any, **settings_: Any) -> Any:
    """The normal form of an answer that is fine."""
    spec = field(kind, **settings_)
    value, problems = FIELD_TYPES[kind].parse(spec, raw, "x")
    problems += FIELD_TYPES[kind].check(spec, value, "x")
    assert problems == []
    return value


def refusal(kind: str, raw: Any, **settings_: Any) -> str:
    """The sentence with which an answer is refused."""
    spec = field(kind, **settings_)
    value, problems = FIELD_TYPES[kind].parse(spec, raw, "x")
    problems += FIELD_TYPES[kind].check(spec, value, "x")
    assert problems and problems[0].field.startswith("x")
    return problems[0].message


def printed(kind: str, value: Any, **settings_: Any) -> Any:
    """What a document prints of a value."""
    return FIELD_TYPES[kind].display(field(kind, **settings_), value)[""]


def test_there_is_one_entry_for_each_kind_and_it_carries_its_name() -> None:
    assert {name: kind.name for name, kind in FIELD_TYPES.items()} == {name: name for name in FIELD_TYPES}
    assert len(FIELD_TYPES) == 29


@pytest.mark.parametrize("kind", FIELD_TYPES)
@pytest.mark.parametrize("blank", [None, "", "  ", "\u3000", []])
def test_nothing_entered_is_no_answer(kind: str, blank: Any) -> None:
    assert read(kind, blank) in (None, [])


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", " 北林区\u3000", "北林区"),
        ("text", "e\u0301", "é"),
        ("text", "3楼\u200b", "3楼"),
        ("text", 3.0, "3"),
        ("long_text", "一\r\n二", "一\n二"),
        ("integer", "１２", 12),
        ("integer", "1,200", 1200),
        ("integer", 3.0, 3),
        ("decimal", 2860.5, "2860.5"),
        ("decimal", "２８６０．５０", "2860.5"),
        ("money", "¥5,000元", "5000.00"),
        ("money", 3000.5, "3000.50"),
        ("yes_no", "是", True),
        ("yes_no", "否", False),
        ("yes_no", "on", True),
        ("date", "2026年9月21日", "2026-09-21"),
        ("date", "2026/9/21", "2026-09-21"),
        ("date", datetime(2026, 9, 21), "2026-09-21"),
        ("date", date(2026, 9, 21), "2026-09-21"),
        ("date", 46286, "2026-09-21"),
        ("datetime", "2026-09-18T09:05", "2026-09-18T09:05"),
        ("time", "上午9点半", "09:30"),
        ("time", "９：０５", "09:05"),
        ("time", "14:00", "14:00"),
        ("time", 0.375, "09:00"),
        ("time", dt_time(9, 5), "09:05"),
        ("partial_date", "2026年", "2026"),
        ("partial_date", "2026", "2026"),
        ("partial_date", 2026, "2026"),
        ("partial_date", "2026年11月", "2026-11"),
        ("partial_date", "2026-11", "2026-11"),
        ("partial_date", "2026.1", "2026-01"),
        ("partial_date", "202611", "2026-11"),
        ("partial_date", "二〇二六年十一月", "2026-11"),
        ("partial_date", "2026-11-15", "2026-11-15"),
        ("partial_date", "20261115", "2026-11-15"),
        ("partial_date", date(2026, 11, 15), "2026-11-15"),
        ("email", " Zhang.San@Example.CN ", "Zhang.San@example.cn"),
        ("email", "ｓｆｓ＠example。cn", "sfs@example.cn"),
        ("address", "东河镇\n 永兴村2组15号", "东河镇永兴村2组15号"),
        ("datetime", "2026年9月18日9时05分", "2026-09-18T09:05"),
        ("datetime", 46283.375, "2026-09-18T09:00"),
        ("phone", 19900000031.0, "19900000031"),
        ("resident_id", "11010519491231002x", "11010519491231002X"),
        ("credit_code", "91231202MAFAKE0190", "91231202MAFAKE0190"),
        ("document_number", "北消安办[2026]01号", "北消安办〔2026〕1号"),
        ("document_number", "绥北（东）消限字〔2026〕5号", "绥北（东）消限字〔2026〕第0005号"),
    ],
)
def test_what_people_and_spreadsheets_write_becomes_the_normal_form(kind: str, typed: Any, kept: Any) -> None:
    assert read(kind, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("text", "一\n二", "换行"),
        ("text", "a\x07b", "U+0007"),
        ("text", "\ud800", "U+D800"),
        ("text", "正\u202e反", "U+202E"),
        ("text", ["a"], "文字"),
        ("text", "字" * 501, "500"),
        ("integer", "3.5", "整数"),
        ("integer", "三", "不是数字"),
        ("integer", True, "数字"),
        ("integer", "1e999", "过大"),
        ("decimal", "nan", "无效"),
        ("money", "0.001", "到分"),
        ("money", -1, "负数"),
        ("yes_no", "也许", "是"),
        ("date", "2026-02-30", "2026"),
        ("date", "1626-01-01", "1626"),
        ("resident_id", "231202198806129981", "校验位"),
        ("resident_id", 231202198806129983, "电子表格"),
        ("credit_code", "91231202MAFAKE0191", "校验位"),
        ("url", "javascript:alert(1)", "http"),
        ("person", "李4", "数字"),
        ("files", "../../etc/passwd", "/"),
        ("files", [{"name": "a.jpg", "path": "x"}], "path"),
        ("reference", {"no": "1"}, "no"),
        ("rows", "x", "若干行"),
    ],
)
def test_what_cannot_stand_is_refused_with_a_sentence(kind: str, typed: Any, said: str) -> None:
    message = refusal(kind, typed)
    assert said in message and message.endswith("。")


def test_limits_count_characters_and_name_both_figures() -> None:
    assert refusal("text", "大", min=2, max=60) == "项目的字数不能少于2字，现在是1字。"
    assert refusal("integer", 1, min=2, unit="份") == "项目不能少于2份，现在是1份。"
    assert read("text", "𠮷野" * 2, max=4) == "𠮷野𠮷野"


def test_a_pattern_fits_the_whole_text_and_cannot_run_away() -> None:
    spec = {"pattern": "(a+)+b?", "pattern_message": "应全是 a。"}
    assert read("text", "aaaa", **spec) == "aaaa"
    assert refusal("text", "a" * 400 + "!", **spec) == "应全是 a。"


def test_a_word_beside_the_format_is_accepted_only_where_the_definition_says_so() -> None:
    assert read("credit_code", "无", also=["无"]) == "无"
    assert "18位" in refusal("credit_code", "无")


def test_choosing_takes_the_code_or_the_name_and_suggests_the_nearest() -> None:
    spec = field("choice", lookup="violations")
    spec.set_options(
        (Option("V04", "堵塞疏散通道", "堵塞疏散通道"), Option("V06", "占用消防车通道", "消防车通道"))
    )
    kind = FIELD_TYPES["choice"]
    assert kind.parse(spec, "V04", "x")[0] == kind.parse(spec, "堵塞疏散通道", "x")[0] == "V04"
    assert kind.display(spec, "V06") == {"": "V06", "_name": "消防车通道"}
    assert "是否想选“占用消防车通道”" in kind.parse(spec, "占用消防通道", "x")[1][0].message


def test_several_choices_come_from_a_list_or_a_cell_and_keep_the_offered_order() -> None:
    spec = {"choices": ["营业执照", "消防验收/备案凭证", "培训记录"]}
    assert read("choices", "培训记录、营业执照", **spec) == ["营业执照", "培训记录"]
    assert read("choices", ["培训记录", "培训记录"], **spec) == ["培训记录"]


def test_a_reference_is_a_number_or_a_document_outside_the_system() -> None:
    assert read("reference", "绥北(东)消检字[2026]7号", refers_to="T14") == {
        "number": "绥北（东）消检字〔2026〕第0007号",
        "title": "",
        "date": "",
        "act_id": "",
    }
    outside = {"number": "东政函〔2026〕3号", "title": "关于检查的函", "date": "2026年9月1日"}
    assert read("reference", outside, refers_to="T13")["date"] == "2026-09-01"


def test_a_picture_may_be_named_only() -> None:
    assert read("files", ["IMG_0001.jpg"]) == [{"name": "IMG_0001.jpg", "sha256": ""}]


def test_rows_keep_their_places_and_lose_only_the_blank_tail() -> None:
    columns = [field("text").model_copy(update={"key": "desc"})]
    rows = read("rows", [{"desc": ""}, {"desc": "甲"}, {"desc": " "}], columns=columns)
    assert rows == [{"desc": None}, {"desc": "甲"}]


def test_documents_print_dates_and_times_as_official_papers_do() -> None:
    assert printed("date", "2026-03-09") == "2026年3月9日"
    assert printed("datetime", "2026-09-18T09:00") == "2026年9月18日9时00分"
    assert printed("money", "5000.00") == "5,000.00"
    assert printed("yes_no", True) is True
    assert printed("files", [{"name": "a.jpg", "sha256": ""}]) == ["a.jpg"]


def test_rows_print_with_the_number_they_were_given_or_their_place() -> None:
    columns = [
        field("integer").model_copy(update={"key": "no"}),
        field("date").model_copy(update={"key": "due"}),
    ]
    shown = printed("rows", [{"no": 3, "due": "2026-10-30"}, {"no": None, "due": None}], columns=columns)
    assert shown == [{"no": "3", "due": "2026年10月30日"}, {"no": "2", "due": ""}]


@pytest.mark.parametrize("name", [name for name, kind in FIELD_TYPES.items() if kind.holds_answer])
def test_every_kind_has_an_example_that_passes_its_own_checks(name: str) -> None:
    spec = field(
        name,
        choices=["甲", "乙"] if name in ("choice", "choices") else None,
        columns=[Field(key="c", label="列", kind="text", required=True)] if name == "rows" else None,
    )
    kind = FIELD_TYPES[name]
    value, problems = kind.parse(spec, kind.example(spec), "x")
    assert problems == [] and kind.check(spec, value, "x") == [] and value not in (None, [])
    assert kind.schema(spec)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", FIELD_TYPES)
@settings(max_examples=80, deadline=None)
@given(raw=JSON)
def test_any_input_is_read_or_refused_and_reading_twice_changes_nothing(name: str, raw: Any) -> None:
    spec = field(
        name,
        choices=["甲", "乙"] if name in ("choice", "choices") else None,
        columns=[Field(key="c", label="列", kind="text")] if name == "rows" else None,
    )
    kind = FIELD_TYPES[name]
    value, problems = kind.parse(spec, raw, "x")
    assert all(p.message for p in problems)
    again, none = kind.parse(spec, value, "x")
    assert again == value and none == []
    kind.display(spec, value)
    kind.to_expression(spec, value)


@settings(max_examples=200, deadline=None)
@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_day_reads_back_from_each_way_of_writing_it(day: date) -> None:
    for typed in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}", day):
        assert read("date", typed) == day.isoformat()


def test_marks_nobody_sees_do_not_make_two_names_of_one() -> None:
    from formsvc.domain.fields.text import clean_text

    assert clean_text("甲\u200d乙\u200c丙\u00ad丁\u200b戊") == "甲乙丙丁戊"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e308, 10**40])
def test_a_number_nobody_writes_is_no_text(number: float) -> None:
    from formsvc.domain.fields.text import clean_text

    with pytest.raises(ValueError, match="数字过大"):
        clean_text(number)


@pytest.mark.parametrize("kind", ["integer", "decimal", "money"])
@pytest.mark.parametrize(
    "typed",
    ["10²", "²", "1,5", "1,2,3", "1_000", "1e3", "1e-3", "１，５", "1.2.3", "1 5", "٣", "--1", "+", "."],
)
def test_a_number_that_may_mean_two_things_is_refused(kind: str, typed: str) -> None:
    assert re.search("不是数字|无效", refusal(kind, typed))


@pytest.mark.parametrize("kind", ["integer", "decimal", "money"])
@pytest.mark.parametrize("typed", ["1e-999999999", "9e99999999", "1e-9999999999", "1" * 61])
def test_a_short_text_costs_no_time_whatever_its_exponent(kind: str, typed: str) -> None:
    before = time.process_time()
    assert "无效" in refusal(kind, typed)
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1,234,567", 1234567),
        ("1 200", 1200),
        ("１，２００", 1200),
        ("−3", -3),
        ("+7", 7),
        ("0012", 12),
        ("5.", 5),
    ],
)
def test_a_number_may_be_grouped_by_threes(typed: str, kept: int) -> None:
    assert read("integer", typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        ("time", "25:00", "时刻不存在"), ("time", "9点61分", "时刻不存在"), ("time", "2点", "02:00，也可以是14:00"),
        ("time", 9, "应填写时间"), ("time", "2026-09-18", "不是时刻"),
        ("partial_date", "2026年13月", "没有13月"), ("partial_date", "0226", "1900至2100"), ("partial_date", "11月", "不是日期"),
        ("partial_date", 26, "应填写日期"), ("partial_date", "2026-02-30", "2月没有30日"),
        ("email", "zhangsan.example.cn", "中间应有“@”"), ("email", "张三@example.cn", "“@”前面"), ("email", "a@b", "“@”后面"),
        ("email", "a b@example.cn", "“@”前面"), ("email", f"{'a' * 250}@example.cn", "“@”前面"),
        ("address", "长" * 201, "超过 200 字"), ("note", "看过了", "不用填写"),
    ],
)  # fmt: skip
def test_what_is_no_such_answer_is_refused_with_the_reason(kind: str, typed: Any, reason: str) -> None:
    assert reason in refusal(kind, typed)


@pytest.mark.parametrize(
    ("kind", "kept", "words"),
    [
        ("time", "09:05", "9时05分"), ("partial_date", "2026", "2026年"), ("partial_date", "2026-11", "2026年11月"),
        ("partial_date", "2026-11-05", "2026年11月5日"),
    ],
)  # fmt: skip
def test_times_and_partial_dates_are_printed_as_far_as_known(kind: str, kept: str, words: str) -> None:
    assert printed(kind, kept) == words


def test_an_address_names_the_code_of_its_village() -> None:
    spec = field("address", lookup="regions")
    spec.set_options(
        (
            Option("231202990", "东河镇", "东河镇"), Option("231202990201", "永兴村", "永兴村"),
            Option("231202990202", "双合村", "双合村"),
        )
    )  # fmt: skip
    codes = {text: FIELD_TYPES["address"].display(spec, text)["_code"] for text in (
        "东河镇永兴村2组15号", "永兴村小学", "东河镇政府街1号", "永兴村与双合村交界处", "站前路8号",
    )}  # fmt: skip
    assert list(codes.values()) == ["231202990201", "231202990201", "231202990", "", ""]
