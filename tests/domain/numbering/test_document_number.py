"""Document numbers: how they are typed, written and told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formsvc.domain.numbering.document_number import (
    DocumentNumber,
    NumberSeries,
    NumberStyle,
    normalise_number,
    parse_number,
    written_forms,
)

ORDERS = NumberSeries("order", "brigade", ("T22",), "绥北（东）消限字", NumberStyle.ENFORCEMENT)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("北消安办[2026]01号", "北消安办〔2026〕1号"),
        ("北消安办(2026)1号", "北消安办〔2026〕1号"),
        ("北消安办（2026）1号", "北消安办〔2026〕1号"),
        ("北消安办【2026】1号", "北消安办〔2026〕1号"),
        ("北消安办﹝2026﹞1号", "北消安办〔2026〕1号"),
        ("北消安办［２０２６］１号", "北消安办〔2026〕1号"),
        (" 北消安办 〔2026〕 1 号 ", "北消安办〔2026〕1号"),
        ("北消安办〔2026〕第1号", "北消安办〔2026〕1号"),
        ("绥北（东）消限字〔2026〕5号", "绥北（东）消限字〔2026〕第0005号"),
        ("绥北(东)消限字(2026)第5号", "绥北（东）消限字〔2026〕第0005号"),
        ("绥北（东）消限字〔2026〕第12345号", "绥北（东）消限字〔2026〕第12345号"),
        ("顺(一)消行罚决字〔2023〕第100127号", "顺（一）消行罚决字〔2023〕第100127号"),
        ("绥北（东）消限字〔2026〕第0005号之一", "绥北（东）消限字〔2026〕第0005号之一"),
        ("国办发〔2017〕87号", "国办发〔2017〕87号"),
        ("东消巡[2026] 00001", "东消巡〔2026〕00001"),
        ("东消巡（２０２６）１２３４５６", "东消巡〔2026〕123456"),
    ],
)
def test_numbers_are_written_in_one_way_however_they_are_typed(typed: str, written: str) -> None:
    assert normalise_number(typed) == written
    assert normalise_number(written) == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "待编号",
        "北消安办2026-1",
        "北消安办〔26〕1号",
        "北消安办〔2026〕0号",
        "北消安办〔2026〕号",
        "〔2026〕1号",
        "ABC〔2026〕1号",
        "绥北（东消限字〔2026〕1号",
        "北消安办〔2026]1",
        "北消安办〔3026〕1号",
        "绥北（东）消限字〔2026〕第0005",
        "北消安办〔2026〕12",
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="。$"):
        parse_number(typed)


def test_the_parts_of_a_number_can_be_asked() -> None:
    number = parse_number("绥北（东）消限字〔2026〕第0005号")

    assert number == DocumentNumber("绥北（东）消限字", 2026, 5, NumberStyle.ENFORCEMENT)
    assert str(number) == number.text


def test_a_given_style_outranks_the_prefix() -> None:
    assert normalise_number("北消字〔2026〕5号", NumberStyle.OFFICIAL) == "北消字〔2026〕5号"
    assert normalise_number("绥北消限字〔2026〕5号", width=6) == "绥北消限字〔2026〕第000005号"


def test_a_serial_number_keeps_its_zeros_with_and_without_its_last_word() -> None:
    patrols = NumberSeries("patrol", "donghe", ("K21",), "东消巡", NumberStyle.SERIAL, 5)
    letters = NumberSeries("letter", "donghe", ("K22",), "东网聘", NumberStyle.SERIAL_NUMBER, 3)
    assert [patrols.number(2026, n).text for n in (1, 12345, 100000)] == [
        "东消巡〔2026〕00001",
        "东消巡〔2026〕12345",
        "东消巡〔2026〕100000",
    ]
    assert letters.number(2026, 1).text == "东网聘〔2026〕001号"
    for series in (patrols, letters):
        typed = parse_number(series.number(2026, 7).text, series.style, series.width)
        assert typed == series.number(2026, 7)
    assert parse_number("东网聘〔2026〕7", NumberStyle.SERIAL_NUMBER, 3).text == "东网聘〔2026〕007号"
    assert "东网聘〔2026〕001号" in written_forms("东网聘〔2026〕1号")
    assert written_forms("东网聘〔2026〕001号")[0] == "东网聘〔2026〕001号"


def test_a_series_numbers_each_year_from_its_first_number() -> None:
    series = NumberSeries("notice", "office", ("T07",), "北消安办", NumberStyle.OFFICIAL, starts={"2026": 31})

    assert series.first_in(2026) == 31
    assert series.first_in(2027) == 1
    assert series.number(2026, 31).text == "北消安办〔2026〕31号"
    assert ORDERS.number(2026, 1).text == "绥北（东）消限字〔2026〕第0001号"
    assert ORDERS.number(2026, 10000).text == "绥北（东）消限字〔2026〕第10000号"


def test_a_series_writes_its_prefix_with_full_width_parentheses() -> None:
    assert NumberSeries("x", "a", (), "绥北(东)消限字", NumberStyle.ENFORCEMENT).prefix == "绥北（东）消限字"


@pytest.mark.parametrize(
    ("prefix", "style", "width", "first"),
    [
        ("绥北消限", NumberStyle.ENFORCEMENT, 4, 1),
        ("", NumberStyle.OFFICIAL, 4, 1),
        ("北消安办〔", NumberStyle.OFFICIAL, 4, 1),
        ("绥北消限字", NumberStyle.ENFORCEMENT, 0, 1),
        ("北消安办", NumberStyle.OFFICIAL, 4, 0),
    ],
)
def test_a_series_that_could_not_be_written_is_refused(
    prefix: str, style: NumberStyle, width: int, first: int
) -> None:
    with pytest.raises(ValueError, match="。$"):
        NumberSeries("x", "a", (), prefix, style, width, starts={"2026": first})


prefixes = st.text(st.sampled_from("绥北东河消限安办字（）"), min_size=1).filter(
    lambda p: p.count("（") == p.count("）")
)


@given(prefixes, st.integers(2000, 2099), st.integers(1, 10**6), st.integers(0, 20))
def test_a_written_number_is_understood_again(prefix: str, year: int, n: int, sub: int) -> None:
    style = NumberStyle.ENFORCEMENT if prefix.endswith("字") else NumberStyle.OFFICIAL
    number = DocumentNumber(prefix, year, n, style, sub=sub)

    assert parse_number(number.text) == number
    assert parse_number(number.text.replace("〔", "[").replace("〕", "]")) == number


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused_with_a_sentence(typed: str) -> None:
    try:
        assert normalise_number(normalise_number(typed)) == normalise_number(typed)
    except ValueError as refusal:
        assert str(refusal).endswith("。")
