"""What people search for stands in no address: it is sent in the body and kept with their session."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from formsvc.config import read_settings
from formsvc.demo.office import sample_actor
from formsvc.limits import Limits
from formsvc.usecases.administration import api_tokens, sessions
from formsvc.usecases.ports import Condition
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor
from tests.support.paths import ROOT
from tests.web.test_pages import put_act

Visit = Callable[[str], Visitor]
PARTY, ID = "虚构顺达货栈", "231202199001011234"
NOT_KEPT = "这一次的已经不再保留，请重新输入"
# page, button, name of its box
BOXES = [
    ("/", "搜索", "q"),
    ("/acts", "筛选文书", "text"),
    ("/cases", "查找案件", "text"),
    ("/forms", "查找", "q"),
]


def put_acts(office: Office, count: int = 1) -> None:
    revision = office.ports.definitions.current()["X01"].id
    for n in range(count):
        put_act(
            office,
            revision=revision,
            id=f"{n:016x}",
            state="issued",
            party=PARTY,
            search=f"{PARTY} {ID}",
            authority="donghe",
        )


def address_after(visitor: Visitor, button: str, **typed: str) -> str:
    """Press a button of a search; return the address of the result."""
    assert visitor.page is not None
    action, fields = visitor.page.form_with(button)
    answer = visitor.client.post(action, data={**dict(fields), **typed})
    assert answer.status_code == 303
    return str(answer.location)


@pytest.mark.parametrize(("page", "button", "box"), BOXES)
def test_no_address_holds_what_is_searched_for(
    office: Office, visit: Visit, page: str, button: str, box: str
) -> None:
    put_acts(office)
    staff = visit("staff")
    staff.open(page)
    for words in (PARTY, ID, f"{PARTY} 2026"):
        address = address_after(staff, button, **{box: words})
        assert not re.search(f"[^\x00-\x7f]|{ID}|2026", unquote(address)), address
        again = staff.client.get(address)
        assert again.status_code == 200 and words in again.text, "reload and Back show it again"
    # nothing typed needs no token
    assert "words" not in address_after(staff, button, **{box: " "})


def test_filters_and_pages_go_with_the_words(office: Office, visit: Visit) -> None:
    put_acts(office, 60)
    staff = visit("staff")
    staff.open("/acts")
    address = address_after(staff, "筛选文书", text=PARTY, state="issued", own="")
    query = parse_qs(urlsplit(address).query)
    assert set(query) == {"state", "words"} and query["state"] == ["issued"]
    first = staff.open(address)
    following = first.links()["下一页"]
    assert PARTY not in unquote(following) and query["words"][0] in following
    second = staff.open(following)
    assert "第 2 页" in second.text and PARTY in second.text and "共 60 件" in second.text
    # a link to a page that is no longer there
    assert "第 2 页" in staff.open(f"{address}&page=9").text


def test_after_the_session_the_list_says_that_the_words_are_gone(office: Office, visit: Visit) -> None:
    put_acts(office)
    staff, colleague = visit("staff"), Visitor(office.app)
    staff.open("/acts")
    bookmark = address_after(staff, "筛选文书", text=PARTY, state="void")
    assert NOT_KEPT not in staff.open(bookmark).text
    colleague.sign_in("staff")
    for other in (colleague, visit("reviewer")):
        page = other.open(bookmark)
        assert NOT_KEPT in page.text and "没有符合条件的文书" in page.text, "the filter of state goes on"
        assert not page.element("f-text").get("value")
    for list_ in ("/acts", "/cases", "/forms"):
        assert NOT_KEPT in staff.open(f"{list_}?words=x").text
        assert NOT_KEPT not in staff.open(list_).text
    assert NOT_KEPT in staff.open("/search?words=x").text
    staff.press("退出")
    with office.ports.store.read() as tx:
        assert PARTY not in str(tx.sessions.find(Condition("account", "==", "staff")))


def test_an_address_of_before_leads_to_the_one_without_words(office: Office, visit: Visit) -> None:
    put_acts(office)
    staff, visitor = visit("staff"), Visitor(office.app)
    for old, new in (
        (f"/acts?text={PARTY}&state=issued", "/acts?state=issued&words="),
        (f"/search?q={PARTY}", "/search?words="),
        (f"/cases?text={PARTY}", "/cases?words="),
        ("/forms?q=限期", "/forms?words="),
    ):
        assert staff.client.get(old).location.startswith(new), old
        sign_in = unquote(visitor.client.get(old).location)
        assert not re.search("[^\x00-\x7f]", sign_in) and f"next={new}" in sign_in, (
            "nor the one of the sign-in"
        )
    assert PARTY in staff.open(f"/acts?text={PARTY}").text


def test_a_page_of_an_earlier_session_searches_for_nothing_and_says_so(visit: Visit) -> None:
    staff = visit("staff")
    answer = staff.client.post(
        "/acts", data={"text": PARTY, "csrf_token": "of-before"}, follow_redirects=True
    )
    assert answer.status_code == 200 and NOT_KEPT in answer.text


def test_a_deleted_row_does_not_stand_in_the_address(li_ming: Visitor) -> None:
    li_ming.open("/forms/X01/new")
    page = li_ming.press("保存并刷新", {"name": PARTY, "faults-0-what": f"{PARTY}占用通道"})
    action, fields = page.form_with("删除第 1 行")
    address = li_ming.client.post(action, data=dict(fields)).location
    assert len(address) < 200 and len(parse_qs(urlsplit(address).query)["undo"][0]) < 20
    assert "占用通道" not in li_ming.open(address.partition("#")[0]).text
    assert "占用通道" in li_ming.press("撤销删除").text


def test_the_oldest_words_of_a_session_are_given_up(tmp_path: Path) -> None:
    office = make_office(tmp_path, limits=Limits(kept_searches=3))
    account = sample_actor(office.ports, "staff").account
    secret = sessions.begin_session(office.ports, account, 0, "", "")
    tokens = [sessions.keep_text(office.ports, secret, word) for word in ("甲", "乙", "丙", "甲", "丁")]
    assert tokens[0] == tokens[3], "the same words, the same address"
    kept = [sessions.get_text(office.ports, secret, token) for token in tokens]
    assert kept == ["甲", None, "丙", "甲", "丁"]


def test_a_program_searches_in_the_body_and_an_office_may_refuse_the_address(
    office: Office, visit: Visit, tmp_path: Path
) -> None:
    put_acts(office)
    headers = {"Authorization": f"Bearer {api_tokens.add_token(office.ports, '程序', 'staff')}"}
    client = office.app.test_client()

    def found(path: str, **body: object) -> int:
        answer = client.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return int(answer.get_json()["total"])

    assert found("acts/search", q=PARTY) == found("acts/search", q=PARTY, state="issued") == 1
    assert found("acts/search", q="没有这家") == found("acts/search", q=PARTY, **{"from": "2099-01-01"}) == 0
    assert found("acts/search") == 1 and found("acts/search", page=1.0, to="") == 1
    assert found("cases/search", q="没有这家") == 0 and found("cases/search", which="all") >= 0
    refused = client.post("/api/v1/acts/search", json={"name": PARTY}, headers=headers)
    assert refused.status_code == 422
    by_address = f"/api/v1/acts?q={PARTY}"
    assert client.get(by_address, headers=headers).get_json()["total"] == 1, "programs of before go on"
    assert read_settings({"FORMSVC_API_WORDS_IN_BODY": "true"}, instance=tmp_path).api_words_in_body
    office.app.config["API_WORDS_IN_BODY"] = True
    for address in (by_address, f"/api/v1/cases?q={PARTY}"):
        answer = client.get(address, headers=headers)
        assert answer.status_code == 422 and "search" in answer.text, address
    assert client.get("/api/v1/acts?state=issued", headers=headers).get_json()["total"] == 1
    assert found("acts/search", q=PARTY) == 1


def test_no_form_of_the_pages_puts_typed_text_into_an_address() -> None:
    """Only choices and days are sent by GET: states, kinds, people of a list, dates."""
    pages = sorted((ROOT / "formsvc/web/templates").rglob("*.html"))
    forms = [
        (page.name, form)
        for page in pages
        for form in re.findall(r"<form\b.*?</form>", page.read_text(encoding="utf-8"), re.DOTALL)
        if 'method="post"' not in form.partition(">")[0]
    ]
    assert [page for page, _form in forms] == [
        *("journal.html", "due.html", "form_preview.html", "list.html", "responsibility.html")
    ]
    for page, form in forms:
        boxes = re.findall(r"text_field\([^}]*\)|<input\b[^>]*>|<textarea", form)
        # what is hidden repeats the address of the page itself
        assert all(re.search('type="(date|checkbox|hidden)"', box) for box in boxes), page
