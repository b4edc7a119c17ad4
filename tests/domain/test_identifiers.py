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
from formsvc.domain.identifiers.credit_codes import code_notice, code_without_reason

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
        # several, as they stand on a card
        ("13900000000、0455-8990002", "13900000000、0455-8990002"),
        ("19900000031，19900000032", "19900000031、19900000032"),
        ("199 0000 0031 / 0455-8990002", "19900000031、0455-8990002"),
        ("19900000031 19900000032", "19900000031、19900000032"),
        ("19900000031；19900000031", "19900000031"),
        # numbers without an area code
        ("95533", "95533"),
        ("95105105", "95105105"),
        ("10086", "10086"),
        ("110", "110"),
        # switchboards
        ("400-810-0080转1", "4008100080-1"),
        ("4008100080 分机 12", "4008100080-12"),
        ("800-8100-080", "8008100080"),
        # with the code of the country
        ("0086 139 0000 0000", "13900000000"),
        ("86-0455-8990002", "0455-8990002"),
        ("+86 455 8990002", "0455-8990002"),
        ("+86-10-62345678", "010-62345678"),
        ("8613900000000", "13900000000"),
        ("+86 400 810 0080", "4008100080"),
        # Hongkong, Macao, Taiwan, abroad
        ("+852 2123 4567", "+852-21234567"),
        ("00853-28234567", "+853-28234567"),
        ("852-21234567", "+852-21234567"),
        ("+886-912345678", "+886-912345678"),
        ("+1-2125550100", "+1-2125550100"),
        # minus signs, dashes, other marks of an extension
        ("0455−8990002", "0455-8990002"),
        ("0455‑8990002#801", "0455-8990002-801"),
        ("（0455）8990002 ext 801", "0455-8990002-801"),
    ],
)
def test_telephone_numbers_come_back_in_one_form(typed: str, number: str) -> None:
    assert check_phone(typed) == number
    assert check_phone(number) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1990000003", "11位"),
        ("12900000031", "没有以“12”开头的手机号"),
        ("139000000001", "现在是12位"),
        ("8990002", "缺少区号"),
        ("0455-1990002", "位数不对"),
        ("0455-89900021234", "位数不对"),
        ("没有", "不是电话号码"),
        ("", "不是电话号码"),
        ("19900000031，1990000003", "现在是10位，请核对“1990000003”"),
        ("400-810-008", "400、800电话应为10位数字"),
        ("+852 123", "不是电话号码"),
        ("81234", "“81234”不是电话号码：手机号11位"),
        ("19900000031转1", "手机号"),
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


# Of Xiamen: registered with M0001 in the place of the organisation code, printed on the licence with this character.
XIAMEN = "91350203M0001QKT19"


@pytest.mark.parametrize(
    "code",
    [
        XIAMEN,
        # a kind of body, an authority, a province that the table has not
        "13230281FAKE000219",
        "C1350203M0001QKT19",
        "91990203M0001QKT19",
    ],
)
def test_a_code_that_breaks_the_rules_in_truth_is_kept_with_the_reason(code: str) -> None:
    with pytest.raises(ValueError, match="证照上确实如此的，在后面用括号写明依据"):
        check_credit_code(code)
    kept = check_credit_code(f" {code.lower()} (营业执照 载明) ")
    assert kept == f"{code}（营业执照 载明）" == check_credit_code(kept)
    assert code_without_reason(kept) == code and "营业执照 载明" in code_notice(kept)
    for reason in ("", "无", "x" * 61):
        with pytest.raises(ValueError, match="依据应为4至60个字"):
            check_credit_code(f"{code}（{reason}）")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("430407199312020025", "是身份证号"),
        ("0" * 18, "不能18位都是“0”"),
        (XIAMEN[:-1], "应为18位"),
        (f"{XIAMEN[:-1]}O", "不用字母I、O"),
    ],
)
def test_no_reason_makes_a_code_of_what_is_none(code: str, said: str) -> None:
    for typed in (code, f"{code}（营业执照载明）"):
        with pytest.raises(ValueError, match=said):
            check_credit_code(typed)


def test_a_code_that_fits_needs_no_reason() -> None:
    for code in CREDIT_CODES:
        assert check_credit_code(code) == code and code_notice(code) == ""
        with pytest.raises(ValueError, match="请删去括号里的文字"):
            check_credit_code(f"{code}（营业执照载明）")


@pytest.mark.parametrize(
    "body", ["81000019800101001", "83000019800101001", "71010119800101001", "91112419800101001"]
)
def test_residents_from_elsewhere_have_numbers_of_their_own(body: str) -> None:
    """Cards of residents from Hongkong and Taiwan, and the cards of foreigners that begin with 9."""
    number = body + "10X98765432"[sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body)) % 11]
    assert check_resident_id(number) == number


def test_no_identity_number_begins_with_a_province_that_is_none() -> None:
    body = "98010119800101001"
    number = body + "10X98765432"[sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body)) % 11]
    with pytest.raises(ValueError, match="开头的“98”不是省级行政区划"):
        check_resident_id(number)
