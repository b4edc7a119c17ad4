"""The papers of the road come out as they did: pages, line ends, places; and every one of them can be archived."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from formsvc.demo.office import sample_actor
from formsvc.docxpdf import PdfProfile
from formsvc.domain.acts.act import Act
from formsvc.errors import NotFound
from formsvc.usecases.acts.issued_files import issued_copies, issued_document, pdf_with_word, print_file
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import DocumentMetadata
from tests.support.document_text import word_paragraphs
from tests.support.golden_files import (
    PAPERS,
    PrintedLine,
    differences,
    issue_road,
    papers_of,
    printed_lines,
    read,
)
from tests.support.pdfa_rules import accessibility_faults, archive_faults, opened, said, structure, xmp
from tests.support.sample_office import CASES, ROAD, furnished

Road = tuple[Ports, dict[str, Act]]


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """The five papers, issued."""
    ports = furnished(tmp_path_factory.mktemp("road"))
    yield ports, issue_road(ports)


@pytest.mark.parametrize("name", PAPERS)
def test_each_paper_is_printed_as_before(road: Road, name: str) -> None:
    ports, acts = road
    found = differences(read(name), printed_lines(papers_of(ports, acts[name])))
    assert not found, "\n".join([*found, "If this is meant: make goldens, and read what it changes."])


def test_an_order_gives_the_party_a_copy_without_receipt_and_the_file_one_with_it(road: Road) -> None:
    ports, acts = road
    order, approver = acts["EX09"], sample_actor(ports, "approver")
    party, filed = issued_copies(ports, order)
    assert (party.title, party.word, party.pdf) == ("交当事人", order.word, order.pdf)
    assert (filed.title, filed.count) == ("附卷", 1)
    texts = [word_paragraphs(ports.files.read(copy.word)) for copy in (party, filed)]
    assert not any("签收" in text for text in texts[0]) and any("签收：____" in text for text in texts[1])
    assert all(any(order.number in text for text in copy) for copy in texts)
    both, _name = print_file(ports, approver, order.id, both_sides=True)
    begins = [line.page for line in printed_lines(both) if line.text.startswith("责令限期改正通知书")]
    assert begins == [1, 3]
    for kind in ("pdf", "docx"):
        content, sha256, name = issued_document(ports, approver, order.id, kind, 2)
        assert content == ports.files.read(sha256) and name.endswith(f"_附卷.{kind}")
    with pytest.raises(NotFound, match="没有第 3 联"):
        issued_document(ports, approver, order.id, "pdf", 3)


def test_papers_printed_on_both_sides_begin_on_new_sheets(road: Road) -> None:
    ports, acts = road
    pdf = ports.files.read(acts["EX06"].pdf)
    pages = len(ports.renderer.page_sizes(pdf))
    sheets = ports.renderer.joined([pdf, pdf], both_sides=True)
    assert len(ports.renderer.page_sizes(sheets)) == 2 * pages + pages % 2
    assert len(ports.renderer.page_sizes(ports.renderer.joined([pdf, pdf], both_sides=False))) == 2 * pages


@pytest.mark.parametrize("name", ROAD)
def test_each_issued_pdf_is_pdf_a_2b_and_says_what_it_is(road: Road, name: str) -> None:
    ports, acts = road
    content = ports.files.read(acts[name].pdf)
    assert archive_faults(content) == []
    with opened(content) as pdf:
        packet = xmp(pdf)
        assert said(packet, "dc:title") == acts[name].title
        assert said(packet, "dc:identifier") == CASES[name]["fields"]["doc_no"]
        assert said(packet, "dc:creator") == acts[name].answers["issuer_name"]
        assert said(packet, "xmp:CreateDate").startswith(acts[name].dated)


@pytest.mark.parametrize("name", ROAD)
def test_each_paper_can_be_had_with_its_word_file_inside(road: Road, name: str) -> None:
    ports, acts = road
    content, file_name = pdf_with_word(ports, sample_actor(ports, "approver"), acts[name].id)
    assert file_name.endswith("_附Word原件.pdf")
    assert archive_faults(content, "3") == []
    assert content.startswith(ports.files.read(acts[name].pdf))
    with opened(content) as pdf:
        (inside,) = pdf.attachments.values()
        assert inside.get_file().read_bytes() == ports.files.read(acts[name].word)


@pytest.mark.parametrize("name", ROAD)
def test_each_paper_can_be_read_aloud(road: Road, name: str) -> None:
    ports, acts = road
    act = acts[name]
    tags = DocumentMetadata(act.title, str(act.answers["issuer_name"]), act.number, act.dated)
    spoken = ports.renderer.pdf_result(ports.files.read(act.word), tags, PdfProfile(accessible=True))  # type: ignore[attr-defined]
    assert archive_faults(spoken.pdf) == accessibility_faults(spoken.pdf) == []
    with opened(spoken.pdf) as pdf:
        assert "H1" in [role for _, role, _ in structure(pdf)]
    assert printed_lines(spoken.pdf) == printed_lines(ports.files.read(act.pdf))


def test_a_difference_is_told_in_words() -> None:
    kept = [PrintedLine(1, 28, 40, "甲乙丙"), PrintedLine(1, 28, 50, "丁戊")]
    assert differences(kept, kept) == []
    assert differences(kept, [*kept, PrintedLine(2, 28, 40, "己")]) == ["1 pages were kept, 2 are printed"]
    assert differences(kept, [PrintedLine(1, 28, 40, "甲乙"), kept[1]]) == ["page 1: “甲乙丙” is now “甲乙”"]
    (moved,) = differences(kept, [kept[0], PrintedLine(1, 28, 52, "丁戊")])
    assert "stood at 28, 50 mm and stands at 28.0, 52.0 mm" in moved
