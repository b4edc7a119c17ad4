"""What of a person may be read by everybody, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.masking import mask_address, mask_number, mask_phone, masked_service
from formsvc.domain.privacy.personal_answers import PersonalAnswers
from tests.support.paths import ROOT

ID, HOME, MOBILE = "11010519491231002X", "绥化市北林区东河镇中心街18号2单元", "19900000031"


def notice() -> FormDefinition:
    """责令限期改正通知书's own definition."""
    return definition("T22")


def definition(form: str) -> FormDefinition:
    """A form as it is shipped."""
    folder = ROOT / "form_definitions"

    def read(file: Path) -> Any:
        return json.loads(file.read_text(encoding="utf-8"))

    groups = {f.stem: read(f) for f in (folder / "groups").glob("*.json")}
    lookups = {f.stem: read(f) for f in (folder / "lookups").glob("*.json")}
    return load_definition(read(folder / f"{form}.json"), groups, lookups)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (HOME, "绥化市北林区东河镇****"),
        ("黑龙江省绥化市北林区东河镇东升村3组", "黑龙江省绥化市北林区东河镇****"),
        ("北京市朝阳区人和街道12号", "北京市朝阳区人和街道****"),
        ("康庄小区3栋", "****"),
        ("开发园区甲7号", "****"),
        ("", "****"),
    ],
)
def test_an_address_ends_at_the_town(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_a_number_keeps_too_little_to_be_guessed() -> None:
    assert mask_number(ID) == "1101************2X"
    assert mask_number("E1234567") == "********"
    assert mask_phone(MOBILE) == "199******31"
    assert mask_phone("12345") == "******"


def test_a_persons_address_is_personal_and_a_firms_is_not() -> None:
    person = {"party_type": "自然人", "party_idno": ID, "party_addr": HOME, "party_phone": MOBILE}
    firm = {"party_type": "法人", "party_addr": HOME, "party_phone": MOBILE}
    assert set(PersonalAnswers(notice(), person).replacements) == {ID, HOME, MOBILE}
    assert set(PersonalAnswers(notice(), firm).replacements) == {MOBILE}


def test_what_cannot_be_decided_counts_as_personal() -> None:
    assert HOME in PersonalAnswers(notice(), {"party_addr": HOME}).replacements


def test_the_same_text_is_left_out_wherever_it_stands() -> None:
    answers = {
        "party_type": "自然人",
        "party_addr": HOME,
        "hazards": [{"desc": f"{HOME}堆放杂物", "location": HOME}],
        "party_name": "褚安",
    }
    masked = PersonalAnswers(notice(), answers).masked()
    assert "2单元" not in json.dumps(masked, ensure_ascii=False)
    assert masked["hazards"][0]["desc"].endswith("堆放杂物")
    assert masked["party_name"] == "褚安"
    assert answers["party_addr"] == HOME


def test_the_line_of_an_office_is_not_personal() -> None:
    assert not PersonalAnswers(notice(), {"party_type": "法人", "party_phone": "0455-8990002"})


def test_half_filled_answers_are_no_trouble() -> None:
    odd: dict[str, Any] = {"party_type": 5, "party_phone": ["x"], "hazards": "nothing", "party_addr": None}
    assert PersonalAnswers(notice(), odd).masked() == odd


@pytest.mark.parametrize("relation", ["本人", "同住成年家属", "代收人", "", None])
def test_where_somebody_was_served_at_home_is_told_down_to_the_town(relation: str | None) -> None:
    service = {"method": "直接送达", "relation": relation, "place": HOME, "receiver": "褚安"}
    assert masked_service(service) == service | {"place": "绥化市北林区东河镇****"}


@pytest.mark.parametrize("relation", ["法定代表人", "负责收件人"])
def test_the_place_where_a_units_own_people_signed_is_no_secret(relation: str) -> None:
    service = {"method": "直接送达", "relation": relation, "place": HOME}
    assert masked_service(service) == service
    assert masked_service({}) == {}
    assert masked_service({"relation": "本人", "place": ""}) == {"relation": "本人", "place": ""}


@pytest.mark.parametrize(
    ("relation", "told"), [("同住成年家属", "绥化市北林区东河镇****"), ("负责收件人", HOME)]
)
def test_the_receipts_own_place_follows_the_same_rule(relation: str, told: str) -> None:
    receipt = PersonalAnswers(definition("T34"), {"addr": HOME, "relation": relation, "method": "直接"})
    assert receipt.masked()["addr"] == told


def test_an_electronic_address_is_personal() -> None:
    receipt = PersonalAnswers(definition("T34"), {"e_addr": "褚安 19900000031", "relation": "本人"})
    assert "19900000031" not in receipt.masked()["e_addr"]
