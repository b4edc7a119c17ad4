"""The signed paper comes back: photographed or scanned, kept with its act, the issued document unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from formsvc.domain.acts.act import Act
from formsvc.usecases.maintenance.integrity import referenced_files
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor
from tests.support.photographs import photograph


def add(visitor: Visitor, act: Act, *files: tuple[str, bytes]) -> Page:
    visitor.open(f"/acts/{act.id}")
    return visitor.press("收进本件", {"scans": [(io.BytesIO(content), name) for name, content in files]})


def stored(office: Office, act: Act) -> Act:
    with office.ports.store.read() as tx:
        return Act.from_record(tx.acts.get(act.id) or {})


def test_the_signed_paper_is_kept_seen_and_in_the_history_and_the_document_stays(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    act = order(office)
    officer = visit("officer")
    paper = photograph("签", orientation=6, size=(1200, 900))
    page = add(officer, act, ("签收.jpg", paper), ("回执.pdf", b"%PDF-1.7 scan"))
    assert "已收进 2 个扫描件。" in page.text
    now = stored(office, act)
    assert (now.word, now.pdf, now.number, now.state) == (act.word, act.pdf, act.number, act.state)
    assert [scan["name"] for scan in now.scans] == ["签收.jpg", "回执.pdf"]
    reviewer = visit("approver")
    seen = reviewer.open(f"/acts/{act.id}")
    assert "签收后的扫描件（2）" in seen.text and "签收.jpg" in seen.text
    assert "收进签收后的扫描件" in seen.text and "签收.jpg、回执.pdf" in seen.text
    first, second = now.scans
    shown = reviewer.client.get(f"/acts/{act.id}/files/{first['sha256']}")
    assert shown.status_code == 200 and "no-store" in shown.headers["Cache-Control"]
    upright = Image.open(io.BytesIO(shown.data))
    assert upright.size == (1200, 900) and not upright.getexif()
    assert reviewer.client.get(f"/acts/{act.id}/files/{second['sha256']}").data == b"%PDF-1.7 scan"
    with office.ports.store.read() as tx:
        assert {first["sha256"], second["sha256"]} <= {sha256 for sha256, _name in referenced_files(tx)}


def test_a_file_that_is_refused_is_named_and_nothing_is_kept(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    before_the_order(office)
    act = order(office)
    good = photograph("签", size=(300, 200))
    page = add(visit("officer"), act, ("好.jpg", good), ("坏.jpg", b"<html>"))
    assert "“坏.jpg”没有收下" in page.text
    assert stored(office, act).scans == []


def test_the_same_paper_sent_twice_is_kept_once(office: Office, visit: Callable[[str], Visitor]) -> None:
    before_the_order(office)
    act, officer, paper = order(office), visit("officer"), photograph("签", size=(300, 200))
    add(officer, act, ("1.jpg", paper))
    add(officer, act, ("1.jpg", paper))
    assert len(stored(office, act).scans) == 1


def test_who_neither_drafted_nor_serves_adds_none(office: Office, visit: Callable[[str], Visitor]) -> None:
    before_the_order(office)
    act = order(office)
    reviewer = visit("reviewer")
    assert "收进本件" not in reviewer.open(f"/acts/{act.id}").text
    body = {"csrf_token": reviewer.token(), "scans": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}
    assert reviewer.client.post(f"/acts/{act.id}/scans", data=body).status_code == 403
    assert stored(office, act).scans == []
    assert "收进本件" in visit("staff").open(f"/acts/{act.id}").text, "the drafter may"
