"""Hostile attachments and workbooks."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openpyxl import Workbook
from PIL import Image, PngImagePlugin

from tests.hostile.case import Expected, HostileFile, constant
from tests.hostile.templates import huge_picture, parts_of, zipped

_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(frozen=True)
class HostileUpload:
    """A file sent as an attachment with a media type; ``expected`` as in the other entries."""

    id: str
    what: str
    content: Callable[[], bytes]
    media_type: str = "image/png"
    expected: Expected = "refused"


def _picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def _text_bomb() -> bytes:
    """Return a PNG with a compressed text of 200 MB."""
    picture = _picture()
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = b"zTXt" + body
    packed = len(body).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    return picture[:33] + packed + picture[33:]


def _many_frames() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("1", (2, 2), n % 2) for n in range(500)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _with_page() -> bytes:
    out = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    Image.new("RGB", (40, 30)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def _uploads() -> Iterator[HostileUpload]:
    refused = {
        "empty": b"",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "html": b"<html><script>alert(1)</script></html>",
        "html-of-png": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
        "gif": _picture("GIF"),
        "bmp": _picture("BMP"),
        "tiff": _picture("TIFF"),
        "ico": b"\0\0\1\0" + bytes(100),
        "program": b"MZ" + bytes(500),
        "shell": b"#!/bin/sh\nid\n",
        "zip": zipped({"a": b"x"}),
        "word": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}),
        "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "gif-script": b"GIF89a/*" + bytes(50) + b"*/=1;alert(1)",
        "postscript": b"%!PS-Adobe-3.0\n(x) run",
        "ten-gigapixels": huge_picture(100_000, 100_000),
        "wide": huge_picture(2**31 - 1, 1),
        "png-cut": _picture()[:40],
        "png-head": b"\x89PNG\r\n\x1a\n",
        "jpeg-head": b"\xff\xd8\xff\xe0",
        "webp-head": b"RIFF\0\0\0\0WEBPVP8 ",
    }
    for name, content in refused.items():
        yield HostileUpload(f"upload-{name}", name, constant(content))
    odd: dict[str, Callable[[], bytes]] = {
        "jpeg-cut": lambda: _picture("JPEG", (400, 300))[:300],
        "text-bomb": _text_bomb,
        "120-megapixels": lambda: huge_picture(12_000, 9_999),
        "page-in-picture": _with_page,
        "page-behind-picture": lambda: _picture() + b"<script>alert(1)</script>",
        "frames": _many_frames,
        "pdf-script": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
        "pdf-page": lambda: b"%PDF-1.7<html><script>alert(1)</script></html>",
        "pdf-head": lambda: b"%PDF-",
    }
    for name, build in odd.items():
        media_type = "application/pdf" if name.startswith("pdf") else "image/png"
        yield HostileUpload(f"upload-{name}", name, build, media_type, "either")
    yield HostileUpload("upload-large", "20 MB and a byte", lambda: bytes(20 * 2**20 + 1))


UPLOADS: tuple[HostileUpload, ...] = tuple(_uploads())


# Workbooks ------------------------------------------------------------------------------------------

_HEAD = ("文号", "类别", "文书名称", "当事人", "制作日期", "登记理由")


def workbook(*rows: tuple[str | float, ...]) -> bytes:
    """Return a workbook of paper numbers."""
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (_HEAD, *rows):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def _with_part(name: str, content: bytes) -> bytes:
    return zipped({**parts_of(workbook()), name: content})


def _empty_cells(rows: int, columns: int) -> bytes:
    row = b"<row>" + b"<c/>" * columns + b"</row>"
    sheet = f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>'.encode()
    return _with_part(_SHEET, sheet + row * rows + b"</sheetData></worksheet>")


def _strings(count: int) -> bytes:
    return _with_part(
        _STRINGS, f'<sst xmlns="{_SPREADSHEET}">'.encode() + b"<si><t/></si>" * count + b"</sst>"
    )


def _entities(part: str) -> bytes:
    declared = '<!ENTITY a0 "xxxxxxxxxx">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return _with_part(part, f"<!DOCTYPE sst [{declared}]><sst>&a9;</sst>".encode())


def _workbooks() -> Iterator[HostileFile]:
    made: dict[str, tuple[str, Callable[[], bytes], bool]] = {
        "empty": ("no byte", lambda: b"", False),
        "text": ("text", lambda: "文号,类别".encode(), False),
        "html": ("a page", lambda: b"<html><table><tr><td>x</td></tr></table></html>", False),
        "old": ("an old workbook", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), False),
        "word": ("a Word file", lambda: zipped({"word/document.xml": b"<a/>"}), False),
        "cut": ("cut short", lambda: workbook(("1",))[:500], False),
        "no-sheet": ("no sheet", lambda: zipped({k: v for k, v in parts_of(workbook()).items() if k != _SHEET}), False),
        "no-rows": ("the head alone", workbook, False),
        "no-head": ("no head", lambda: _empty_cells(3, 3), False),
        "entities": ("entities that double", lambda: _entities(_STRINGS), False),
        "entities-sheet": ("entities that double, in the sheet", lambda: _entities(_SHEET), False),
        "external-entity": (
            "an entity that is a file",
            lambda: _with_part(_SHEET, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
            False,
        ),
        "formula": ("a formula", lambda: workbook(('=HYPERLINK("http://example.invalid","5")', *["x"] * 5)), False),
        "path": ("a path as number", lambda: workbook(("../../x", *["x"] * 5)), False),
        "numbers": ("numbers beyond all", lambda: workbook((1e300, *["x"] * 3, 1e300, "x")), False),
        "long": ("a cell of 32,000 letters", lambda: workbook(("长" * 32_000, *["x"] * 5)), False),
        "columns": ("16,000 columns", lambda: workbook(tuple("x" for _ in range(16_000))), False),
        "rows": ("5,000 rows", lambda: workbook(*[(str(n), *["x"] * 5) for n in range(5000)]), True),
        "cells": ("9 million cells without content", lambda: _empty_cells(9000, 1000), True),
        "strings": ("2.7 million shared texts", lambda: _strings(2_700_000), True),
        "unpacked": ("a part of 200 MB", lambda: _with_part("xl/x.bin", bytes(200_000_000)), True),
        "far-row": (
            "a cell in the last row there is",
            lambda: _with_part(_SHEET, f'<worksheet xmlns="{_SPREADSHEET}"><sheetData><row r="1048576"><c r="XFD1048576"/></row></sheetData></worksheet>'.encode()),
            False,
        ),
        "negative-row": (
            "a row before the first",
            lambda: _with_part(_SHEET, f'<worksheet xmlns="{_SPREADSHEET}"><sheetData><row r="-5"><c r="A-5"/></row></sheetData></worksheet>'.encode()),
            False,
        ),
    }  # fmt: skip
    for name, (what, build, slow) in made.items():
        yield HostileFile(f"workbook-{name}", what, build, "refused", slow=slow)


WORKBOOKS: tuple[HostileFile, ...] = tuple(_workbooks())
