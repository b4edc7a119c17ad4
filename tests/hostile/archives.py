"""Hostile backups and exports of a store, as an operator may be handed them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile.case import Expected, HostileFile, constant

_HASH = "0" * 64
_MANIFEST: dict[str, Any] = {
    "id": "a", "made_at": "2026-11-23T09:00:00", "store_sha256": _HASH, "events": 0, "links": 0, "head": "",
    "acts": 0, "files": [], "held": [], "missing": [], "since": "", "settings": "", "own": {}, "format": 2,
}  # fmt: skip


def _backup(manifest: Any = None, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        text = (
            manifest
            if isinstance(manifest, bytes)
            else json.dumps(_MANIFEST if manifest is None else manifest)
        )
        archive.writestr("manifest.json", text)
        for name, content in {"formsvc.sqlite": b"x", **parts}.items():
            archive.writestr(name, content)
    return out.getvalue()


_CHANGES: dict[str, Any] = {
    "files": (5, "x", None, [5], {"a": 1}, ["../../x"], ["x" * 64]),
    "held": (5, None, [[]], ["../../x"]),
    "missing": (5, None),
    "own": (
        *(5, [], {"../x.json": _HASH}, {"/etc/x.json": _HASH}, {"a/..\\x.json": _HASH}, {"a/x.exe": _HASH}),
        *(
            {"a/C:x.json": _HASH},
            {"a/x.json": 5},
            {"form_definitions/x.json": _HASH},
            {"a/\x1b[2Jx.json": _HASH},
        ),
    ),
    "store_sha256": (5, None, "x"),
    "format": ("x", None, 99, -1, [], 1e308),
    "since": ("a", 5, "nothing", []),
    "id": (5, None, [], ""),
    "made_at": (5, None, "gestern", "\x1b[2J"),
    "links": ("x", None, -1, 1e308),
    "acts": ("x", None, [1]),
    "head": (5, None, "\x1b[2J"),
    "settings": (5, "x" * 64, []),
    "nothing": (5,),
}


def _backups() -> Iterator[HostileFile]:
    for key, values in _CHANGES.items():
        for number, value in enumerate(values, 1):
            content = _backup({**_MANIFEST, key: value})
            what = f"{key} of the manifest is {json.dumps(value)[:40]}"
            yield HostileFile(f"backup-{key}-{number}", what, constant(content))
    made: dict[str, tuple[str, Callable[[], bytes], bool]] = {
        "empty": ("no byte", lambda: b"", False),
        "noise": ("bytes of nothing", lambda: bytes(range(256)) * 20, False),
        "cut": ("cut short", lambda: _backup()[:200], False),
        "no-manifest": ("no manifest", lambda: _zip({"formsvc.sqlite": b"x"}), False),
        "no-store": ("no store", lambda: _zip({"manifest.json": json.dumps(_MANIFEST).encode()}), False),
        "manifest-text": ("a manifest that is no JSON", lambda: _backup(b"x"), False),
        "manifest-list": ("a manifest that is a list", lambda: _backup([]), False),
        "manifest-null": ("a manifest that is null", lambda: _backup(b"null"), False),
        "manifest-deep": ("a manifest 100,000 deep", lambda: _backup(b"[" * 100_000), False),
        "manifest-deep-object": ("objects 50,000 deep", lambda: _backup(b'{"a":' * 50_000), False),
        "manifest-number": ("a number of 5,000 digits", lambda: _backup(b'{"format": ' + b"9" * 5000 + b"}"), False),
        "manifest-huge": ("a manifest of 800 MB", lambda: _backup(b" " * 800_000_000), True),
        "manifest-40": ("a manifest of 40 MB", lambda: _backup(b" " * 40_000_000), True),
        "settings": (
            "settings that bring a secret key",
            lambda: _backup({**_MANIFEST, "settings": _HASH}, **{"formsvc.toml": b'secret_key = "x"\nfour_eyes = false\n'}),
            False,
        ),
        "sealed": ("a sealed one without content", lambda: b"formsvc sealed 1\n", False),
        "sealed-noise": ("a sealed one of nothing", lambda: b"formsvc sealed 1\n" + bytes(500), False),
    }  # fmt: skip
    for name, (what, build, slow) in made.items():
        yield HostileFile(f"backup-{name}", what, build, "refused", slow=slow)


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


_ACT = {"id": "a", "form": "T22", "state": "draft", "answers": {}}
_ACCOUNT = {"id": "zhang", "display_name": "张三", "roles": {}, "password": "x"}


def _exports() -> Iterator[HostileFile]:
    made: dict[str, tuple[str, bytes, Expected]] = {
        "empty": ("no byte", b"", "refused"),
        "text": ("text", b"x", "refused"),
        "list": ("a list", b"[]", "refused"),
        "null": ("null", b"null", "refused"),
        "nan": ("NaN", b'{"acts": {"1": NaN}}', "refused"),
        "huge": ("1e400", b'{"acts": {"1": {"id": "a", "x": 1e400}}}', "refused"),
        "digits": ("a number of 5,000 digits", b'{"acts": {"1": {"id": "a", "x": ' + b"9" * 5000 + b"}}}", "refused"),
        "deep": ("arrays 100,000 deep", b"[" * 100_000, "refused"),
        "deep-record": ("a record 5,000 deep", b'{"acts": {"1": ' + b'{"a":' * 5000 + b"1" + b"}" * 5002, "refused"),
        "not-utf8": ("bytes that are no UTF-8", b'{"acts": {"1": {"id": "\xff"}}}', "refused"),
        "format": ("a format that is text", b'{"_export": {"1": {"format": "x"}}}', "refused"),
        "format-list": ("a format that is a list", b'{"_export": {"1": {"format": [1]}}}', "refused"),
        "format-newer": ("a format to come", b'{"_export": {"1": {"format": 99}}}', "refused"),
        "table": ("a table that is a list", b'{"acts": []}', "refused"),
        "table-unknown": ("a table that is unknown", b'{"passwords": {"1": {"id": "a"}}}', "refused"),
        "table-escape": ("a table named by control characters", b'{"\\u001b[2J\\n\xe8\xa1\xa8": {"1": {"id": "a"}}}', "refused"),
        "row": ("a record that is a number", b'{"acts": {"1": 5}}', "refused"),
        "row-list": ("a record that is a list", b'{"acts": {"1": []}}', "refused"),
        "row-without-id": ("a record without id", b'{"acts": {"1": {"a": 1}}}', "refused"),
        "row-id": ("an id that is a number", b'{"acts": {"1": {"id": 5}}}', "refused"),
        "row-number": ("a number that is none", '{"acts": {"²": {"id": "a"}}}'.encode(), "refused"),
        "row-path": ("a number that is a path", b'{"acts": {"../x": {"id": "a"}}}', "refused"),
        "row-twice": ("an id twice", b'{"acts": {"1": {"id": "a"}, "2": {"id": "a"}}}', "refused"),
        "key-twice": ("a table twice", b'{"acts": {}, "acts": {"1": {"id": "a"}}}', "either"),
        "id-null": ("an id with U+0000", b'{"acts": {"1": {"id": "a\\u0000"}}}', "refused"),
        "id-surrogate": ("an id of half a pair", b'{"acts": {"1": {"id": "\\ud800"}}}', "refused"),
        "account-bare": ("an account without anything", b'{"accounts": {"1": {"id": "zhang"}}}', "refused"),
        "account-more": ("an account with unknown keys", _table("accounts", {**_ACCOUNT, "root": True}), "refused"),
        "account-roles": ("an account of odd roles", _table("accounts", {**_ACCOUNT, "roles": 5}), "refused"),
        "act-answers": ("an act whose answers are a list", _table("acts", {**_ACT, "answers": []}), "refused"),
        "act-state": ("an act of an unknown state", _table("acts", {**_ACT, "state": "x"}), "refused"),
        "token": ("a token of nobody", _table("tokens", {"id": "x", "account": "nobody"}), "refused"),
    }  # fmt: skip
    for name, (what, content, expected) in made.items():
        yield HostileFile(f"export-{name}", what, constant(content), expected)


def _table(name: str, record: dict[str, Any]) -> bytes:
    return json.dumps({name: {"1": record}}).encode()


BACKUPS: tuple[HostileFile, ...] = tuple(_backups())
EXPORTS: tuple[HostileFile, ...] = tuple(_exports())
