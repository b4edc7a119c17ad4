"""Our checks of identity numbers and credit codes against python-stdnum's."""

from __future__ import annotations

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from formsvc.domain.identifiers import check_credit_code, check_resident_id

TODAY = date(2026, 11, 23)
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
births = st.dates(min_value=date(1900, 1, 1), max_value=TODAY).map(lambda day: f"{day:%Y%m%d}")
regions = st.sampled_from(["110105", "231202", "231281", "440305", "650102", "460105"])
sequences = st.from_regex(r"[0-9]{3}", fullmatch=True)


def ours_accepts_resident_id(number: str) -> bool:
    try:
        return check_resident_id(number, TODAY) == number
    except ValueError:
        return False


def ours_accepts_credit_code(code: str) -> bool:
    try:
        return check_credit_code(code) == code
    except ValueError:
        return False


def stdnum_accepts_resident_id(number: str) -> bool:
    """Return stdnum's verdict on length, digits, check digit and date.

    The region is left out: stdnum refuses codes outside its table of 1980 to today, but cards keep the code
    of the place and year in which they were issued, so ours looks none up.
    """
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return number[17] == ric.calc_check_digit(number)


@given(regions, births, sequences)
def test_numbers_with_stdnums_check_digit_are_accepted(region: str, birth: str, sequence: str) -> None:
    body = region + birth + sequence
    assert ours_accepts_resident_id(body + ric.calc_check_digit(body + "0"))


@given(regions, births, sequences, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_a_changed_resident_id_gets_stdnums_verdict(
    region: str, birth: str, sequence: str, place: int, character: str
) -> None:
    body = region + birth + sequence
    number = body + ric.calc_check_digit(body + "0")
    changed = number[:place] + character + number[place + 1 :]
    # Ours also refuses births before 1900 and after today, which stdnum does not look at.
    assume("19000101" <= changed[6:14] <= f"{TODAY:%Y%m%d}")
    assert ours_accepts_resident_id(changed) == stdnum_accepts_resident_id(changed)


@given(regions, births, st.from_regex(r"[0-9X]{2,5}", fullmatch=True))
def test_any_ending_gets_stdnums_verdict(region: str, birth: str, ending: str) -> None:
    number = region + birth + ending
    assert ours_accepts_resident_id(number) == stdnum_accepts_resident_id(number)


code_bodies = st.tuples(
    # stdnum knows neither the registering authorities nor the provinces
    st.sampled_from(["1111", "1223", "5150", "9111", "9235", "9365", "9110"]),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.text(CODE_CHARACTERS, min_size=9, max_size=9),
).map("".join)


@given(code_bodies)
def test_codes_with_stdnums_check_character_are_accepted(body: str) -> None:
    assert ours_accepts_credit_code(body + uscc.calc_check_digit(body))


@given(code_bodies, st.integers(4, 17), st.sampled_from(CODE_CHARACTERS + "IOSVZ"))
def test_a_changed_code_gets_stdnums_verdict(body: str, place: int, character: str) -> None:
    code = body + uscc.calc_check_digit(body)
    changed = code[:place] + character + code[place + 1 :]
    assert ours_accepts_credit_code(changed) == uscc.is_valid(changed)
