"""Values as people have them: codes that break the rules in truth, several telephones, breaks unseen in a text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import State
from formsvc.domain.privacy.erasure import retained_answers
from formsvc.errors import InputRefused
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting import drafts
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

CODE, OWN = "91350203M0001QKT19", "91231202MAFAKE0190"
KEPT = f"{CODE}（营业执照载明）"
Visit = Callable[[str], Visitor]


def test_a_code_with_its_reason_is_printed_alone_and_shown_to_the_reviewer(
    office: Office, visit: Visit
) -> None:
    before_the_order(office)
    with pytest.raises(InputRefused, match="括号写明依据"):
        order(office, State.SUBMITTED, party_code=CODE)
    submitted = order(office, State.SUBMITTED, party_code=KEPT.replace("（", "("))
    assert submitted.answers["party_code"] == KEPT
    page = visit("reviewer").open(f"/approval/{submitted.id}")
    assert "填写人写明的依据是“营业执照载明”" in page.text
    headers = {"Authorization": f"Bearer {api_tokens.add_token(office.ports, '程序', 'staff')}"}
    answer = visit("staff").client.get(f"/api/v1/acts/{submitted.id}", headers=headers).get_json()
    assert answer["data"]["party_code"] == KEPT
    issued = order(office, State.ISSUED, party_code=KEPT, issue_date="2026-09-21")
    printed = office.ports.files.read(issued.word).decode()
    assert CODE in printed and "营业执照载明" not in printed
    # what is made from it has the reason with it
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T50", source_act=issued.id)
    assert draft.answers["party_code"] == KEPT


def test_the_reason_of_a_code_goes_with_the_personal_data(office: Office) -> None:
    definition = office.ports.definitions.current_revision("T22").definition
    named = f"{CODE}（经营者虚构张某出示的执照如此）"
    assert retained_answers(definition, {"party_code": named}) == {"party_code": CODE}
    for value in (CODE, OWN, "无", None):
        assert retained_answers(definition, {"party_code": value}) == {"party_code": value}


def test_a_code_that_fits_is_no_matter_for_the_reviewer(office: Office, visit: Visit) -> None:
    before_the_order(office)
    submitted = order(office, State.SUBMITTED, party_code=OWN, party_phone="无")
    page = visit("reviewer").open(f"/approval/{submitted.id}")
    assert "填写人写明的依据" not in page.text


def test_several_telephones_are_printed_as_one_and_each_mobile_is_masked(
    office: Office, visit: Visit
) -> None:
    before_the_order(office)
    act = order(office, State.SUBMITTED, party_phone="199 0000 0031，0455-8990002转1/+852 2123 4567")
    assert act.answers["party_phone"] == "19900000031、0455-8990002-1、+852-21234567"
    page = visit("reviewer").open(f"/approval/{act.id}").text
    assert "199******31、0455-8990002-1、+85********67" in page and "19900000031" not in page


def test_unseen_breaks_of_word_are_breaks_of_lines(li_ming: Visitor, office: Office) -> None:
    typed = {
        "name": "福满家\x0b购物广场",
        "story": "检查时\x0b大门锁闭\x0c二层无人\u2028下午三时",
        "faults-0-what": "占用疏散通道\x0b东侧",
    }
    li_ming.open("/forms/X01/new")
    page = li_ming.press("保存并刷新", typed)
    assert "不能打印的字符" not in page.text
    with office.ports.store.read() as tx:
        (record,) = tx.acts.find()
    answers = record["answers"]
    assert answers["story"] == "检查时\n大门锁闭\n二层无人\n下午三时"
    # a field of one line has no line to break: the words stay apart
    assert (answers["name"], answers["faults"][0]["what"]) == ("福满家 购物广场", "占用疏散通道 东侧")
    # other unseen characters are told as before
    assert "U+0007" in li_ming.press("保存并刷新", {"name": "福满家\x07"}).text
