"""Attachment of the Word file to its PDF (PDF/A-3b).

The file is written as an incremental update (ISO 32000-1, 7.5.6): every byte of the issued PDF stays in front, so
its pages and its hash can still be proved. Only PDFs of our own engine are accepted. Not pikepdf (10.18 was tried):
qpdf writes no incremental updates, and its file differs from the issued one from byte 10 on.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from datetime import date

from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_ENTRY = re.compile(rb"/(Root|Info|Size) (\d+)")
_IDENTITY = re.compile(rb"/ID \[\s*(<[0-9a-fA-F]+>|\((?:\\.|[^\\)])*\))", re.S)
_PART = re.compile(r"(pdfaid:part>|pdfaid:part=\")2")


class _ExistingPdf:
    """Offsets and objects of a PDF that our engine wrote."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        match = _START.search(pdf, max(0, len(pdf) - 64))
        if match is None:
            raise ValueError("no startxref")
        self.xref_offset = int(match[1])
        trailer = self._read_dictionary(self.xref_offset)
        entries = {name: int(number) for name, number in _ENTRY.findall(trailer)}
        self.root, self.size, self.info = entries[b"Root"], entries[b"Size"], entries.get(b"Info")
        self.identity = _IDENTITY.findall(trailer)[0]
        self.catalog = self._read_object(self.root)

    def _read_dictionary(self, offset: int) -> bytes:
        return self.pdf[offset : self.pdf.index(b"stream", offset)]

    def _read_object(self, number: int) -> bytes:
        """Return an object's text, from an object stream or the file body."""
        plain = re.search(rb"(?:^|\n)%d 0 obj\s+(.*?)\s*endobj" % number, self.pdf, re.S)
        if plain:
            return plain[1]
        # WeasyPrint writes most dictionaries into compressed object streams
        for match in re.finditer(rb"\n\d+ 0 obj\s*<<(?:(?!stream).)*?/ObjStm.*?stream\r?\n", self.pdf, re.S):
            head = match[0]
            length = int(re.findall(rb"/Length (\d+)", head)[0])
            raw = self.pdf[match.end() : match.end() + length]
            text = zlib.decompress(raw) if b"FlateDecode" in head else raw
            first = int(re.findall(rb"/First (\d+)", head)[0])
            offsets = [int(n) for n in text[:first].split()]
            table = dict(zip(offsets[::2], offsets[1::2], strict=True))
            if number in table:
                next_offsets = [p for p in table.values() if p > table[number]]
                return text[
                    first + table[number] : first + min(next_offsets, default=len(text) - first)
                ].strip()
        raise ValueError("no such object")

    def metadata(self) -> tuple[int, str]:
        """Return the object number and text of the XMP packet."""
        match = re.search(rb"/Metadata (\d+) 0 R", self.catalog)
        if match is None:
            raise ValueError("no metadata")
        number = int(match[1])
        start = re.search(rb"\n%d 0 obj" % number, self.pdf)
        if start is None:
            raise ValueError("no metadata stream")
        head = self._read_dictionary(start.end())
        at = self.pdf.index(b"stream", start.end()) + len(b"stream\n")
        raw = self.pdf[at : at + int(re.findall(rb"/Length (\d+)", head)[0])]
        return number, (zlib.decompress(raw) if b"FlateDecode" in head else raw).decode()


def attach_word_file(pdf: bytes, word: bytes, *, name: str, day: date | None = None) -> bytes:
    """Return the PDF as PDF/A-3b with the Word file attached.

    Equal arguments give equal bytes. Raise RenderingFailed if the PDF is not a PDF/A-2b file of this engine.
    """
    try:
        return _attach(_ExistingPdf(pdf), word, name, day)
    except (ValueError, KeyError, IndexError, zlib.error) as error:
        raise RenderingFailed(
            msg("这个 PDF 不是本系统制作的 PDF/A-2b 文件，不能附入 Word 原件。"),
            msg("请重新制作 PDF 后再附。"),
        ) from error


def _attach(existing: _ExistingPdf, word: bytes, name: str, day: date | None) -> bytes:
    packet_number, packet = existing.metadata()
    xmp, changes = _PART.subn(r"\g<1>3", packet)
    if changes != 1 or b"/Names" in existing.catalog or b"/AF" in existing.catalog:
        raise ValueError("not a plain PDF/A-2 file")
    embedded, filespec, names = (existing.size + n for n in range(3))
    modified = f"/ModDate (D:{day:%Y%m%d}000000+08'00')" if day else ""
    checksum = hashlib.md5(
        word, usedforsecurity=False
    ).hexdigest()  # the algorithm that /CheckSum is defined with
    parameters = f"/Params <</Size {len(word)} /CheckSum <{checksum}> {modified}>>"
    compressed = zlib.compress(word, 9)
    filename = _hex_string(name)
    catalog = existing.catalog.rstrip()
    assert catalog.endswith(b">>")
    objects = {
        # an object with the number of an old one replaces it: the packet here, the catalogue below
        packet_number: _stream("/Type /Metadata /Subtype /XML", xmp.encode()),
        embedded: _stream(
            f"/Type /EmbeddedFile /Subtype /{WORD_TYPE.replace('/', '#2F')} /Filter /FlateDecode {parameters}",
            compressed,
        ),
        filespec: (
            f"<</Type /Filespec /F {filename} /UF {filename} /Desc {_hex_string('Word 原件')} "
            f"/AFRelationship /Source /EF <</F {embedded} 0 R /UF {embedded} 0 R>>>>"
        ).encode(),
        names: f"<</EmbeddedFiles <</Names [{filename} {filespec} 0 R]>>>>".encode(),
        existing.root: catalog[:-2] + f" /Names {names} 0 R /AF [{filespec} 0 R]>>".encode(),
    }
    return _append_update(existing, objects, hashlib.sha256(existing.pdf + word).hexdigest()[:32])


def _hex_string(text: str) -> str:
    return f"<{(chr(0xFEFF) + text).encode('utf-16-be').hex()}>"


def _stream(head: str, content: bytes) -> bytes:
    return f"<<{head} /Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream"


def _append_update(existing: _ExistingPdf, objects: dict[int, bytes], identity: str) -> bytes:
    """Append the objects and a cross-reference stream for them."""
    out = bytearray(existing.pdf)
    if not out.endswith(b"\n"):
        out += b"\n"
    offsets = {}
    for number in sorted(objects):
        offsets[number] = len(out)
        out += f"{number} 0 obj\n".encode() + objects[number] + b"\nendobj\n"
    last = existing.size + 3
    offsets[last] = len(out)
    ordered = sorted(offsets)
    # entries of type 1: five bytes of offset, generation 0 (ISO 32000-1, table 18)
    rows = b"".join(b"\x01" + offsets[n].to_bytes(5, "big") + b"\x00" for n in ordered)
    index = " ".join(f"{n} 1" for n in ordered)
    head = (
        (
            f"/Type /XRef /Size {last + 1} /Prev {existing.xref_offset} /W [1 5 1] /Index [{index}] "
            f"/Root {existing.root} 0 R {f'/Info {existing.info} 0 R' if existing.info else ''} "
        ).encode()
        + b"/ID ["
        + existing.identity
        + f" <{identity}>]".encode()
    )
    out += f"{last} 0 obj\n<<".encode() + head + f" /Length {len(rows)}>>\nstream\n".encode()
    out += rows + f"\nendstream\nendobj\nstartxref\n{offsets[last]}\n%%EOF\n".encode()
    return bytes(out)
