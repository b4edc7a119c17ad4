"""Hostile requests, sent by a signed-in clerk and by a program with a token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
DRAFT, FIELD = "DRAFT", "FIELD"
"""Stand for the id of the clerk's draft and a name of its fields."""


@dataclass(frozen=True)
class HostileRequest:
    """A request; the answer's status is one of ``allowed``, never of the five hundreds."""

    id: str
    method: str
    path: str
    body: bytes = b""
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    # of the API, with a token
    api: bool = field(default=False)


def _api(
    id_: str, body: bytes, path: str = "/api/v1/acts", method: str = "POST", **headers: str
) -> HostileRequest:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HostileRequest(f"api-{id_}", method, path, body, JSON, sent, api=True)


def _bodies() -> Iterator[HostileRequest]:
    act = b'{"form": "X01", "data": %s}'
    yield _api("empty", b"")
    yield _api("null", b"null")
    yield _api("array", b"[]")
    yield _api("number", b"1e999")
    yield _api("nan", act % b'{"area": NaN}')
    yield _api("cut", b'{"form": "X01", "data": {')
    yield _api("deep-array", b"[" * 200_000)
    yield _api("deep-data", act % (b'{"a":' * 100 + b"1" + b"}" * 100))
    yield _api("deep-39", act % (b'{"a":' * 37 + b"1" + b"}" * 37))
    yield _api("duplicate-keys", b'{"form": "T07", "form": "X01", "data": {}}')
    yield _api("duplicate-answers", act % b'{"name": "a", "name": "b"}')
    yield _api("digits", act % (b'{"count": ' + b"9" * 5000 + b"}"))
    yield _api("exponent", act % b'{"count": 1e-999999999, "area": 9e99999999}')
    yield _api("many-keys", act % (b"{" + b",".join(b'"k%d": 1' % n for n in range(100_000)) + b"}"))
    keys = b",".join(b'"k%d": 1' % n for n in range(100_000))
    yield _api("many-keys-check", b'{"data": {%s}}' % keys, "/api/v1/forms/X01/check")
    yield _api("many-rows", act % (b'{"faults": [' + b",".join([b'{"what": "x"}'] * 60_000) + b"]}"))
    yield _api("unknown-keys", b'{"form": "X01", "data": {}, "state": "issued", "number": "x"}')
    yield _api("null-character", act % b'{"name": "a\\u0000b"}')
    yield _api("surrogate", act % b'{"name": "\\ud800"}')
    yield _api("not-utf8", b'{"form": "\xff\xfe"}')
    yield _api("utf16", '{"form": "X01", "data": {}}'.encode("utf-16"))
    yield _api("bom", b"\xef\xbb\xbf" + act % b"{}")
    yield _api("too-large", b" " * (2 * 2**20 + 1))
    yield _api("types", b'{"form": ["X01"], "data": "x", "submit": "yes", "source": 5}')
    yield _api("form-path", b'{"form": "../T07", "data": {}}')
    yield _api("form-long", b'{"form": "' + b"X" * 5000 + b'", "data": {}}')
    yield _api("source-path", b'{"form": "X01", "data": {}, "source": "../../x"}')
    yield _api("proto", act % b'{"__proto__": {"a": 1}, "constructor": 5}')
    yield _api("key-long", act % b"{}", Idempotency_Key="x" * 5000)
    yield _api("key-empty", act % b"{}", Idempotency_Key=" ")
    yield _api("gzip", b"\x1f\x8b\x08\0\0\0\0\0", Content_Encoding="gzip")
    yield _api(
        "version-huge", b'{"data": {}}', f"/api/v1/acts/{DRAFT}", "PUT", If_Match='"' + "9" * 5000 + '"'
    )
    yield _api("version-text", b'{"data": {}}', f"/api/v1/acts/{DRAFT}", "PUT", If_Match="W/x")
    yield _api("version-star", b'{"data": {}}', f"/api/v1/acts/{DRAFT}", "PUT", If_Match="*")
    for number, accept in enumerate(
        ("text/html;q=x", "*/*;q=-1", "a" * 5000, "image/*, ;;,", "application/xml"), 1
    ):
        yield _api(f"accept-{number}", b"", "/api/v1/acts", "GET", Accept=accept)
    for number, token in enumerate(
        (
            "Bearer",
            "Bearer \ud83d\ude00".encode("utf-8", "surrogatepass").decode("latin-1"),
            "Basic x",
            "Bearer " + "x" * 5000,
        ),
        1,
    ):
        yield HostileRequest(
            f"api-token-{number}", "GET", "/api/v1/acts", headers=(("Authorization", token),)
        )
    yield HostileRequest("api-media-type", "POST", "/api/v1/acts", b"<a/>", "application/xml", api=True)
    yield HostileRequest(
        "api-media-odd", "POST", "/api/v1/acts", b"{}", "application/json; charset=utf-7", api=True
    )
    upload = f"/api/v1/acts/{DRAFT}/attachments?field=photos&name="
    for number, name in enumerate(
        ("../../x.png", "x" * 120, "%00.png", "x.html", "%0d%0aSet-Cookie:a=b", "CON.png"), 1
    ):
        yield HostileRequest(
            f"api-upload-{number}", "POST", upload + name, b"\x89PNG\r\n\x1a\n", "image/png", api=True
        )
    yield HostileRequest(
        "api-upload-field",
        "POST",
        f"/api/v1/acts/{DRAFT}/attachments?field=__class__",
        b"x",
        "image/png",
        api=True,
    )
    yield HostileRequest(
        "api-upload-row",
        "POST",
        f"/api/v1/acts/{DRAFT}/attachments?field=faults.999.what",
        b"x",
        "image/png",
        api=True,
    )


def _forms() -> Iterator[HostileRequest]:
    draft = f"/drafts/{DRAFT}"
    fields = b"&".join(b"%s-%d=x" % (FIELD.encode(), n) for n in range(15_000))
    bodies = {
        "empty": b"",
        "not-a-form": b"\0\xff" * 500,
        "many-fields": fields,
        "more-fields": b"a=1&" * 100_000,
        "long-name": b"a" * 200_000 + b"=1",
        "rows-far": b"faults-999999999-what=x",
        "rows-negative": b"faults--1-what=x",
        "rows-odd": b"faults-%C2%B2-what=x&faults-0x1-what=y",
        "version-huge": b"version=" + b"9" * 5000,
        "version-text": b"version=%C2%B2",
        "change-unknown": b"change=explode.faults.1",
        "change-far": b"change=remove.faults.99999999999999999999",
        "change-odd": b"change=%00.%0a.%ff",
        "change-class": b"change=add.__class__.0",
        "pasted": b"change=paste.faults.0&pasted-faults=" + b"x%09" * 100_000,
        "percent": b"name=%zz%&%=%",
        "utf8": b"name=%ff%fe%c0%80",
        "null": b"name=a%00b",
    }
    for name, body in bodies.items():
        yield HostileRequest(f"form-{name}", "POST", draft, body, FORM)
    broken = {
        "no-boundary": ("multipart/form-data", b"x"),
        "other-boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\n--b--"),
        "long-boundary": (f"multipart/form-data; boundary={'a' * 5000}", b"--" + b"a" * 5000 + b"--"),
        "open": (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\nabc',
        ),
        "no-name": (
            "multipart/form-data; boundary=a",
            b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--\r\n",
        ),
        "file-path": ("multipart/form-data; boundary=a", _part('name="photos"; filename="../../../x.png"')),
        "file-null": ("multipart/form-data; boundary=a", _part('name="photos"; filename="x\0.png"')),
        "file-empty": ("multipart/form-data; boundary=a", _part('name="photos"; filename=""')),
        "file-in-text": ("multipart/form-data; boundary=a", _part('name="name"; filename="x.png"')),
        "parts": ("multipart/form-data; boundary=a", _part('name="x"')[:-7] * 25_000 + b"--a--\r\n"),
        "header": (
            "multipart/form-data; boundary=a",
            b"--a\r\n" + b"X: y\r\n" * 20_000 + b"\r\nx\r\n--a--\r\n",
        ),
        "charset": (f"{FORM}; charset=utf-7", b"name=+ADw-script+AD4-"),
        "json": (JSON, b'{"name": "x"}'),
        "text": ("text/plain", b"name=x"),
    }
    for name, (media_type, body) in broken.items():
        yield HostileRequest(f"multipart-{name}", "POST", draft, body, media_type)


def _part(disposition: str) -> bytes:
    return f"--a\r\nContent-Disposition: form-data; {disposition}\r\n\r\nx\r\n--a--\r\n".encode()


_PATHS = (
    *("/../../etc/passwd", "/static/../../app.py", "/static/%2e%2e/%2e%2e/config.py", "/static/..%2f..%2fconfig.py"),
    *("/static/%00", "/static/app.css%00.html", "//example.invalid/", "/%0d%0aSet-Cookie:a=b", "/forms/../admin"),
    *("/forms/%2e%2e%2fT22/new", "/forms/X01%00/new", "/forms/" + "X" * 8000 + "/new", "/forms/%ff%fe/new"),
    *("/forms/X01/new?source=../../x", "/forms/__class__/new", "/acts/%00", "/acts/'%20OR%201=1--", "/acts/" + "9" * 3000),
    *("/acts?page=99999999999999999999", "/acts?page=-1", "/acts?page=%C2%B2", "/acts?page=1e9", "/acts?from=0000-00-00"),
    *("/acts?to=9999-99-99", "/acts?state=%00", "/acts?q=" + "%E9%95%BF" * 2000, "/acts?q=%25_%27%22%5C", "/acts?q=%00"),
    *("/search?q=" + "a" * 7000, "/search?q=%ED%A0%80", "/search?q[]=x&q[]=y", "/acts?form=X01&form=T07"),
    *("/numbers/%2e%2e/2026", "/numbers/dong-fa/99999999999999999999", "/numbers/dong-fa/0000", "/numbers/x/2026/register.exe"),
    *(f"/drafts/{DRAFT}?more=faults-99999999", f"/drafts/{DRAFT}?more=%C2%B2-%C2%B2", f"/drafts/{DRAFT}?undo=restore.faults.1.%7B%7D"),
    *(f"/drafts/{DRAFT}?undo=restore.faults.999999999.x", f"/drafts/{DRAFT}?focus=%00%3Cscript%3E", f"/drafts/{DRAFT}/preview/99999999999.png"),
    *(f"/acts/{DRAFT}/files/../../x", f"/acts/{DRAFT}/files/" + "0" * 64, f"/acts/{DRAFT}/pages/0.png", f"/acts/{DRAFT}/document.exe"),
    *("/sign-in?next=//example.invalid", "/sign-in?next=javascript:alert(1)", "/.git/config", "/.env", "/healthz/x", "/healthz?x=" + "a" * 5000),
)  # fmt: skip


def _addresses() -> Iterator[HostileRequest]:
    for number, path in enumerate(_PATHS, 1):
        yield HostileRequest(f"path-{number}", "GET", path)
    for number, method in enumerate(
        ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "X" * 500), 1
    ):
        yield HostileRequest(f"method-{number}", method, "/forms")
        yield HostileRequest(f"method-api-{number}", method, "/api/v1/me", api=True)
    headers = (
        ("Cookie", "formsvc=" + "x" * 4000),
        ("Cookie", "formsvc=.eJw" + "A" * 3000 + ".x.y"),
        ("Cookie", "formsvc=\x01\x02; =; ;;;a"),
        ("Range", "bytes=0-0,1-1,2-2" + ",3-3" * 2000),
        ("Range", "bytes=99999999999999999999-"),
        ("Range", "bytes=-1-2-3"),
        ("If-None-Match", '"' + "x" * 5000),
        ("If-Modified-Since", "Thu, 99 Foo 99999 99:99:99 GMT"),
        ("Accept-Language", "zh-" + "x" * 3000 + ";q=9" * 500),
        ("Accept-Language", "../../x, \x00"),
        ("X-Forwarded-For", "127.0.0.1, " * 500),
        ("X-Forwarded-Host", "example.invalid"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Host", "example.invalid"),
        ("Host", "127.0.0.1:99999999"),
        ("Host", "a@b:c/d"),
        ("Referer", "javascript:alert(1)"),
        ("Origin", "null"),
        ("Expect", "x"),
        ("Transfer-Encoding", "x"),
        ("Content-Length", "-5"),
        ("Upgrade", "h2c"),
    )
    for number, header in enumerate(headers, 1):
        yield HostileRequest(f"header-{number}", "GET", "/forms", headers=(header,))


REQUESTS: tuple[HostileRequest, ...] = (*_bodies(), *_forms(), *_addresses())


# Bytes on the wire that no client library would send
RAW: dict[str, bytes] = {
    "nothing": b"",
    "noise": bytes(range(256)) * 4,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "http09": b"GET /\r\n",
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "version": b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    "no-host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two-hosts": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: example.invalid\r\n\r\n",
    "absolute": b"GET http://example.invalid/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "traversal": b"GET /static/../../config.py HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "null": b"GET /\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "long-line": b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "long-header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
    "many-headers": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
    "folded": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n b\r\n\r\n",
    "bare-line-feed": b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
    "length-negative": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    "length-words": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
    "length-huge": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + b"9" * 50 + b"\r\n\r\n",
    "length-twice": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "smuggled": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n",
    "chunk-odd": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n0\r\n\r\n",
    "chunk-huge": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx\r\n",
    "expect": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "pipelined": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 200,
}
