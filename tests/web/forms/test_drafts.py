"""Filling a form without scripts, and what the page's script is answered."""

from __future__ import annotations

import gc
import io
from typing import Any

import pytest
from PIL import Image

from formsvc.domain.acts.act import Act
from formsvc.usecases.acts import search
from formsvc.usecases.acts.search import ActFilters
from formsvc.usecases.administration import accounts
from formsvc.usecases.context import Actor
from formsvc.usecases.drafting import drafts
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor

FILLED = {
    "name": "福满家购物广场",
    "day": "2026年9月18日",
    "faults-0-what": "占用疏散通道",
    "faults-0-fix": "立即",
}


@pytest.fixture
def draft(li_ming: Visitor) -> Visitor:
    """李明 before a new trial form."""
    li_ming.open("/forms/X01/new")
    return li_ming


def page_of(visitor: Visitor) -> Page:
    assert visitor.page is not None
    return visitor.page


def autosave(visitor: Visitor, **typed: Any) -> Any:
    """What the page's script would send, and the answer."""
    action, fields = page_of(visitor).form_with("保存并刷新")
    body = {**dict(fields), **typed}
    return visitor.client.post(action, data=body, headers={"Accept": "application/json"})


def test_a_note_and_the_help_page_stand_beside_the_fields(draft: Visitor) -> None:
    page = page_of(draft)
    assert "先出示执法证件。" in page.text and "再说明来意。" in page.text
    assert f"{page.path}/help#help-visit" in page.links().values()
    shown = draft.open(f"{page.path}/help")
    assert "怎样检查" in shown.text and "先亮证。" in shown.text
    other = draft.open("/forms/T22/new").path
    assert draft.client.get(f"{other}/help").status_code == 404


def test_times_places_and_years_are_read_back(draft: Visitor) -> None:
    answer = autosave(
        draft, **FILLED | {"opens": "上午9点半", "built": "2026.1", "mail": "a＠EXAMPLE.cn"}
    ).json
    assert answer["said"]["opens"] == "9时30分" and answer["said"]["built"] == "2026年1月"
    page = draft.open(page_of(draft).path)
    assert [page.value(f"f-{key}") for key in ("opens", "built", "mail")] == [
        "09:30",
        "2026-01",
        "a@example.cn",
    ]


def test_days_are_typed_as_people_write_them(draft: Visitor) -> None:
    # Monday 2026-09-21; the answer is shown in full, and written into the field as the day it is
    answer = autosave(draft, **FILLED | {"day": "昨天", "began": "９月１８日 上午9点半"}).json
    assert answer["said"]["day"] == "2026年9月20日 周日"
    assert answer["said"]["began"] == "2026年9月18日 周五 09:30"
    assert answer["days"] == {"day": "2026-09-20", "began": "2026-09-18 09:30"}
    assert "day" not in answer["problems"]
    answer = autosave(draft, **FILLED | {"version": answer["version"], "day": "3月15日"}).json
    assert answer["problems"]["day"].startswith(
        "检查日期：“3月15日”可以是2026年3月15日，也可以是2027年3月15日，请写明年份。"
    )


@pytest.mark.parametrize("form", ["T01", "T07", "T14", "T15", "T22", "X01"])
def test_every_form_opens_as_a_draft(li_ming: Visitor, form: str) -> None:
    page = li_ming.open(f"/forms/{form}/new")
    assert page.path.startswith("/drafts/")
    assert page.h1 in page.title


def test_a_missing_number_series_is_told_when_the_form_is_opened(office: Office, li_ming: Visitor) -> None:
    said = "这种文书还没有文号系列，签发时不能编号"
    assert said not in li_ming.open("/forms/T22/new").text
    with office.ports.store.write() as tx:
        for series in tx.series.find():
            forms = [form for form in series["forms"] if form != "T22"]
            tx.series.replace(series["id"], {**series, "forms": forms})
    assert said in li_ming.open("/forms/T22/new").text
    assert said not in li_ming.open("/forms/T14/new").text


def test_opening_a_form_twice_makes_one_draft(office: Office, li_ming: Visitor) -> None:
    assert li_ming.open("/forms/X01/new").path == li_ming.open("/forms/X01/new").path
    assert "我的草稿1" in li_ming.open("/").text.replace(" ", "")


def test_what_was_typed_is_there_after_saving(draft: Visitor) -> None:
    page = draft.press("保存并刷新", {**FILLED, "story": "第一行\n第二行"})
    assert page.value("f-name") == "福满家购物广场"
    assert page.value("f-day") == "2026-09-18"
    assert "2026年9月18日 周五" in page.text
    assert page.value("f-story") == "第一行\n第二行"


def test_what_cannot_be_read_stays_as_it_was_typed(draft: Visitor) -> None:
    page = draft.press(
        "保存并刷新", {"floors": "三层半", "faults-0-deadline": "下周", "faults-0-fix": "限期"}
    )
    assert page.value("f-floors") == "三层半"
    assert page.element("f-floors").get("aria-invalid") == "true"
    assert page.value("f-faults-0-deadline") == "下周"


def test_filling_for_hours_does_not_make_the_service_grow(li_ming: Visitor) -> None:
    li_ming.open("/forms/T22/new")

    def kept_after_saving(times: int) -> int:
        for n in range(times):
            assert autosave(li_ming, party_name=f"东河镇第{n}副食商店").status_code in (200, 409)
        gc.collect()
        return len(gc.get_objects())

    before = kept_after_saving(5)
    assert kept_after_saving(30) - before < 300, "ten things kept for each saving"


def test_fields_appear_when_their_condition_holds(draft: Visitor) -> None:
    assert page_of(draft).is_hidden("f-reason")
    assert not draft.press("保存并刷新", urgent="是").is_hidden("f-reason")


def test_computed_fields_are_shown_in_words(draft: Visitor) -> None:
    page = draft.press("保存并刷新", fine="2860.50")
    assert "贰仟捌佰陆拾元伍角整" in page.text


def test_an_empty_form_is_not_full_of_errors(draft: Visitor) -> None:
    assert "is-wrong" not in page_of(draft).html


def test_rows_are_added_copied_moved_and_deleted_by_buttons(draft: Visitor) -> None:
    draft.press("添一行", {"faults-0-what": "甲"})
    draft.press("复制第 1 行", {"faults-1-what": "乙"})
    page = draft.press("下移第 1 行", {"faults-1-what": "丙"})
    assert [page.value(f"f-faults-{n}-what") for n in range(3)] == ["丙", "甲", "乙"]
    page = draft.press("删除第 2 行")
    assert [page.value(f"f-faults-{n}-what") for n in range(2)] == ["丙", "乙"]
    page = draft.press("撤销删除")
    assert [page.value(f"f-faults-{n}-what") for n in range(3)] == ["丙", "甲", "乙"]


def test_a_table_copied_from_excel_becomes_rows(draft: Visitor) -> None:
    page = draft.press(
        "填入表中", {"pasted-faults": "占用通道\t一层\t限期\t2026-12-2\n灭火器失效\t二层\t立即\t"}
    )
    assert page.value("f-faults-0-deadline") == "2026-12-02"
    assert page.value("f-faults-1-where") == "二层"


def test_submitting_lists_every_error_at_the_top_and_beside_its_field(draft: Visitor) -> None:
    page = draft.press(page_of(draft).submit_button, {"floors": "三层半", "day": "2027-01-01"})
    assert page.status == 422
    assert page.title.startswith("错误：")
    assert any("请填写名称" in line for line in page.errors)
    assert any("检查日期不能晚于今天" in line for line in page.errors)
    assert page.links()[next(line for line in page.errors if "检查日期不能" in line)] == "#f-day"
    assert page.value("f-floors") == "三层半"


def test_a_complete_form_is_handed_in(office: Office, draft: Visitor) -> None:
    path = page_of(draft).path
    action, fields = page_of(draft).form_with(page_of(draft).submit_button)
    answer = draft.client.post(action, data={**dict(fields), **FILLED})
    assert answer.status_code == 303
    assert answer.headers["Location"] == path.replace("drafts", "acts")
    with office.ports.store.read() as tx:
        assert tx.acts.find()[0]["state"] == "reviewed"


def test_pressing_submit_twice_hands_in_once(draft: Visitor) -> None:
    action, fields = page_of(draft).form_with(page_of(draft).submit_button)
    first, second = (draft.client.post(action, data={**dict(fields), **FILLED}) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]


def test_a_second_press_that_overtakes_the_first_leads_to_the_same_act(
    office: Office, draft: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, fields = page_of(draft).form_with(page_of(draft).submit_button)
    submit = drafts.submit

    def pressed_twice(*given: Any) -> Act:
        submit(*given)
        return submit(*given)

    monkeypatch.setattr("formsvc.web.forms.views.drafts.submit", pressed_twice)
    answer = draft.client.post(action, data={**dict(fields), **FILLED})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/acts/")


FROM_THERE: dict[str, Any] = {"side-name": "there"}


def test_two_windows_lose_nothing(draft: Visitor) -> None:
    other = page_of(draft)
    draft.press("保存并刷新", name="第一个窗口")
    draft.page = other
    page = draft.press("保存并刷新", name="第二个窗口", fine="12")
    assert page.status == 409
    for said in ("在另一个窗口中保存过", "第一个窗口", "第二个窗口", "12"):
        assert said in page.text
    # mine by default; a field may be taken from the other window
    assert draft.press("按选定的保存").value("f-name") == "第二个窗口"
    draft.page = other
    draft.press("保存并刷新", name="第三个窗口", fine="99")
    page = draft.press("按选定的保存", **FROM_THERE)
    assert (page.value("f-name"), page.value("f-fine")) == ("第二个窗口", "99.00")


def test_windows_that_hold_the_same_are_not_asked_about(draft: Visitor) -> None:
    other = page_of(draft)
    draft.press("保存并刷新", name="同样的")
    draft.page = other
    assert "已经保存过同样的内容" in draft.press("保存并刷新", name="同样的").text


def test_what_the_other_window_saved_meanwhile_is_shown_again(draft: Visitor) -> None:
    first, second = page_of(draft), page_of(draft)
    draft.press("保存并刷新", name="甲乙")
    draft.page = first
    asked = draft.press("保存并刷新", name="丙丁")
    draft.page = second
    draft.press("保存并刷新", name="戊己")
    draft.press("按选定的保存")
    draft.page = asked
    page = draft.press("按选定的保存", **FROM_THERE)
    assert page.status == 409 and "丙丁" in page.text and "戊己" in page.text


def test_the_script_is_answered_with_all_that_follows(draft: Visitor) -> None:
    answer = autosave(draft, name="福", fine="12", urgent="是", day="2026-09-18").get_json()
    assert answer["saved_at"] == "14:03"
    assert answer["version"] == 2
    assert "reason" in answer["visible"]
    assert "reason" in answer["required"]
    assert answer["computed"]["fine_words"] == "壹拾贰元整"
    assert "不能少于2字" in answer["problems"]["name"]
    assert answer["said"]["day"] == "2026年9月18日 周五"
    assert "faults" in answer["missing"]
    assert answer["sections"][0]["mark"] == "wrong"


def test_the_script_is_told_of_another_window(draft: Visitor) -> None:
    autosave(draft, name="甲")
    answer = autosave(draft, name="乙")
    assert answer.status_code == 409
    assert "另一个窗口" in answer.get_json()["message"]
    assert autosave(draft, name="乙", version=answer.get_json()["version"]).status_code == 200


def test_the_script_of_an_old_page_gets_a_fresh_token(draft: Visitor) -> None:
    answer = autosave(draft, csrf_token="old")
    assert answer.status_code == 400
    token = answer.get_json()["csrf_token"]
    assert autosave(draft, csrf_token=token, name="甲某").status_code == 200


def photo(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind)
    return out.getvalue()


def send_file(visitor: Visitor, name: str, content: bytes) -> Page:
    action, fields = page_of(visitor).form_with("保存并刷新")
    body: dict[str, Any] = dict(fields)
    body["photos"] = (io.BytesIO(content), name)
    visitor.page = Page(visitor.client.post(action, data=body, follow_redirects=True))
    return visitor.page


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_and_stays_until_it_is_unticked(office: Office, draft: Visitor, kind: str) -> None:
    page = send_file(draft, "C:\\照片\\现场.jpg", photo(kind))
    name = {"JPEG": "现场.jpg", "PNG": "现场.png", "WEBP": "现场.webp"}[kind]
    assert name in page.text
    assert name in draft.press("保存并刷新", name="某店").text
    assert name not in draft.press("保存并刷新", {"photos-kept": None}).text


@pytest.mark.parametrize(
    "content", [b"MZ\x90 not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", photo("GIF")]
)
def test_other_files_are_refused_by_their_content(draft: Visitor, content: bytes) -> None:
    page = send_file(draft, "现场.jpg", content)
    assert "“现场.jpg”没有上传" in page.text


def test_an_attached_photo_is_shown_to_whoever_may_see_the_act(office: Office, draft: Visitor) -> None:
    address = send_file(draft, "现场.jpg", photo()).links()["现场.jpg"]
    answer = draft.client.get(address)
    assert (answer.mimetype, answer.data) == ("image/jpeg", photo())
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    other = Visitor(office.app)
    other.sign_in("approver")
    assert other.client.get(address).status_code == 404
    assert draft.client.get(address[:-3] + "000").status_code == 404


def test_nobody_can_attach_a_file_by_knowing_its_hash(office: Office, draft: Visitor) -> None:
    foreign = office.ports.files.keep(photo("PNG"))
    autosave(draft, **{"photos-kept": foreign})
    with office.ports.store.read() as tx:
        assert tx.acts.find()[0]["answers"]["photos"] == []


def test_a_draft_is_its_drafters_alone(office: Office, draft: Visitor) -> None:
    path = page_of(draft).path
    other = Visitor(office.app)
    other.sign_in("approver")
    for address in (
        path,
        f"{path}/preview",
        f"{path}/preview.pdf",
        f"{path}/preview/1.png",
        f"{path}/discard",
    ):
        assert other.client.get(address).status_code == 404


def test_a_draft_can_be_thrown_away_after_a_question(office: Office, draft: Visitor) -> None:
    draft.open(f"{page_of(draft).path}/discard")
    assert draft.press("删除草稿").h1 == "今天要办"
    with office.ports.store.read() as tx:
        assert tx.acts.count() == 0


def test_the_preview_shows_every_page(draft: Visitor) -> None:
    path = page_of(draft).path
    page = draft.open(f"{path}/preview")
    assert "共 2 页" in page.text
    assert draft.client.get(f"{path}/preview/2.png").mimetype == "image/png"
    assert draft.client.get(f"{path}/preview/3.png").status_code == 404
    assert draft.client.get(f"{path}/preview.pdf").data.startswith(b"%PDF")


def test_home_shows_how_far_a_draft_is_filled(draft: Visitor) -> None:
    draft.press("保存并刷新", FILLED)
    text = draft.open("/").text
    assert "各类字段试填表" in text
    assert "已填" in text


def test_a_returned_draft_shows_why(office: Office, draft: Visitor) -> None:
    with office.ports.store.write() as tx:
        record = tx.acts.find()[0]
        tx.acts.replace(record["id"], {**record, "returned_note": "日期不对"})
    assert "退回修改：日期不对" in draft.open(page_of(draft).path).text
    assert "退回修改" in draft.open("/").text


@pytest.mark.parametrize("text", ["<b>&amp;\"'", "{{ 7*7 }}", "𠮷㐂", "x" * 400])
def test_strange_text_comes_back_as_it_is(draft: Visitor, text: str) -> None:
    page = draft.press("保存并刷新", reason="", story=text, urgent="否")
    assert page.value("f-story") == text


def test_lists_do_not_show_other_peoples_drafts(office: Office, draft: Visitor) -> None:
    approver = accounts.get_account(office.ports, "approver")
    assert approver is not None
    assert search.list_acts(office.ports, Actor(approver), ActFilters()).total == 0


def put_record_on_file(office: Office, authority: str = "brigade") -> str:
    """A record of an inspection, issued; answers its number."""
    revision = office.ports.definitions.current_revision("T15")
    answers = dict(revision.definition.example)
    number = "绥北（东）消监查字〔2026〕第0007号"
    facts: dict[str, Any] = {
        "id": "b" * 16,
        "form": "T15",
        "revision": revision.id,
        "title": "消防安全检查记录",
        "drafter": "other",
    }
    act = Act(
        **facts, state="issued", number=number, answers=answers, dated="2026-09-18", authority=authority
    )
    with office.ports.store.write() as tx:
        tx.acts.insert(act.id, act.to_record())
    return number


def test_a_chosen_record_brings_its_content_into_empty_fields(office: Office, li_ming: Visitor) -> None:
    number = put_record_on_file(office)
    li_ming.open("/forms/T22/new")
    page = li_ming.press("保存并刷新", {"record_ref-number": number, "party_phone": "19900000099"})
    assert page.value("f-party_name") == "北林区东河镇福满家购物广场有限公司"
    assert page.value("f-party_phone") == "19900000099"
    assert "《消防安全检查记录》 9月18日 周五" in page.text


def test_what_was_brought_in_and_then_cleared_stays_cleared(office: Office, li_ming: Visitor) -> None:
    number = put_record_on_file(office)
    li_ming.open("/forms/T22/new")
    li_ming.press("保存并刷新", {"record_ref-number": number})
    assert li_ming.press("保存并刷新", legal_rep_title="").value("f-legal_rep_title") == ""


def test_a_record_one_may_not_see_brings_nothing(office: Office, li_ming: Visitor) -> None:
    number = put_record_on_file(office, authority="elsewhere")
    with office.ports.store.write() as tx:
        staff = tx.accounts.get("staff") or {}
        tx.accounts.replace("staff", {**staff, "roles": {"donghe": ["staff"]}})
    li_ming.open("/forms/T22/new")
    assert li_ming.press("保存并刷新", {"record_ref-number": number}).value("f-party_name") == ""


def test_a_record_chosen_at_the_last_moment_is_carried_over_too(office: Office, li_ming: Visitor) -> None:
    number = put_record_on_file(office)
    li_ming.open("/forms/T22/new")
    page = li_ming.press("提交审核", {"record_ref-number": number})
    assert page.value("f-party_name") == "北林区东河镇福满家购物广场有限公司"
    assert all("名称（姓名）" not in line for line in page.errors)


def test_an_officers_certificate_is_filled_in_by_name(li_ming: Visitor) -> None:
    li_ming.open("/forms/T22/new")
    page = li_ming.press("保存并刷新", {"officers-0-name": "赵正言", "officers-0-org": "自己填的单位"})
    assert page.value("f-officers-0-cert_no") == "FAKE23120200001"
    assert page.value("f-officers-0-cert_valid_to") == "2029-12-31"
    assert page.value("f-officers-0-org") == "自己填的单位"


def test_names_on_offer_are_those_of_the_issuing_authority(li_ming: Visitor) -> None:
    li_ming.open("/forms/T22/new")
    answer = autosave(li_ming, issuer_name="绥化市北林区消防救援大队").get_json()
    assert [name for name, _about in answer["people"]] == ["周国栋", "孙起草"]
