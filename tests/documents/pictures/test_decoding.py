"""Uploaded pictures: what is kept of them, and what is refused with a sentence."""

from __future__ import annotations

import io
import struct
import time
import zlib
from typing import Any

import pytest
from PIL import Image, ImageDraw

from formsvc.documents.pictures.decoding import Refused, read_upload
from formsvc.documents.pictures.reader import LimitedUploadReader
from formsvc.usecases.drafting.uploads import KeptUpload, UploadRefused
from tests.support.photographs import photograph


def png(width: int, height: int, data: bytes, interlaced: int = 0) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data", [b"", zlib.compress(b"\0" * 1000), b"nonsense", zlib.compress(b"\0" * 4_000_000)[:2000]]
)
def test_a_large_picture_without_its_pixels_is_refused(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Refused):
        read_upload(png(12_000, 10_000, data), "file")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("options", [{}, {"bits": 1}])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_sound_pictures_of_every_kind_are_accepted(mode: str, options: dict[str, Any]) -> None:
    out = io.BytesIO()
    Image.new(mode, (37, 23)).save(out, "PNG", **(options if mode == "P" else {}))
    assert read_upload(out.getvalue(), "file").mime == "image/png"
    assert read_upload(out.getvalue(), "photograph").mime == "image/jpeg"


def test_an_interlaced_picture_is_accepted() -> None:
    passes = ((2, 1), (1, 1), (3, 1), (2, 2), (5, 1), (4, 3), (9, 2))
    rows = b"".join(b"\0" * (high * (1 + wide * 3)) for wide, high in passes)
    assert read_upload(png(9, 5, zlib.compress(rows), interlaced=1), "file").mime == "image/png"


def upright(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photograph_is_turned_upright_scaled_and_says_nothing_of_the_phone(orientation: int) -> None:
    kept = read_upload(photograph("甲", orientation=orientation, size=(4000, 3000)), "photograph")
    picture = upright(kept.content)
    assert picture.size == (2000, 1500)
    # the red corner is at the top left as the person saw it
    red, green, _blue = picture.getpixel((60, 60))  # type: ignore[misc]
    assert red > 200 and green < 80
    assert kept.taken == "2026-11-20T09:30"
    assert kept.place == "北纬46.633333°，东经126.983333°"
    assert not picture.getexif() and "exif" not in picture.info
    assert b"Exif" not in kept.content and b"GPS" not in kept.content and b"SECRET" not in kept.content


def test_the_same_photograph_is_kept_as_the_same_bytes() -> None:
    content = photograph("乙", size=(1200, 900))
    assert read_upload(content, "photograph") == read_upload(content, "photograph")


def test_an_attachment_is_kept_byte_for_byte() -> None:
    content = photograph("丙", orientation=6, size=(400, 300))
    assert read_upload(content, "file").content == content


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevc", b"avif"])
def test_a_heic_photograph_is_refused_and_the_remedy_is_named(brand: bytes) -> None:
    content = struct.pack(">I", 24) + b"ftyp" + brand + bytes(200)
    with pytest.raises(Refused, match="兼容性最佳.*JPG"):
        read_upload(content, "photograph")


def test_a_pdf_is_an_attachment_and_no_photograph() -> None:
    assert read_upload(b"%PDF-1.7 x", "file").mime == "application/pdf"
    with pytest.raises(Refused, match="只收照片"):
        read_upload(b"%PDF-1.7 x", "photograph")


def signature(ink: int = 20, paper: int = 255) -> bytes:
    picture = Image.new("L", (900, 500), paper)
    ImageDraw.Draw(picture).line(((200, 300), (320, 180), (450, 330), (640, 200)), fill=ink, width=9)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("paper", [255, 215])
def test_a_signature_is_kept_without_the_paper_around_it(paper: int) -> None:
    kept = read_upload(signature(paper=paper), "signature")
    picture = upright(kept.content)
    assert kept.mime == "image/png" and picture.mode == "L"
    assert 430 <= picture.width <= 470 and 140 <= picture.height <= 190
    assert picture.getpixel((0, 0)) == 255


@pytest.mark.parametrize("content", [signature(ink=255), signature(ink=215, paper=215)])
def test_an_empty_signature_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="签名是空白的"):
        read_upload(content, "signature")


def test_files_are_decoded_in_a_process_of_their_own_one_bad_file_does_not_spoil_the_next() -> None:
    good = photograph("丁", size=(640, 480))
    first, second, third = LimitedUploadReader().read([good, b"<svg onload=x>", good], "photograph")
    assert isinstance(first, KeptUpload) and first == third
    assert isinstance(second, UploadRefused) and "只接受 JPG、PNG、WebP" in second.message
