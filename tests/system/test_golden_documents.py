"""The papers of the road come out as they did: pages, line ends, places; and every one of them can be archived."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from formsvc.demo.office import sample_actor
from formsvc.docxpdf import PdfProfile
from formsvc.domain.acts.act import Act
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering.issue import pdf_with_word
from formsvc.usecases.ports import DocumentMetadata
from tests.support.golden_files import PAPERS, PrintedLine, differences, issue_road, printed_lines, read
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
    found = differences(read(name), printed_lines(ports.files.read(acts[name].pdf)))
    assert not found, "\n".join([*found, "If this is meant: make goldens, and read what it changes."])


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
