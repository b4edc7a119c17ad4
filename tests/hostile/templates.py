"""Hostile Word templates: tags, and what the file carries along."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial

from tests.hostile.case import Expected, HostileFile, constant, sound_template, template_with
from tests.support.docx_samples.raw_xml import W

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_DOCUMENT, _TYPES, _LINKS = "word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"


# Packages -------------------------------------------------------------------------------------------


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a package of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_parts(more: dict[str, bytes]) -> bytes:
    """Return the sound template with parts added or replaced."""
    return zipped({**parts_of(sound_template()), **more})


def with_body(xml: str) -> bytes:
    """Return the sound template with XML at the start of its body."""
    return _with_text(_DOCUMENT, "<w:body>", "<w:body>" + xml)


def _with_text(part: str, old: str, new: str) -> bytes:
    text = parts_of(sound_template())[part].decode()
    assert old in text, (part, old)
    return with_parts({part: text.replace(old, new, 1).encode()})


def with_relation(
    kind: str, target: str, more: dict[str, bytes] | None = None, *, outside: bool = False
) -> bytes:
    """Return the sound template with a relationship of its document."""
    mode = ' TargetMode="External"' if outside else ""
    entry = f'<Relationship Id="rIdX" Type="{_RELATIONS}/{kind}" Target="{target}"{mode}/>'
    links = parts_of(sound_template())[_LINKS].decode()
    return with_parts(
        {_LINKS: links.replace("</Relationships>", entry + "</Relationships>").encode(), **(more or {})}
    )


def _content_type(extension: str, kind: str) -> bytes:
    return _with_text(_TYPES, "</Types>", f'<Default Extension="{extension}" ContentType="{kind}"/></Types>')


# Tags -----------------------------------------------------------------------------------------------

_PROGRAMS = (
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ receiver.__init__.__globals__ }}",
    "{{ receiver['__class__'] }}",
    "{{ receiver|attr('__class__') }}",
    "{{ config }}",
    "{{ self.__init__ }}",
    "{{ request.application.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ joiner.__init__ }}",
    "{{ namespace.__init__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ dict.mro() }}",
    "{{ range.__class__ }}",
    "{{ loop.__class__ }}",
    "{{ ''.format }}",
    "{{ '{0.__class__}'.format(receiver) }}",
    "{{ '%s'|format(receiver) }}",
    "{{ receiver.encode() }}",
    "{{ places.append(1) }}",
    "{{ places.clear() }}",
    "{{ [].append(1) }}",
    "{{ receiver|map('upper')|list }}",
    "{{ places|map(attribute='__class__')|list }}",
    "{{ places|tojson }}",
    "{{ receiver|safe }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% autoescape false %}{{ receiver }}{% endautoescape %}",
    "{% do places.append(1) %}",
    "{% debug %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call x() %}{% endcall %}",
    "{{ x() }}",
    "{{ 1/0 }}",
    "{{ receiver|nothing }}",
    "{{ receiver is nothing }}",
)
_BOMBS = (
    "{% for i in range(500) %}{% for j in range(500) %}{% for k in range(500) %}{% for l in range(500) %}x"
    + "{% endfor %}" * 4,
    "{% set z = 'xxxxxxxx' %}" + "{% set z = z ~ z %}" * 40 + "{{ z }}",
    "{% set z = receiver %}" + "{% set z = [z, z]|join %}" * 40 + "{{ z }}",
    "{{ 'xxxxxxxxxx'" + "|replace('x','xxxxxxxxxx')" * 12 + " }}",
    "{{ 'x' * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 9**9**9**9 }}",
    "{{ 2**99999999 }}",
    "{% for i in range(10**12) %}x{% endfor %}",
    "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{{ m(n+1) }}{{ m(n+1) }}{% endmacro %}{{ m(1) }}",
    "{% for p in places recursive %}{{ loop(places) }}{% endfor %}",
    "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "{{ " + "not " * 5000 + "1 }}",
    "{{ " + "[" * 300 + "]" * 300 + " }}",
    "{% if 1 %}" * 300 + "x" + "{% endif %}" * 300,
    "{% for p in places %}" * 30 + "x" + "{% endfor %}" * 30,
    "{% set n = namespace(x='xx') %}{% for i in range(500) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "{{ receiver|default('x'|center(100000000)) }}",
    "{{ 'x'|indent(100000000) }}",
    "{{ range(500)|join(range(500)|join(range(500)|join('x'))) }}",
)
_FOREIGN = (
    *("$receiver", "${receiver}", "{receiver}", "«receiver»", "<<receiver>>", "{d.receiver}", "[致送单位]"),
    *("【致送单位】", "{{fe:places t.name}}", "{{#places}}{{name}}{{/places}}", "{#places}{name}{/places}"),
    *("{{@picture}}", "{{?urgent}}x{{/urgent}}", "{%image%}", "<w:t>{{</w:t>", "{{ receiver", "receiver }}"),
    *("{{ }}", "{% %}", "{{ 致送单位 }}", "{{ receiver，risk }}", "｛｛receiver｝｝", "{{ receiver }", "{ { receiver } }"),
)  # fmt: skip


def _tags() -> Iterator[HostileFile]:
    for group, texts in (("program", _PROGRAMS), ("foreign", _FOREIGN)):
        for number, text in enumerate(texts, 1):
            # a block that applies a filter does no harm
            harmless: Expected = "either" if "filter upper" in text else "refused"
            yield HostileFile(
                f"{group}-{number}", f"the tag {text[:50]!r}", partial(template_with, text), harmless
            )
    for number, text in enumerate(_BOMBS, 1):
        # the 13th to the 17th are deep and cheap; what counts is that they end
        expected: Expected = "either" if number in (13, 14, 15, 16, 17) else "refused"
        yield HostileFile(
            f"bomb-{number}", f"the tag {text[:50]!r}", partial(template_with, text), expected, slow=True
        )


# Fields and links -----------------------------------------------------------------------------------

_CODES = (
    'HYPERLINK "file:///c:/x.docx"',
    'HYPERLINK "\\\\\\\\host\\\\share\\\\x"',
    'HYPERLINK "javascript:alert(1)"',
    "DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe",
    "DDE excel x",
    "INCLUDETEXT c:\\\\x.docx",
    'INCLUDEPICTURE "http://example.invalid/x.png"',
    "LINK Excel.Sheet.12 c:\\\\x.xlsx",
    "IMPORT c:\\\\x.wmf",
    "DATABASE \\\\d x",
    "RD c:\\\\x.docx",
    "MACROBUTTON x",
    'FILLIN "身份证号"',
    'ASK x "身份证号"',
    "PRINT 27",
    "AUTOTEXT x",
    "GOTOBUTTON x",
    "  ddeauto  cmd",
    "D" + "\u200b" + "DEAUTO x",
)
_BEGIN, _SEPARATE, _END = (
    f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
)


def _instruction(*pieces: str) -> str:
    return "".join(
        f'<w:r><w:instrText xml:space="preserve">{_escaped(piece)}</w:instrText></w:r>' for piece in pieces
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _field_codes() -> Iterator[HostileFile]:
    for number, code in enumerate(_CODES, 1):
        simple = (
            f'<w:p><w:fldSimple w:instr=" {_escaped(code)} "><w:r><w:t>甲</w:t></w:r></w:fldSimple></w:p>'
        )
        expected: Expected = "either" if "\u200b" in code or code.startswith(("AUTO", "GOTO")) else "refused"
        yield _xml(f"code-{number}", f"the field {code[:30]}", simple, expected)
        split = f"<w:p>{_BEGIN}{_instruction(' ' + code[:2], code[2:])}{_SEPARATE}{_END}</w:p>"
        yield _xml(f"code-{number}-split", f"the field {code[:30]} in two runs", split, expected)
    quote = f"{_BEGIN}{_instruction(' QUOTE 68 68 69 ')}{_END}"
    nested = f"<w:p>{_BEGIN}{quote}{_instruction('AUTO cmd')}{_END}</w:p>"
    yield _xml("code-quote", "DDEAUTO spelt by a nested QUOTE", nested)
    inner = f"{_BEGIN}{_instruction(' INCLUDETEXT x ')}{_END}"
    yield _xml(
        "code-in-if", "INCLUDETEXT in an IF", f"<w:p>{_BEGIN}{_instruction(' IF 1=1 ')}{inner}{_END}</w:p>"
    )
    yield _xml("code-open", "a field that never ends", f"<w:p>{_BEGIN}{_instruction(' DDE x ')}</w:p>")
    deleted = '<w:p><w:del w:id="1"><w:r><w:delInstrText> DDEAUTO x </w:delInstrText></w:r></w:del></w:p>'
    yield _xml("code-deleted", "DDEAUTO in a deletion", deleted, "either")


def _xml(id_: str, what: str, body: str, expected: Expected = "refused") -> HostileFile:
    return HostileFile(id_, what, lambda: with_body(body), expected)


_OUTSIDE = {
    "image": ("http://127.0.0.1:9/x.png", "file:///etc/passwd", "\\\\host\\x.png"),
    "oleObject": ("file:///c:/x.xlsx",),
    "attachedTemplate": ("https://example.invalid/x.dotm", "\\\\host\\x.dotm", "file://host/x.dotm"),
    "hyperlink": ("file:///c:/x", "javascript:alert(1)", "\\\\host\\share", "vbscript:x", "ms-word:ofe|u|x"),
    "subDocument": ("x.docx",),
    "frame": ("http://example.invalid/",),
    "mailMergeSource": ("file:///c:/x.mdb",),
    "header": ("http://example.invalid/header.xml",),
    "styles": ("http://example.invalid/styles.xml",),
    "video": ("http://example.invalid/x.mp4",),
}
_INSIDE = {
    "aFChunk": "chunk.html",
    "oleObject": "embeddings/x.bin",
    "package": "embeddings/x.xlsx",
    "control": "activeX/activeX1.xml",
    "vbaProject": "vbaProject.bin",
    "keyMapCustomizations": "customizations.xml",
    "attachedToolbars": "attachedToolbars.bin",
}
_ATTRIBUTES = {
    "vml-fill": '<w:pict><v:rect><v:fill src="http://example.invalid/x.png" type="frame"/></v:rect></w:pict>',
    "vml-image": '<w:pict><v:shape><v:imagedata src="http://example.invalid/x.png"/></v:shape></w:pict>',
    "vml-image-href": '<w:pict><v:shape><v:imagedata o:href="file:///c:/x.png"/></v:shape></w:pict>',
    "vml-href": '<w:pict><v:shape href="file:///c:/x.exe"/></w:pict>',
    "vml-stroke": '<w:pict><v:rect><v:stroke src="http://example.invalid/x.png"/></v:rect></w:pict>',
    "vml-ole": '<w:object><o:OLEObject Type="Link" ProgID="Package" xmlns:o="urn:schemas-microsoft-com:office:office"/></w:object>',
    "alt-chunk": '<w:altChunk r:id="rId99"/>',
    "sub-document": '<w:subDoc r:id="rId99"/>',
    "control": '<w:object><w:control w:name="x" r:id="rId99"/></w:object>',
    "movie": '<w:movie r:id="rId99"/>',
}
_VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'


def _links() -> Iterator[HostileFile]:
    for kind, targets in _OUTSIDE.items():
        for number, target in enumerate(targets, 1):
            yield HostileFile(
                f"outside-{kind}-{number}",
                f"{kind} at {target}",
                partial(with_relation, kind, target, outside=True),
            )
    for kind, target in _INSIDE.items():
        yield HostileFile(
            f"inside-{kind}",
            f"{kind} inside",
            partial(with_relation, kind, target, {f"word/{target}": b"MZ" + bytes(100)}),
        )
    for name, xml in _ATTRIBUTES.items():
        body = xml if xml.startswith(("<w:alt", "<w:sub")) else f"<w:p><w:r>{xml}</w:r></w:p>"
        body = body.replace("<w:pict>", f"<w:pict {_VML}>")
        # a film without a relationship is nothing
        harmless: Expected = "either" if name == "movie" else "refused"
        yield _xml(f"element-{name}", f"the element {name}", body, harmless)
    background = f'<w:background w:color="FFFFFF"><v:background {_VML}><v:fill src="http://example.invalid/x" type="frame"/></v:background></w:background>'
    yield HostileFile(
        "element-background",
        "a background from the web",
        lambda: _with_text(_DOCUMENT, "<w:body>", background + "<w:body>"),
    )
    mail = '<w:mailMerge><w:mainDocumentType w:val="formLetters"/><w:query w:val="SELECT * FROM x"/></w:mailMerge>'
    yield HostileFile("settings-mail-merge", "a mail merge", lambda: _with_settings(mail))
    yield HostileFile(
        "settings-hook",
        "a link to a document of frames",
        lambda: _with_settings('<w:documentProtection w:edit="readOnly" w:hash="x"/>'),
        "either",
    )
    yield HostileFile(
        "type-macro",
        "a macro declared and absent",
        lambda: _content_type("bin", "application/vnd.ms-office.vbaProject"),
    )
    yield HostileFile("type-macro-document", "a document with macros", _macro_document)
    for name in ("word/embeddings/x.exe", "word/vbaProject.bin", "customUI/customUI.xml", "x.hta"):
        yield HostileFile(
            f"unreferenced-{name.rpartition('/')[2]}",
            f"{name}, which nothing refers to",
            partial(with_parts, {name: b"MZ" + bytes(500)}),
            "either",
        )
    yield HostileFile("comment", "a review comment", _with_comment, "either")
    for name, mark in _REVISIONS.items():
        yield _xml(f"revision-{name}", f"the revision {name}", mark, "either")
    yield HostileFile("revision-tag", "a tag in a deletion", lambda: with_body(_DELETED_TAG))
    chart = '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:t>{{ receiver }}</a:t></c:chartSpace>'
    yield HostileFile(
        "chart",
        "a tag in a chart",
        lambda: with_relation("chart", "charts/chart1.xml", {"word/charts/chart1.xml": chart.encode()}),
    )
    yield HostileFile("strict", "INCLUDETEXT in a file of the strict standard", _strict)


_REVISIONS = {
    "insertion": '<w:p><w:ins w:id="1" w:author="x"><w:r><w:t>甲</w:t></w:r></w:ins></w:p>',
    "move": '<w:p><w:moveFrom w:id="1" w:author="x"><w:r><w:t>甲</w:t></w:r></w:moveFrom></w:p>',
    "format": '<w:p><w:r><w:rPr><w:rPrChange w:id="1" w:author="x"/></w:rPr><w:t>甲</w:t></w:r></w:p>',
}
_DELETED_TAG = '<w:p><w:del w:id="1"><w:r><w:delText>{{ nothing }}</w:delText></w:r></w:del></w:p>'


def _with_settings(xml: str) -> bytes:
    settings = f'<w:settings xmlns:w="{W}">{xml}</w:settings>'.encode()
    links = parts_of(sound_template())[_LINKS]
    if b"/settings" in links:
        return with_parts({"word/settings.xml": settings})
    return with_relation("settings", "settings.xml", {"word/settings.xml": settings})


def _macro_document() -> bytes:
    types = parts_of(sound_template())[_TYPES]
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert plain in types
    return with_parts(
        {_TYPES: types.replace(plain, b"application/vnd.ms-word.document.macroEnabled.main+xml")}
    )


def _with_comment() -> bytes:
    comment = f'<w:comments xmlns:w="{W}"><w:comment w:id="0" w:author="张三"><w:p><w:r><w:t>是否写镇长名字？</w:t></w:r></w:p></w:comment></w:comments>'
    return with_relation("comments", "comments.xml", {"word/comments.xml": comment.encode()})


def _strict() -> bytes:
    code = '<w:p><w:fldSimple w:instr=" INCLUDETEXT c:\\x.docx "><w:r><w:t>甲</w:t></w:r></w:fldSimple></w:p>'
    parts = parts_of(with_body(code))
    strict = {
        name: content.replace(W.encode(), _STRICT.encode()).replace(
            _RELATIONS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, content in parts.items()
    }
    return zipped(strict)


# Broken and bloated XML -----------------------------------------------------------------------------


def _doctype(declaration: str, use: str = "") -> bytes:
    text = parts_of(sound_template())[_DOCUMENT].decode()
    start = text.index("<w:document")
    text = f"<!DOCTYPE w:document [{declaration}]>" + text[start:]
    return with_parts({_DOCUMENT: text.replace("<w:body>", f"<w:body>{use}", 1).encode()})


def _billion() -> bytes:
    entities = '<!ENTITY a0 "xxxxxxxxxx">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return _doctype(entities, "<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>")


def _documents() -> Iterator[HostileFile]:
    made: dict[str, tuple[str, Callable[[], bytes]]] = {
        "billion-laughs": ("entities that double", _billion),
        "quadratic": (
            "an entity of 100 kB used 5,000 times",
            lambda: _doctype(f'<!ENTITY a "{"x" * 100_000}">', f"<w:p><w:r><w:t>{'&a;' * 5000}</w:t></w:r></w:p>"),
        ),
        "external-entity": (
            "an entity that is a file",
            lambda: _doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "<w:p><w:r><w:t>&a;</w:t></w:r></w:p>"),
        ),
        "parameter-entity": (
            "an entity from the web",
            lambda: _doctype('<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;'),
        ),
        "doctype-in-relations": (
            "a doctype in the relationships",
            lambda: with_parts({_LINKS: b"<!DOCTYPE x><Relationships/>"}),
        ),
        "doctype-in-types": ("a doctype in the types", lambda: with_parts({_TYPES: b"<!DOCTYPE x><Types/>"})),
        "cut": ("XML cut short", lambda: with_parts({_DOCUMENT: parts_of(sound_template())[_DOCUMENT][:500]})),
        "empty": ("an empty document part", lambda: with_parts({_DOCUMENT: b""})),
        "other-root": ("another root", lambda: with_parts({_DOCUMENT: b"<html/>"})),
        "not-utf8": ("bytes that are no UTF-8", lambda: with_parts({_DOCUMENT: b"<w:document>\xff\xfe</w:document>"})),
        "utf7": (
            "an encoding that hides tags",
            lambda: with_parts({_DOCUMENT: b'<?xml version="1.0" encoding="UTF-7"?><w:document/>'}),
        ),
        "deep": ("50,000 elements in one another", lambda: with_body("<w:sdt><w:sdtContent>" * 25_000 + "</w:sdtContent></w:sdt>" * 25_000)),
        "attributes": ("an element of 100,000 attributes", lambda: with_body(f"<w:p {' '.join(f'a{n}=' + chr(34) * 2 for n in range(100_000))}/>")),
        "columns": ("a table of 5,000 columns", lambda: with_body(_wide_table(5000))),
        "no-document": ("no document part", lambda: zipped({k: v for k, v in parts_of(sound_template()).items() if k != _DOCUMENT})),
    }  # fmt: skip
    for name, (what, content) in made.items():
        expected: Expected = "either" if name == "attributes" else "refused"
        yield HostileFile(f"xml-{name}", what, content, expected, slow=name in ("attributes", "columns"))


def _wide_table(columns: int) -> str:
    cells = "<w:tc><w:p/></w:tc>" * columns
    return f"<w:tbl><w:tblPr/><w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid><w:tr>{cells}</w:tr></w:tbl>"


# Zip files ------------------------------------------------------------------------------------------


def _renamed(name: str) -> bytes:
    """Return a package with a part of a name that no library would write."""
    plain = with_parts({"@" * len(name): b"x"})
    return plain.replace(b"@" * len(name), name.encode())


def _flagged(flag: int) -> bytes:
    content = bytearray(sound_template())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= flag
            at = content.find(mark, at + 4)
    return bytes(content)


def _lying_size() -> bytes:
    """Return a package whose directory says that its parts have one byte."""
    content = bytearray(sound_template())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = struct.pack("<I", 1)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _overlapping() -> bytes:
    """Return a package many names of which are the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts_of(sound_template()).items():
            archive.writestr(name, content)
        archive.writestr("word/media/x.bin", bytes(20_000_000))
        first = archive.infolist()[-1]
        for n in range(200):
            copy = zipfile.ZipInfo(f"word/media/x{n}.bin")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(copy, name, getattr(first, name))
            archive.filelist.append(copy)
            archive.NameToInfo[copy.filename] = copy
    return stream.getvalue()


def _doubled() -> bytes:
    return _renamed(_DOCUMENT)


def huge_picture(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is as large as this."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def _archives() -> Iterator[HostileFile]:
    other = {
        "empty": b"",
        "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        "rtf": b"{\\rtf1 x}",
        "pdf": b"%PDF-1.7\n",
        "html": b"<html><body>x</body></html>",
        "program": b"MZ" + bytes(100),
        "rar": b"Rar!\x1a\x07\0",
        "zeros": bytes(2000),
        "workbook": zipped({_TYPES: b"<Types/>", "xl/workbook.xml": b"<a/>"}),
        "empty-zip": b"PK\x05\x06" + bytes(18),
    }
    for name, content in other.items():
        yield HostileFile(f"file-{name}", f"{name} renamed", constant(content))
    for number, part in enumerate(
        ("../evil.xml", "/etc/passwd", "word\\..\\x", "C:/x.xml", "word/\x01.xml"), 1
    ):
        yield HostileFile(f"zip-name-{number}", f"a part named {part!r}", partial(_renamed, part))
    made: dict[str, tuple[str, Callable[[], bytes], Expected]] = {
        "cut": ("cut short", lambda: sound_template()[:-300], "refused"),
        "doubled": ("the document twice", _doubled, "refused"),
        "locked": ("parts with a password", lambda: _flagged(1), "refused"),
        "lying": ("sizes that are not so", _lying_size, "either"),
        "bomb": ("30 MB of zeros in 30 kB", lambda: with_parts({"word/media/x.bin": bytes(30_000_000)}), "refused"),
        "bomb-document": (
            "a document part of 200 MB",
            lambda: with_parts({_DOCUMENT: b"<w:document>" + b" " * 200_000_000 + b"</w:document>"}),
            "refused",
        ),
        "overlapping": ("200 names of the same 20 MB", _overlapping, "refused"),
        "many": ("20,000 parts", lambda: with_parts({f"word/x{n}.xml": b"<a/>" for n in range(20_000)}), "refused"),
        "prefix": ("a PDF in front of the zip", lambda: b"%PDF-1.7\n" + sound_template(), "either"),
        "suffix": ("a page behind the zip", lambda: sound_template() + b"<script>x</script>", "either"),
        "crc": ("a part that is not what its checksum says", _wrong_checksum, "refused"),
        "picture": ("a picture of 10 gigapixels", lambda: _with_picture(huge_picture(100_000, 100_000)), "refused"),
        "svg": ("a picture that runs a script", lambda: _with_picture(b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>'), "either"),
    }  # fmt: skip
    for name, (what, build, expected) in made.items():
        slow = name in ("bomb-document", "many", "overlapping")
        yield HostileFile(f"zip-{name}", what, build, expected, slow=slow)


def _wrong_checksum() -> bytes:
    content = bytearray(sound_template())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 16] ^= 0xFF
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _with_picture(picture: bytes) -> bytes:
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:extent cx="1000000" cy="1000000"/><wp:docPr id="1" name="x"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        '<a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="rIdX"/>'
        "</pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    parts = parts_of(with_relation("image", "media/x.png", {"word/media/x.png": picture}))
    parts[_DOCUMENT] = parts[_DOCUMENT].replace(b"<w:body>", b"<w:body>" + drawing.encode(), 1)
    parts[_TYPES] = parts[_TYPES].replace(
        b"</Types>", b'<Default Extension="png" ContentType="image/png"/></Types>'
    )
    return zipped(parts)


TEMPLATES: tuple[HostileFile, ...] = (
    *_tags(),
    *_field_codes(),
    *_links(),
    *_documents(),
    *_archives(),
)
