"""Pages in English: all of them, from the links a person can follow, and nothing Chinese but what is meant to be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import ServiceRecord, State
from formsvc.i18n import catalogs, extract
from formsvc.i18n.messages import CONTEXT_SEPARATOR
from formsvc.usecases.acts.serving import correct_service, record_service
from formsvc.usecases.set_up.series_proposals import propose_series
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import EVERY_KIND, Office
from tests.support.page_client import Visitor

RUN = re.compile(r"[\u3007\u3400-\u9fff]+")
NUMBER = re.compile(r"[\u3007\u3400-\u9fff（）]+〔\d{4}〕第?\d+号")
LAW = re.compile(r"《[^》]*》|第[一二三四五六七八九十百]+条(第[一二三四五六七八九十]+款)?")
SENTENCE = 30
"""A text on file of more characters than this is one of a document, whatever words of the catalogue are in it."""
READ_ALOUD = ("title", "alt", "aria-label", "placeholder")
LOOKUPS = extract.DEFINITIONS / "lookups"
ENGLISH = next(file for file in extract.translated_catalogs() if file.parent.parent.name == "en")
NOT_FOLLOWED = re.compile(r"\.(pdf|docx|png|xlsx)$|/static/|/pages/|/files/|/sign-|/new$|/copy")


@pytest.fixture
def reader(office: Office, visit: Callable[[str], Visitor]) -> Callable[[str], Visitor]:
    """Somebody of the office who reads English."""

    def arrive(name: str) -> Visitor:
        visitor = visit(name)
        page = visitor.open("/account/password")
        action, fields = page.form_with("保存语言")
        visitor.client.post(action, data=dict(fields) | {"language": "en"})
        return visitor

    return arrive


def every_page(visitor: Visitor, start: str = "/") -> Iterator[tuple[str, str]]:
    """Each page one comes to by links, once, and one of each kind of address with an id in it."""
    waiting, seen = [start], set[str]()
    while waiting:
        path = waiting.pop(0)
        answer = visitor.client.get(path)
        if answer.status_code == 302:
            answer = visitor.client.get(path, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        page = answer.get_data(as_text=True)
        yield path, page
        for link in html.fromstring(page).iter("a"):
            there = urlsplit(urljoin(path, link.get("href", "")))
            kind = re.sub(r"=[^&]*", "", re.sub(r"(?<=/)[0-9a-f-]{8,}|(?<=page=)\d+", "*", there.path))
            if there.scheme in ("", "http") and not NOT_FOLLOWED.search(there.path) and kind not in seen:
                seen.add(kind)
                waiting.append(there.path)


def chinese(page: str, on_file: str) -> set[str]:
    """Every run of Chinese one reads or hears on a page, but for laws, document numbers and words of a document.

    What stands in a field or a text area is a value, not a word of the page.
    """
    tree: Any = html.fromstring(page)
    for unread in tree.xpath("//script | //style | //textarea | //output[normalize-space() != '待编号']"):
        unread.drop_tree()
    told = list(tree.itertext())
    told += [value for e in tree.iter() for name, value in e.attrib.items() if name in READ_ALOUD]
    told = [text for text in told if not (len(text.strip()) > SENTENCE and text.strip() in on_file)]
    return {run for text in told for run in RUN.findall(NUMBER.sub("", LAW.sub("", text)))}


def kept(office: Office) -> str:
    """Everything this office has on file, the places, the values of its local rules and prefixes to put on file."""
    with office.ports.store.read() as tx:
        tables = (tx.acts, tx.accounts, tx.authorities, tx.officers, tx.series, tx.offices, tx.events)
        records = [record for table in tables for record in table.find()]
    for record in records:
        record.pop("title", None)  # the name of a form, which can be said in English
    lookups = {
        name: json.loads((LOOKUPS / f"{name}.json").read_text("utf-8")) for name in ("regions", "settings")
    }
    values = [entry["value"] for entry in lookups["settings"]["entries"]]
    prefixes = [proposal.series.prefix for proposal in propose_series(office.ports)]
    return json.dumps([records, lookups["regions"], values, prefixes], ensure_ascii=False)


def workbook_headings(office: Office) -> str:
    """The headings of the workbooks that registers are imported from, which are Chinese."""
    registers = office.ports.definitions.registers().values()
    return " ".join(register.heading_of(column.key) for register in registers for column in register.columns)


def test_english_pages_hold_no_chinese_but_what_is_on_file(
    office: Office, reader: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    order(office)
    order(office, State.SUBMITTED)
    order(office, State.DRAFT)
    on_file, made_up = kept(office), json.dumps(EVERY_KIND, ensure_ascii=False)
    catalogue = catalogs.read_catalog(ENGLISH)
    translatable = {text.rpartition(CONTEXT_SEPARATOR)[2] for text in catalogue}
    quoted = "".join(catalogue.values()) + "中文"  # Chinese that an English sentence names on purpose
    # the names in the State Council's table, titles of registers in the log, the party's line as it is printed
    quoted += "春节 清明节 劳动节 端午节 中秋节 国庆节 统一社会信用代码 地址 电话 法定代表人（负责人）"
    quoted += "".join(register.title for register in office.ports.definitions.registers().values())
    headings = workbook_headings(office)
    found: dict[str, str] = {}
    walked = 0
    for name in ("staff", "reviewer", "approver", "officer", "admin"):
        for path, page in every_page(reader(name)):
            walked += 1
            assert '<html lang="en-GB">' in page, path
            for run in chinese(page, on_file):
                if run in quoted or (run in made_up and ("X01" in path or run not in translatable)):
                    continue
                if path.endswith("/import") and run in headings:
                    continue
                # a document's own page shows words as they are stored and printed
                is_document = path.startswith("/acts/") and run in on_file
                if not is_document and (run not in on_file or run in translatable):
                    found.setdefault(run, f"{name} {path}")
    assert walked > 60
    assert not found, "\n".join(f"{where}: {run}" for run, where in sorted(found.items(), key=lambda x: x[1]))


def test_documents_stay_chinese_whoever_reads(
    office: Office, reader: Callable[[str], Visitor], visit: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    act = order(office)
    english, chinese_reader = reader("staff"), visit("reviewer")
    assert '<html lang="en-GB">' in english.open("/").html
    assert '<html lang="zh-CN">' in chinese_reader.open("/").html
    for kind in ("pdf", "docx"):
        theirs, ours = (v.client.get(f"/acts/{act.id}/document.{kind}") for v in (english, chinese_reader))
        assert theirs.status_code == 200
        assert theirs.get_data() == ours.get_data()


def test_a_language_is_chosen_before_signing_in_and_kept_by_the_person(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    stranger = Visitor(office.app)
    page = stranger.open("/sign-in")
    assert '<html lang="zh-CN">' in page.html
    assert "English" in page.html
    answer = stranger.client.get("/sign-in?language=en", follow_redirects=True)
    assert '<html lang="en-GB">' in answer.get_data(as_text=True)
    # what a browser prefers does not change an office's pages; programs are answered in what they ask for
    asked = {"Accept-Language": "en-GB"}
    plain = Visitor(office.app).client.get("/sign-in", headers=asked).get_data(as_text=True)
    assert '<html lang="zh-CN">' in plain
    refused = Visitor(office.app).client.get("/api/v1/acts", headers=asked).get_json()
    assert not RUN.search(refused["detail"])
    assert RUN.search(Visitor(office.app).client.get("/api/v1/acts").get_json()["detail"])


def test_going_back_to_chinese(reader: Callable[[str], Visitor]) -> None:
    visitor = reader("staff")
    action, fields = visitor.open("/account/password").form_with("Save language")
    assert dict(fields)["language"] == "en", "the language in use is the one marked"
    visitor.client.post(action, data=dict(fields) | {"language": "zh_CN"})
    assert '<html lang="zh-CN">' in visitor.open("/").html


def test_what_the_service_says_of_a_document_is_english_and_what_people_wrote_is_not(
    office: Office, reader: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    act = order(office)
    staff = sample_actor(office.ports, "officer")
    record = ServiceRecord("直接送达", "2026-09-21T09:30", "褚安", "负责收件人", servers=("赵正言",))
    record_service(office.ports, staff, act.id, record)
    record = replace(record, method="留置送达", relation="代收人", note="拒绝签收，有见证人（虚构）")
    correct_service(office.ports, staff, act.id, record, reason="方式登记错误（虚构）")
    visitor = reader("approver")
    head = text_of(visitor, f"/acts/{act.id}").partition("Pages of the document")[0]
    case = text_of(visitor, f"/cases/{act.id}")
    for page, wanted in (
        (head, ("Reinspect", "Direct service", "Leaving at the address", "Served", "Archive")),
        (case, ("Leaving at the address", "Served", "Next", "Rectification deadline")),
    ):
        for words in wanted:
            assert words in page, words
        for stored in ("复查", "送达", "负责收件人", "代收人", "检查督促案卷", "已送达", "待复查"):
            assert stored not in page, stored
    for written in ("褚安", "方式登记错误（虚构）", "拒绝签收，有见证人（虚构）"):
        assert written in head


def text_of(visitor: Visitor, path: str) -> str:
    """What stands in the main part of a page, in one line."""
    page: Any = html.fromstring(visitor.client.get(path, follow_redirects=True).get_data(as_text=True))
    return " ".join(page.xpath("//main")[0].text_content().split())
