"""Resident identity numbers, credit codes, telephone numbers, addresses and certificates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formsvc.domain.identifiers import (
    check_certificate_no,
    check_credit_code,
    check_phone,
    check_resident_id,
    check_url,
)

TODAY = date(2026, 11, 23)
CREDIT_CODES = [
    "91350100M000100Y43",
    "11231202FAKE00013C",
    "11231202FAKE000217",
    "91231202MAFAKE0190",
    "92231202MAFAKE027P",
]


@pytest.mark.parametrize("number", ["11010519491231002X", "231202198806129983"])
def test_real_identity_numbers_are_accepted(number: str) -> None:
    assert check_resident_id(number, TODAY) == number
    assert check_resident_id(number) == number


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002\u200bx",
    ],
)
def test_identity_numbers_come_back_in_one_form(typed: str) -> None:
    assert check_resident_id(typed, TODAY) == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("231202198802300010", "“19880230”不是真实存在的日期"),
        ("231202198806129981", "校验位"),
        ("110105194912310021", "校验位"),
        ("23120218880612998X", "早于1900年"),
        ("231202202611249980", "晚于今天"),
        ("2312O2198806129983", "第5位“O”"),
        ("23120219880612998Y", "第18位“Y”"),
        ("2312021988061299X3", "第17位“X”"),
        ("231202198806129", "15位的旧身份证号"),
        ("23120219880612998", "现在是17位"),
        ("2312021988061299831", "多填"),
        ("", "现在是0位"),
    ],
)
def test_wrong_identity_numbers_are_refused_with_the_reason(number: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_resident_id(number, TODAY)


def test_a_person_born_today_is_accepted() -> None:
    body = "23120220261123998"
    accepted = [c for c in "0123456789X" if _is_accepted(check_resident_id, body + c)]
    assert len(accepted) == 1


def _is_accepted(check: Callable[[str], str], value: str) -> bool:
    try:
        check(value)
    except ValueError:
        return False
    return True


@given(st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_mistake_in_an_identity_number_is_found(place: int, character: str) -> None:
    number = "11010519491231002X"
    mistaken = number[:place] + character + number[place + 1 :]

    assert _is_accepted(check_resident_id, mistaken) == (mistaken == number)


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_real_credit_codes_are_accepted(code: str) -> None:
    assert check_credit_code(code) == code
    assert check_credit_code(f" {code[:8]} {code[8:].lower()}") == code


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91350100M000100Y44", "校验位"),
        ("91231202MAFAKE0191", "校验位"),
        ("91350100O000100Y43", "第9位“O”不是允许的字符"),
        ("91A50100M000100Y43", "第3位“A”应为数字"),
        ("91350100M000100Y4", "现在是17位，请检查是否漏填"),
        ("无", "现在是1位"),
    ],
)
def test_wrong_credit_codes_are_refused_with_the_reason(code: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_credit_code(code)


@given(st.sampled_from(CREDIT_CODES), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_mistake_in_a_credit_code_is_found(code: str, place: int, character: str) -> None:
    mistaken = code[:place] + character + code[place + 1 :]

    assert _is_accepted(check_credit_code, mistaken) == (mistaken == code)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("19900000031", "19900000031"),
        ("199 0000 0031", "19900000031"),
        ("+86 199-0000-0031", "19900000031"),
        ("１９９００００００３１", "19900000031"),
        ("0455-8990002", "0455-8990002"),
        ("04558990002", "0455-8990002"),
        ("（0455）8990002", "0455-8990002"),
        ("0455—8990002", "0455-8990002"),
        ("0455-8990002-801", "0455-8990002-801"),
        ("0455-8990002转801", "0455-8990002-801"),
        ("010-62345678", "010-62345678"),
        ("02162345678", "021-62345678"),
        ("400-800-1234", "4008001234"),
        ("12345", "12345"),
        ("12350", "12350"),
        ("96119", "96119"),
        ("119", "119"),
    ],
)
def test_telephone_numbers_come_back_in_one_form(typed: str, number: str) -> None:
    assert check_phone(typed) == number
    assert check_phone(number) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1990000003", "11位"),
        ("12900000031", "11位"),
        ("8990002", "缺少区号"),
        ("0455-1990002", "位数不对"),
        ("0455-89900021234", "位数不对"),
        ("没有", "不是电话号码"),
        ("", "不是电话号码"),
        ("19900000031，19900000032", "不是电话号码"),
    ],
)
def test_wrong_telephone_numbers_are_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_phone(typed)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.gov.cn/gongkai/2026/1.html?id=1#top",
        "http://10.0.0.8:8080/",
        "http://[::1]:8000/x",
        "https://政务.例子/公告",
        "http://localhost",
    ],
)
def test_web_addresses_are_accepted(url: str) -> None:
    assert check_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "www.example.gov.cn",
        "javascript:alert(1)",
        "ftp://example.gov.cn",
        "https://",
        "https://a b.cn",
        "https://用户:密码@example.cn/",
        "http://[::1",
        "http://example.cn:99999/",
        "http://-example.cn",
        'https://example.cn/"onclick',
        "https://example..cn",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="网址"):
        check_url(url)


def test_certificates_have_six_to_twenty_letters_digits_or_dashes() -> None:
    assert check_certificate_no(" fake23120200001 ") == "FAKE23120200001"
    assert check_certificate_no("FAKE－00001") == "FAKE-00001"
    for wrong in ("12345", "1" * 21, "黑M123456", ""):
        with pytest.raises(ValueError, match="执法证号"):
            check_certificate_no(wrong)


@given(st.text(max_size=40))
def test_any_text_is_answered_in_its_normal_form_or_refused_with_a_sentence(typed: str) -> None:
    for check in (check_resident_id, check_credit_code, check_phone, check_url, check_certificate_no):
        try:
            assert check(check(typed)) == check(typed)
        except ValueError as refusal:
            assert str(refusal).endswith("。")
