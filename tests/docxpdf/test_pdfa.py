"""The archive form: every paper of the sample office and every Word file of others is PDF/A as it says it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfProfile, PdfResult, attach_word_file, convert
from formsvc.errors import RenderingFailed
from tests.support.docx_samples.raw_xml import (
    paragraph,
    part,
    relation,
    run,
    seal,
    seal_picture,
    table,
    word_file,
)
from tests.support.pdf_text import lines
from tests.support.pdfa_rules import accessibility_faults, archive_faults, opened, said, structure, xmp

ACCESSIBLE = PdfProfile(accessible=True)
WITH_WORD = PdfProfile("a-3b", accessible=True)
NUMBER = "绥北（东）消限字〔2026〕第0005号"
Made = Callable[..., PdfResult]


@pytest.fixture
def made(fonts: FontCatalog) -> Made:
    """A Word file as a numbered document."""

    def make(word: bytes, form: PdfProfile = ACCESSIBLE) -> PdfResult:
        described = {"title": "责令限期改正<通知书>&", "author": "绥化市北林区东河镇人民政府"}
        return convert(word, fonts, PdfMetadata(**described, number=NUMBER, dated="2026-09-21"), profile=form)

    return make


def full_document() -> bytes:
    """Headings, a table over two pages with a repeated head, a footer, a link, a seal over the name."""
    rows = [["序号", "隐患"]] + [[str(n), "疏散通道堆放杂物，影响人员疏散。"] for n in range(1, 40)]
    link = f'<w:hyperlink r:id="h1">{run("网上查询")}</w:hyperlink>'
    body = (
        paragraph(run("责令限期改正通知书", '<w:sz w:val="44"/>'), '<w:jc w:val="center"/>')
        + paragraph(run("一、存在的问题", '<w:rFonts w:eastAsia="黑体"/>'))
        + paragraph("你单位存在下列火灾隐患，" * 40)
        + table(rows, [1000, 7000], heads=1)
        + paragraph(run("二、查询", '<w:rFonts w:eastAsia="黑体"/>'))
        + paragraph(link)
        + paragraph(seal("i1", x_mm=90, y_mm=-10) + run("东河镇人民政府", '<w:u w:val="single"/>'))
    )
    footer = part("ftr", paragraph("第一页页脚"))
    return word_file(
        body,
        section='<w:footerReference w:type="default" r:id="f1"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440"/>',
        parts={"word/media/seal.png": seal_picture(), "word/footer1.xml": footer},
        relations=relation("i1", "image", "media/seal.png")
        + relation("f1", "footer", "footer1.xml")
        + relation("h1", "hyperlink", "https://example.invalid/", outside=True),
    )


def test_a_full_document_keeps_the_rules_in_every_form(made: Made) -> None:
    for form in (PdfProfile(), ACCESSIBLE):
        assert archive_faults(made(full_document(), form).pdf) == []
    assert archive_faults(made(full_document(), PdfProfile("a-3b")).pdf, "3") == []
    assert accessibility_faults(made(full_document()).pdf) == []


def test_a_plain_pdf_claims_nothing(made: Made) -> None:
    with opened(made(full_document(), PdfProfile("")).pdf) as pdf:
        assert said(xmp(pdf), "pdfaid:part") == ""
        assert said(xmp(pdf), "dc:title") == "责令限期改正<通知书>&"


def test_title_author_number_and_day_are_said_the_same_in_both_places(made: Made) -> None:
    with opened(made(full_document()).pdf) as pdf:
        packet, info = xmp(pdf), pdf.docinfo
        assert said(packet, "dc:title") == str(info.Title) == "责令限期改正<通知书>&"
        assert said(packet, "dc:creator") == str(info.Author) == "绥化市北林区东河镇人民政府"
        assert said(packet, "dc:identifier") == str(info.Subject) == NUMBER
        assert said(packet, "xmp:CreateDate") == "2026-09-21T00:00:00+08:00"
        assert str(info.CreationDate) == "D:20260921000000+08'00'"


def test_the_word_file_is_inside_to_the_byte_and_the_pages_stay_as_issued(made: Made) -> None:
    word = full_document()
    issued = made(word).pdf
    kept = attach_word_file(issued, word, name="通知书.docx", day=date(2026, 9, 21))
    assert kept.startswith(issued)
    assert archive_faults(kept, "3") == accessibility_faults(kept) == []
    with opened(kept) as pdf:
        (name, inside), *others = pdf.attachments.items()
        assert not others and name == "通知书.docx"
        assert inside.get_file().read_bytes() == word
        assert inside.obj.AFRelationship == "/Source"
    assert lines(kept) == lines(issued)


def test_the_same_word_file_is_attached_with_the_same_bytes(made: Made) -> None:
    word = full_document()
    assert made(word, WITH_WORD).pdf == made(word, WITH_WORD).pdf


@pytest.mark.parametrize("damage", ["not a PDF", "cut", "attached already"])
def test_only_whole_files_of_our_own_get_a_word_file(made: Made, damage: str) -> None:
    issued = made(full_document()).pdf
    wrong = {
        "not a PDF": b"%PDF-1.7\nnothing",
        "cut": issued[: len(issued) // 2],
        "attached already": attach_word_file(issued, b"x", name="x.docx"),
    }[damage]
    with pytest.raises(RenderingFailed, match="不能附入 Word 原件"):
        attach_word_file(wrong, b"x", name="x.docx")


def test_readers_hear_headings_a_table_with_heads_and_the_seal_in_the_order_of_the_text(made: Made) -> None:
    with opened(made(full_document()).pdf) as pdf:
        tree = structure(pdf)
    roles = [role for _, role, _ in tree]
    assert roles[:4] == ["Document", "H1", "H2", "P"]
    assert roles.count("TR") == 40, "a repeated head is read once"
    assert roles.count("TH") == 2 and roles.count("TD") == 78
    assert [alt for _, role, alt in tree if role == "Figure"] == ["印章"]
    assert roles.index("Table") < roles.index("Link") < roles.index("Figure")
    assert roles.count("P") == len(roles) - sum(roles.count(r) for r in set(roles) - {"P"})


def test_a_paragraph_over_two_pages_is_one_paragraph_to_a_reader(made: Made) -> None:
    with opened(made(word_file(paragraph("消防安全责任制实施办法，" * 300))).pdf) as pdf:
        assert len(pdf.pages) > 2
        assert [role for _, role, _ in structure(pdf)] == ["Document", "P"]


def test_a_frame_of_one_column_is_no_table_and_a_form_names_its_rows(made: Made) -> None:
    framed = made(word_file(table([["甲"], ["乙"]], [8000]))).pdf
    form = made(word_file(table([["单位", "某厂"], ["地址", "某路"]], [2000, 6000]))).pdf
    with opened(framed) as pdf, opened(form) as other:
        assert "Table" not in [role for _, role, _ in structure(pdf)]
        roles = [role for _, role, _ in structure(other)]
        assert roles.count("TH") == 2 == roles.count("TD")


@pytest.fixture(scope="session")
def samples() -> Path:
    """Word files of other programs, where they are at hand."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "samples" / "docx"
    if not folder.is_dir():
        pytest.skip("no sample files here")
    return folder


def test_word_files_of_others_become_archives_too(fonts: FontCatalog, samples: Path) -> None:
    faults = {}
    for file in sorted(samples.glob("*.docx")):
        made = convert(file.read_bytes(), fonts, PdfMetadata(file.stem, ""), profile=WITH_WORD)
        found = [*archive_faults(made.pdf, "3"), *accessibility_faults(made.pdf)]
        if found:
            faults[file.name] = found[:3]
    assert faults == {}
