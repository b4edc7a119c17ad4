"""Photographs in pairs with captions, and signatures, as a template prints them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pikepdf
import pytest
from PIL import Image

from formsvc.documents.checking.contract import check_contract
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated import gbt9704
from formsvc.documents.generated.docx_xml import cell, paragraph, row, run, table
from formsvc.documents.generated.scaffold import draft_template
from formsvc.documents.pictures.decoding import read_upload
from formsvc.docxpdf import PdfResult
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.simple import template
from tests.support.pdfa_rules import archive_faults
from tests.support.photographs import photograph

TAGS = DocumentMetadata("现场照片", "", "", "")
PHOTOS = Field(key="scene", label="现场照片", kind="photographs")
SIGNED = Field(key="signed", label="签收", kind="signature")
GRID = (4422, 4422)


def line(*texts: str) -> str:
    cells = [cell(paragraph(run(text), "CellText"), width) for text, width in zip(texts, GRID, strict=False)]
    return row(cells if len(texts) == 2 else [cell(paragraph(run(texts[0]), "CellText"), sum(GRID), span=2)])


def in_pairs(size: str = "") -> bytes:
    """Return a template with photographs in pairs and a signature."""
    rows = [
        line("{%tr for pair in scene|pairs %}"),
        line(f"{{{{ pair.left.picture{size} }}}}", f"{{{{ pair.right.picture{size} }}}}"),
        line("{{ pair.left.caption }}", "{{ pair.right.caption }}"),
        line("{%tr endfor %}"),
    ]
    signed = paragraph(run("签收人：{{ signed|fit(40, 14) }}"), "Body")
    return gbt9704.word_document(table(rows, GRID) + signed)


def kept(contents: Sequence[bytes]) -> tuple[list[JSON], dict[str, bytes]]:
    files = [read_upload(content, "photograph").content for content in contents]
    hashes = [hashlib.sha256(content).hexdigest() for content in files]
    records = [
        {"name": f"{n}.jpg", "sha256": sha256, "caption": f"第{n}处"} for n, sha256 in enumerate(hashes, 1)
    ]
    return records, dict(zip(hashes, files, strict=True))


def context(records: list[JSON], signature: list[JSON]) -> Mapping[str, Any]:
    scene, signed = FIELD_TYPES["photographs"], FIELD_TYPES["signature"]
    return {
        "scene": scene.display(PHOTOS, scene.parse(PHOTOS, records, "")[0])[""],
        "signed": signed.display(SIGNED, signed.parse(SIGNED, signature, "")[0])[""],
    }


def images(pdf: bytes) -> list[tuple[int, int]]:
    """Return width and height of each picture of a file."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        streams = [entry for entry in opened.objects if isinstance(entry, pikepdf.Stream)]
        pictures = [stream for stream in streams if stream.get("/Subtype") == "/Image"]
        return [(int(picture.Width), int(picture.Height)) for picture in pictures]


def test_five_photographs_stand_in_pairs_under_200_dpi_and_the_last_stands_alone(
    to_pdf: Callable[[bytes], PdfResult],
) -> None:
    turned = [photograph(str(n), orientation=o, size=(1600, 1200)) for n, o in enumerate((1, 3, 6, 8), 1)]
    records, pictures = kept([*turned, photograph("5", size=(1600, 1200), upright=True)])
    word = fill(in_pairs(), context(records, []), TAGS, {}, pictures)
    assert word == fill(in_pairs(), context(records, []), TAGS, {}, pictures), "same input, same bytes"
    media = [name for name in zipfile.ZipFile(io.BytesIO(word)).namelist() if "media" in name]
    assert len(media) == 5
    for name in media:
        picture = Image.open(io.BytesIO(zipfile.ZipFile(io.BytesIO(word)).read(name)))
        assert max(picture.size) == round(74 / 25.4 * 200)
        assert "exif" not in picture.info
    result = to_pdf(word)
    # four lie, the last stands
    assert sorted(images(result.pdf)) == [(437, 583), *[(583, 437)] * 4]
    assert archive_faults(result.pdf) == []
    assert len(result.pdf) < 5 * 250_000 + 100_000


def test_a_caption_is_the_description_of_its_picture_and_its_line_is_as_high_as_it() -> None:
    records, pictures = kept([photograph("1", size=(800, 600))])
    word = fill(in_pairs("|fit(60, 45)"), context(records, []), TAGS, {}, pictures)
    text = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    assert 'descr="第1处"' in text
    assert f'cx="{60 * 36000}" cy="{45 * 36000}"' in text
    before_picture = text[: text.index("<w:drawing>")]
    assert 'w:lineRule="auto"' in before_picture[before_picture.rindex("<w:p>") :]


def test_a_signature_that_is_not_drawn_prints_nothing_a_drawn_one_is_placed() -> None:
    out = io.BytesIO()
    Image.new("L", (300, 100), 90).save(out, "PNG")
    sha256 = hashlib.sha256(out.getvalue()).hexdigest()
    drawn = fill(
        in_pairs(), context([], [{"name": "s.png", "sha256": sha256}]), TAGS, {}, {sha256: out.getvalue()}
    )
    blank = fill(in_pairs(), context([], []), TAGS)
    with zipfile.ZipFile(io.BytesIO(drawn)) as file:
        assert "word/media/image1.png" in file.namelist()
        assert f'cx="{40 * 36000}"' in file.read("word/document.xml").decode()
    with zipfile.ZipFile(io.BytesIO(blank)) as file:
        assert not [name for name in file.namelist() if "media" in name]


def test_a_photograph_that_is_only_named_is_named_on_the_paper() -> None:
    word = fill(in_pairs(), context(["走道.jpg"], []), TAGS)
    assert "（走道.jpg，另附）" in zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()


FORM = load_definition(
    {
        "id": "P01", "title": "照片记录", "family": "C", "format": "F-FORM", "template": "P01.docx", "subject": "",
        "numbering": {"style": "none"}, "modes": [], "issuer_kinds": [], "act_type": "other",
        "sections": [{"title": "一", "fields": [
            {"key": "scene", "label": "现场照片", "kind": "photographs", "printed": True},
            {"key": "signed", "label": "签收", "kind": "signature", "printed": True},
            {"key": "place", "label": "地点", "kind": "text"},
        ]}],
    },
    {},
    {},
)  # fmt: skip
SOUND = (
    "{{ signed }}{{ place }}",
    "{% for p in scene %}{{ p.picture|fit(70, 50) }}{{ p.caption }}{% endfor %}",
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ scene }}", "不能当作文字打印"),
        ("{% for pair in place|pairs %}{% endfor %}", "“pairs”只能用于照片和多行的表"),
        ("{% for pair in scene|pairs %}{{ pair.middle.picture }}{% endfor %}", "“middle”不是这张表的列"),
        ("{% for pair in scene|pairs %}{{ pair.left.image }}{% endfor %}", "“image”不是这张表的列"),
        ("{{ place|fit(30, 20) }}", "“fit”只能用于照片和签名"),
        ("{{ signed|fit(30) }}", "要写宽和高"),
        ("{{ signed|fit(3000, 20) }}", "要写宽和高"),
        ("{{ signed|upper }}", "只能用过滤器 fit"),
        ("{{ signed.name }}", "没有下一级"),
    ],
)
def test_a_picture_tag_that_cannot_work_is_named(text: str, said: str) -> None:
    faults = [fault for fault in check_contract(template(*SOUND, text), FORM) if fault.level == "error"]
    assert any(said in fault.message for fault in faults), faults


def test_a_drafted_template_prints_photographs_and_signatures() -> None:
    assert [f for f in check_contract(draft_template(FORM), FORM) if f.level == "error"] == []


def test_sound_picture_tags_pass_and_a_field_that_must_be_printed_is_missed() -> None:
    assert [f for f in check_contract(template(*SOUND), FORM) if f.level == "error"] == []
    missed = [f.message for f in check_contract(template("{{ place }}"), FORM) if f.level == "error"]
    assert [m for m in missed if "现场照片" in m] and [m for m in missed if "签收" in m]
