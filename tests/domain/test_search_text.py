"""What a person types finds what is meant: numbers, names, pinyin."""

from __future__ import annotations

import subprocess
import sys

import pytest

from formsvc.domain.search_text import (
    build_search_text,
    contains_words,
    fold_text,
    matched_ranges,
    query_words,
)

NUMBERS = [
    "绥北（东）消限字〔2026〕第0007号",
    "绥北（东）消督字〔2026〕第0012号",
    "东政发〔2026〕1号",
    "东消巡〔2026〕00001",
]
SHOP = build_search_text(
    ["91231200MA1B2C3D4E", "站前路7号", "0455-8123456", *NUMBERS], ["福满家购物超市", "阿依古丽·买买提"]
)


def is_found(query: str, text: str = SHOP) -> bool:
    return contains_words(text, query_words(query))


@pytest.mark.parametrize(
    "typed",
    [
        "消限字7", "消限字 7", "消限字0007", "消限字7号", "第7号", "第 0007 号", "0007", "消限字2026",
        "绥北（东）消限字【2026】7号", "绥北(东)消限字[2026] 第 7 号", "绥北东消限字〔2026〕第0007号",
        "消督字12", "东政发1号", "东政发〔2026〕1号", "东消巡00001", "〔2026〕7",
    ],
)  # fmt: skip
def test_part_of_a_number_finds_it(typed: str) -> None:
    assert is_found(typed)


@pytest.mark.parametrize(
    "typed", ["消限字70", "消限字17", "第70号", "消限字12", "消督字7", "第2号", "东政发2号"]
)
def test_another_number_does_not(typed: str) -> None:
    assert not is_found(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "福满家", "fmj", "FMJ", "ｆｍｊ", "fumanjia", "fu man jia", "超市 福满", "fmj 站前路", "91231200ma1b",
        "８１２３４５６", "04558123456", "阿依古丽买买提", "阿依古丽•买买提", "阿依古丽 买买提", "aygl",
    ],
)  # fmt: skip
def test_name_code_and_phone_are_found_however_typed(typed: str) -> None:
    assert is_found(typed)


def test_all_words_must_occur() -> None:
    assert is_found("福满家 站前路")
    assert not is_found("福满家 永兴村")
    assert not is_found("福满家站前路"), "two fields are not one text"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单志强", "shanzhiqiang"), ("单志强", "szq"), ("曾凡林", "zengfanlin"), ("长乐旅店", "changle"),
        ("朝阳粮油店", "cyly"), ("朝阳粮油店", "zhaoyang"), ("重庆火锅", "chongqing"), ("吕晓燕", "lvxiaoyan"),
        ("建设银行储蓄所", "yinhang"), ("喆顺饭店", "zsfd"),
    ],
)  # fmt: skip
def test_each_reading_of_a_character_finds_a_name(name: str, typed: str) -> None:
    assert is_found(typed, build_search_text([], [name]))


def test_sentences_are_not_spelt_in_pinyin() -> None:
    assert not is_found("mhq", build_search_text(["灭火器压力不足"]))
    assert is_found("灭火器", build_search_text(["灭火器压力不足"]))


def test_a_query_of_signs_alone_has_no_words() -> None:
    assert query_words(" 、·（） ") == ()
    assert fold_text("😀") == ""


@pytest.mark.parametrize(
    ("shown", "typed", "marked"),
    [
        ("福满家购物超市", "满家", ["满家"]),
        ("福满家购物超市", "fmj", ["福满家"]),
        ("福满家购物超市", "chaosh", ["超市"]),
        ("阿依古丽·买买提", "古丽买", ["古丽·买"]),
        ("0455-8123456", "558123", ["55-8123"]),
        ("站前路７号", "7号 站前", ["站前", "７号"]),
        ("顺达货栈", "福满家", []),
    ],
)
def test_what_matched_is_marked_in_the_shown_text(shown: str, typed: str, marked: list[str]) -> None:
    assert [shown[start:end] for start, end in matched_ranges(shown, query_words(typed))] == marked


def test_the_table_of_pinyin_is_read_only_when_names_are_spelt() -> None:
    source = (
        "import sys, formsvc.domain.search_text as s; s.fold_text('a福'); assert 'pypinyin' not in sys.modules;"
        "s.spellings('福'); assert 'pypinyin' in sys.modules and 'pypinyin.phrases_dict' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
