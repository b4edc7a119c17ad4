"""The list of acts, the page of one act, its documents, and the steps taken from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from formsvc.domain.acts.act import Act, State
from formsvc.usecases.acts import search
from formsvc.usecases.event_log import events_of_act
from formsvc.usecases.numbering import register as number_registers
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import ORDER_NUMBER, add_person, before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def filed(office: Office) -> Office:
    """An office with everything that comes before an order."""
    before_the_order(office)
    return office


@pytest.fixture
def notice(filed: Office) -> Act:
    """责令限期改正通知书, numbered."""
    return order(filed)


def many(office: Office, act: Act, count: int) -> None:
    """Copies of an act, each drafted a minute before the one before."""
    with office.ports.store.write() as tx:
        for n in range(count):
            older = (office.clock.moment - timedelta(minutes=n + 1)).isoformat()
            copy = replace(act, id=f"copy{n:03d}", number=f"{act.number}之{n}", created_at=older)
            tx.acts.insert(copy.id, copy.to_record())


# The list --------------------------------------------------------------------------------------------


def test_the_list_says_exactly_how_many_and_shows_fifty_a_page(
    office: Office, notice: Act, visit: Visit
) -> None:
    many(office, notice, 60)
    wang = visit("reviewer")
    first = wang.open("/acts")
    assert "共 64 件，第 1 页，共 2 页" in first.text
    links = [link for link in first.links().values() if link.startswith("/acts/")]
    assert len([link for link in links if not link.startswith("/acts/export")]) == 50
    assert "第 2 页，共 2 页" in wang.open("/acts?page=2").text
    assert "第 2 页，共 2 页" in wang.open("/acts?page=99").text


def test_the_newest_act_stands_first(office: Office, notice: Act, visit: Visit) -> None:
    many(office, notice, 2)
    text = visit("staff").open("/acts").text
    assert (
        text.index(f"{ORDER_NUMBER} 责令")
        < text.index(f"{ORDER_NUMBER}之0")
        < text.index(f"{ORDER_NUMBER}之1")
    )


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("form=T22", 1),
        ("state=issued", 4),
        ("state=void", 0),
        ("authority=brigade", 4),
        ("authority=donghe", 0),
        ("text=福满家", 3),
        ("text=没有这家", 0),
        ("text=绥北(东)消限字[2026]5号", 1),
        ("dated_from=2026-09-18", 2),
        ("dated_from=2026年9月18日&dated_to=2026-09-18", 1),
        ("form=T22&state=issued&text=消限", 1),
        ("own=1", 4),
    ],
)
def test_filters_narrow_the_list(notice: Act, visit: Visit, filters: str, count: int) -> None:
    assert f"共 {count} 件" in visit("staff").open(f"/acts?{filters}").text


def test_a_day_that_cannot_be_read_is_told_beside_its_field(notice: Act, visit: Visit) -> None:
    page = visit("staff").open("/acts?dated_from=上个月")
    assert len(page.errors) == 1
    assert page.element("f-dated_from").get("aria-invalid") == "true"
    assert "共 4 件" in page.text


def test_somebody_of_another_authority_sees_none(office: Office, notice: Act, visit: Visit) -> None:
    add_person(office.ports, "outsider", "孙某", {"donghe-committee": ["staff"]})
    assert "共 0 件" in visit("outsider").open("/acts").text


# One act ---------------------------------------------------------------------------------------------


def test_the_page_of_an_act_is_headed_by_its_number(notice: Act, visit: Visit) -> None:
    page = visit("staff").open(f"/acts/{notice.id}")
    assert page.h1 == ORDER_NUMBER
    assert "已签发" in page.text
    assert notice.party in page.text


def test_before_the_number_it_is_headed_by_its_title(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    page = visit("reviewer").open(f"/acts/{act.id}")
    assert page.h1 == "责令限期改正通知书"
    assert "→ 法制审核" in page.text


def test_names_on_paper_and_accounts_that_acted_are_both_shown(notice: Act, visit: Visit) -> None:
    text = visit("staff").open(f"/acts/{notice.id}").text
    for name in (notice.answers["drafter"], notice.answers["approver"], "李明", "王芳", "赵刚", "孙强"):
        assert name in text


def test_the_deadline_is_counted_in_working_days(office: Office, notice: Act, visit: Visit) -> None:
    assert notice.due == "2026-11-04"
    wang = visit("reviewer")
    assert "复查期限 11月4日 周三 · 还剩 27 个工作日" in wang.open(f"/acts/{notice.id}").text
    office.clock.moment += timedelta(days=44)
    assert "复查期限 11月4日 周三 · 今天到期" in visit("reviewer").open(f"/acts/{notice.id}").text
    office.clock.moment += timedelta(days=2)
    assert "复查期限 11月4日 周三 · 已过 2 个工作日" in visit("reviewer").open(f"/acts/{notice.id}").text


@pytest.mark.parametrize(
    ("name", "offered", "withheld"),
    [
        ("staff", ("打印文书", "登记送达"), ("作废本件…",)),
        ("officer", ("打印文书", "登记送达"), ("作废本件…",)),
        ("approver", ("打印文书", "作废本件…"), ("登记送达",)),
        ("reviewer", (), ("打印文书", "登记送达", "作废本件…")),
    ],
)
def test_only_what_this_person_may_do_is_offered(
    notice: Act, visit: Visit, name: str, offered: tuple[str, ...], withheld: tuple[str, ...]
) -> None:
    links = visit(name).open(f"/acts/{notice.id}").links()
    assert set(offered) <= set(links)
    assert not set(withheld) & set(links)


def test_the_content_can_be_read_as_text(notice: Act, visit: Visit) -> None:
    page = visit("staff").open(f"/acts/{notice.id}")
    assert "填报内容（文字）" in page.text
    assert notice.answers["hazards"][0]["location"] in page.text


def test_a_draft_opens_as_a_draft(filed: Office, visit: Visit) -> None:
    act = order(filed, State.DRAFT)
    assert visit("staff").open(f"/acts/{act.id}").path == f"/drafts/{act.id}"
    assert visit("reviewer").open(f"/acts/{act.id}").status == 404


# Documents -------------------------------------------------------------------------------------------


def test_the_pdf_is_shown_by_the_browser_and_asked_for_again_each_time(notice: Act, visit: Visit) -> None:
    li_ming = visit("staff").client
    answer = li_ming.get(f"/acts/{notice.id}/document.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["ETag"] == f'"{notice.pdf}"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "filename*=UTF-8''%E8%B4%A3%E4%BB%A4" in answer.headers["Content-Disposition"]
    again = li_ming.get(f"/acts/{notice.id}/document.pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_the_word_file_is_downloaded(notice: Act, visit: Visit) -> None:
    answer = visit("staff").client.get(f"/acts/{notice.id}/document.docx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["ETag"] == f'"{notice.word}"'


def test_the_pdf_with_its_word_file_is_downloaded_for_the_archive(notice: Act, visit: Visit) -> None:
    staff = visit("staff")
    assert "下载 PDF（附 Word 原件）" in staff.open(f"/acts/{notice.id}").links()
    answer = staff.client.get(f"/acts/{notice.id}/document-with-word.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_before_the_number_there_is_a_preview_and_no_document(filed: Office, visit: Visit) -> None:
    act = order(filed, State.SUBMITTED)
    wang = visit("reviewer")
    assert wang.open(f"/acts/{act.id}/document.pdf").status == 404
    assert wang.open(f"/acts/{act.id}/document-with-word.pdf").status == 404
    assert wang.client.get(f"/acts/{act.id}/preview.pdf").mimetype == "application/pdf"
    assert "打开预览 PDF" in wang.open(f"/acts/{act.id}").links()


def test_a_numbered_act_has_no_preview_any_more(notice: Act, visit: Visit) -> None:
    assert visit("staff").open(f"/acts/{notice.id}/preview.pdf").status == 409


def test_pictures_of_pages_are_kept_by_the_hash_of_the_document(notice: Act, visit: Visit) -> None:
    li_ming = visit("staff").client
    answer = li_ming.get(f"/acts/{notice.id}/pages/1.png?w=799")
    assert answer.mimetype == "image/png"
    assert answer.headers["ETag"] == f'"{notice.pdf}-1-800"'
    again = li_ming.get(
        f"/acts/{notice.id}/pages/1.png?w=801", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert li_ming.get(f"/acts/{notice.id}/pages/9.png").status_code == 404


# Print -----------------------------------------------------------------------------------------------


def test_printing_is_noted_with_copies_person_and_time(notice: Act, visit: Visit) -> None:
    sun = visit("officer")
    sun.open(f"/acts/{notice.id}/print")
    page = sun.press("记录份数，打开文书打印", copies="1", copy="0")
    assert "已记录打印 2 份（交当事人 1 份、附卷 1 份）" in page.text
    assert "共打印 2 份" in page.text
    assert "14:03 孙强 2 份" in page.text
    (frame,) = page.tree.iter("iframe")
    assert frame.get("src", "").startswith(f"/acts/{notice.id}/print.pdf")
    assert "共打印 2 份" in sun.open(f"/acts/{notice.id}").text


def test_one_copy_is_printed_alone(office: Office, notice: Act, visit: Visit) -> None:
    sun = visit("officer")
    sun.open(f"/acts/{notice.id}/print")
    assert "已记录打印 3 份（附卷 1 份）" in sun.press("记录份数，打开文书打印", copies="3", copy="2").text
    (event,) = [each for each in events_of_act(office.ports, notice.id) if each.kind == "Printed"]
    assert event.note == "打印 3 份（附卷）"
    filed, sun_gets = notice.copies[0], sun.client.get
    assert sun_gets(f"/acts/{notice.id}/print.pdf?copy=2").data == office.ports.files.read(filed["pdf"])
    assert sun_gets(f"/acts/{notice.id}/copies/2/document.docx").data == office.ports.files.read(
        filed["word"]
    )
    assert sun_gets(f"/acts/{notice.id}/copies/1/document.pdf").data == office.ports.files.read(notice.pdf)
    assert sun_gets(f"/acts/{notice.id}/copies/3/document.pdf").status_code == 404
    assert "打开附卷的一份 PDF" in sun.open(f"/acts/{notice.id}").links()


@pytest.mark.parametrize("copies", ["0", "100", "", "两份", "-1", "1.5"])
def test_copies_are_a_number_from_1_to_99(office: Office, notice: Act, visit: Visit, copies: str) -> None:
    sun = visit("officer")
    sun.open(f"/acts/{notice.id}/print")
    page = sun.press("记录份数，打开文书打印", copies=copies)
    assert page.status == 422
    assert page.errors == ["打印份数应当在 1 到 99 之间。请重新填写份数。"]
    assert page.element("f-copies").get("value") == copies


# Serve -----------------------------------------------------------------------------------------------


def test_service_is_recorded_and_shown(notice: Act, visit: Visit) -> None:
    sun = visit("officer")
    sun.open(f"/acts/{notice.id}/service")
    page = sun.press("登记送达", method="直接送达", receiver="褚安", relation="负责收件人")
    assert page.h1 == ORDER_NUMBER
    assert f"已登记直接送达：责令限期改正通知书 {ORDER_NUMBER}" in page.text
    assert "已送达" in page.text
    assert "签收人褚安" in page.text
    assert "作废本件…" not in visit("approver").open(f"/acts/{notice.id}").links()


def test_the_page_begins_with_the_officers_and_the_address_of_the_party(notice: Act, visit: Visit) -> None:
    page = visit("officer").open(f"/acts/{notice.id}/service")
    assert page.element("f-servers").get("value") == "赵正言、钱守规"
    assert page.element("f-place").get("value") == notice.answers["party_addr"]


def test_what_is_missing_is_named_and_nothing_typed_is_lost(notice: Act, visit: Visit) -> None:
    sun = visit("officer")
    sun.open(f"/acts/{notice.id}/service")
    page = sun.press("登记送达", method="留置送达", servers="", place="门卫室", served_at="2026-09-21T10:00")
    assert page.status == 422
    assert len(page.errors) == 2
    assert "拒收事由" in page.errors[0]
    assert page.element("f-place").get("value") == "门卫室"
    assert page.element("f-served_at").get("value") == "2026-09-21T10:00"
    assert page.element("f-servers").get("aria-invalid") == "true"
    assert ("method", "留置送达") in page.form_with("登记送达")[1]


def test_a_service_later_than_now_is_refused(notice: Act, visit: Visit) -> None:
    sun = visit("officer")
    sun.open(f"/acts/{notice.id}/service")
    page = sun.press("登记送达", method="直接送达", receiver="褚安", served_at="2026年9月22日 9:00")
    assert page.errors == ["送达时间晚于现在。请填写实际送达的时间。"]


# Void ------------------------------------------------------------------------------------------------


def test_a_void_number_stays_in_the_register_with_its_reason(
    office: Office, notice: Act, visit: Visit
) -> None:
    zhao = visit("approver")
    page = zhao.open(f"/acts/{notice.id}/void")
    assert "文号永久占用" in page.text
    page = zhao.press("作废这个文号", reason="当事人名称写错")
    assert f"已作废 {ORDER_NUMBER}" in page.text
    assert "理由：当事人名称写错" in page.text
    register = number_registers.number_register(office.ports, "sbd-xian", 2026)
    assert register is not None
    row = register.rows[-1]
    assert (row["state"], row["reason"], row["by"], row["voided_by"]) == (
        "void",
        "当事人名称写错",
        "孙强",
        "赵刚",
    )


def test_voiding_takes_a_reason(notice: Act, visit: Visit) -> None:
    zhao = visit("approver")
    zhao.open(f"/acts/{notice.id}/void")
    page = zhao.press("作废这个文号", reason=" ")
    assert page.status == 422
    assert page.errors[0].startswith("作废必须写明理由。")
    assert zhao.open(f"/acts/{notice.id}").text.count("已作废") == 0


# Number ----------------------------------------------------------------------------------------------


def test_after_numbering_the_page_says_the_number(filed: Office, visit: Visit) -> None:
    act = order(filed, State.APPROVED)
    sun = visit("officer")
    sun.open(f"/acts/{act.id}")
    page = sun.press("编号制发本件")
    assert page.h1 == ORDER_NUMBER
    assert f"已编号 {ORDER_NUMBER}" in page.text


def test_without_a_series_nothing_is_numbered_and_the_page_says_what_to_do(
    filed: Office, visit: Visit
) -> None:
    act = order(filed, State.APPROVED)
    with filed.ports.store.write() as tx:
        series = tx.series.get("sbd-xian")
        assert series is not None
        tx.series.replace("sbd-xian", {**series, "forms": ["T21"]})
    sun = visit("officer")
    sun.open(f"/acts/{act.id}")
    page = sun.press("编号制发本件")
    assert page.status == 422
    assert "请管理员在“文号系列”中" in page.errors[0]
    assert "待编号" in sun.open(f"/acts/{act.id}").text


def test_an_earlier_date_takes_the_reason_of_a_back_filled_number(filed: Office, visit: Visit) -> None:
    act = order(filed, State.APPROVED)
    with filed.ports.store.write() as tx:
        tx.counters.insert("sbd-xian/2026", {"last": 5, "last_dated": "2026-09-22"})
    sun = visit("officer")
    assert "绥北（东）消限字〔2026〕第0006号" in sun.open(f"/acts/{act.id}/issue").text
    page = sun.press("编号制发本件")
    assert "造成号序与日期颠倒" in page.errors[0]
    page = sun.press("编号制发本件", backfill_reason="现场已手写送达，回单位补录")
    assert page.h1 == "绥北（东）消限字〔2026〕第0006号"
    assert "补录：现场已手写送达，回单位补录" in page.text


# Withdraw, copy, follow ------------------------------------------------------------------------------


def test_the_drafter_takes_an_act_back_before_it_has_a_number(filed: Office, visit: Visit) -> None:
    act = order(filed, State.APPROVED)
    assert "撤回" not in visit("officer").open(f"/acts/{act.id}").text.split("现在可做")[1]
    li_ming = visit("staff")
    li_ming.open(f"/acts/{act.id}")
    page = li_ming.press("撤回本件修改")
    assert page.path == f"/drafts/{act.id}"


def test_an_act_is_copied_into_a_new_draft(notice: Act, visit: Visit) -> None:
    li_ming = visit("staff")
    li_ming.open(f"/acts/{notice.id}")
    page = li_ming.press("复制为新草稿")
    assert page.path.startswith("/drafts/")
    assert notice.party in page.html


def test_the_next_act_is_made_from_this_one(filed: Office, visit: Visit) -> None:
    record = search.list_acts(
        filed.ports,
        add_person(filed.ports, "help", "钱某", {"*": ["staff"]}),
        search.ActFilters(form="T15"),
    ).acts[0]
    li_ming = visit("staff")
    li_ming.open(f"/acts/{record.id}")
    page = li_ming.press("据此制作责令限期改正通知书")
    assert page.path.startswith("/drafts/")
    assert record.party in page.html
    assert f"已据 {record.number} 新建" in page.text


def test_an_entrustment_offers_what_follows_it_not_what_is_done_under_it(
    office: Office, visit: Visit
) -> None:
    before_the_order(office)
    with office.ports.store.read() as tx:
        (entrustment,) = tx.acts.find(Condition("form", "==", "T01"))
    page = visit("staff").open(f"/acts/{entrustment['id']}")
    assert "据此制作消防行政执法委托公告" in page.text
    assert "据此制作消防安全检查通知书" not in page.text and "据此制作复查意见书" not in page.text
