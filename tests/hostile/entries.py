"""Hostile entries of the folder of definitions: links, pipes, names, sizes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.case import as_json, sound


@dataclass(frozen=True)
class HostileEntry:
    """Something made in the folder of definitions (first) or of templates (second)."""

    id: str
    what: str
    make: Callable[[Path, Path], None]


def _linked(target: str, name: str = "H01.json") -> Callable[[Path, Path], None]:
    return lambda definitions, _templates: (definitions / name).symlink_to(target)


def _named(name: str | bytes, content: bytes = b"{}") -> Callable[[Path, Path], None]:
    def make(definitions: Path, _templates: Path) -> None:
        with open(os.path.join(os.fsencode(definitions), os.fsencode(name)), "wb") as file:
            file.write(content)

    return make


def _pipe(name: str) -> Callable[[Path, Path], None]:
    return lambda definitions, _templates: os.mkfifo(definitions / name)


def _template_pipe(_definitions: Path, templates: Path) -> None:
    _named("H01.json", as_json(sound()).replace(b"HOSTILE", b"H01"))(_definitions, templates)
    os.mkfifo(templates / "H01.docx")


def _template_link(target: str) -> Callable[[Path, Path], None]:
    def make(definitions: Path, templates: Path) -> None:
        _named("H01.json", as_json(sound()).replace(b"HOSTILE", b"H01"))(definitions, templates)
        (templates / "H01.docx").symlink_to(target)

    return make


def _socket(definitions: Path, _templates: Path) -> None:
    # the address of a socket is at most 107 bytes long, so it is made from within
    place = os.open(definitions, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{place}/H01.json")
    os.close(place)


def _sparse(name: str) -> Callable[[Path, Path], None]:
    def make(definitions: Path, templates: Path) -> None:
        folder = templates if name.endswith(".docx") else definitions
        if name.endswith(".docx"):
            _named("H01.json", as_json(sound()).replace(b"HOSTILE", b"H01"))(definitions, templates)
        with open(folder / name, "wb") as file:
            file.truncate(10 * 2**30)

    return make


def _chain(definitions: Path, _templates: Path) -> None:
    for n in range(100):
        (definitions / f"H{n:03}.json").symlink_to(f"H{n + 1:03}.json")


def _unreadable(definitions: Path, _templates: Path) -> None:
    (definitions / "H01.json").write_bytes(b"{}")
    (definitions / "H01.json").chmod(0)


def _folder(name: str) -> Callable[[Path, Path], None]:
    return lambda definitions, _templates: (definitions / name).mkdir(parents=True)


def _register(*columns: dict[str, Any]) -> Callable[[Path, Path], None]:
    source = {"id": "h01", "title": "试验登记", "key": [columns[0]["key"]], "columns": columns}
    return _named("registers/h01.json", as_json(source))


ENTRIES: tuple[HostileEntry, ...] = (
    HostileEntry("link-nowhere", "a link to nowhere", _linked("nowhere")),
    HostileEntry("link-itself", "a link to itself", _linked("H01.json")),
    HostileEntry("link-zero", "a link to a device without end", _linked("/dev/zero")),
    HostileEntry("link-stdin", "a link to standard input", _linked("/dev/stdin")),
    HostileEntry("link-memory", "a link to the memory of the process", _linked("/proc/self/mem")),
    HostileEntry("link-folder", "a link to the folder itself", _linked(".")),
    HostileEntry("link-passwd", "a link to a file of the system", _linked("/etc/passwd")),
    HostileEntry("link-editor", "the lock of an editor", _linked("zhang@pc.123:456", ".#T22.json")),
    HostileEntry("link-chain", "a hundred links in a row", _chain),
    HostileEntry("pipe", "a named pipe", _pipe("H01.json")),
    HostileEntry("pipe-group", "a named pipe among the groups", _pipe("groups/H01.json")),
    HostileEntry("pipe-lookup", "a named pipe among the lookups", _pipe("lookups/h01.json")),
    HostileEntry("pipe-template", "a template that is a named pipe", _template_pipe),
    HostileEntry("template-nowhere", "a template that is a link to nowhere", _template_link("nowhere")),
    HostileEntry("template-zero", "a template that is a device", _template_link("/dev/zero")),
    HostileEntry("socket", "a socket", _socket),
    HostileEntry("folder", "a folder of that name", _folder("H01.json")),
    HostileEntry("folder-group", "a folder among the groups", _folder("groups/H01.json")),
    HostileEntry("sparse", "a definition of 10 GB", _sparse("H01.json")),
    HostileEntry("sparse-template", "a template of 10 GB", _sparse("H01.docx")),
    HostileEntry("sparse-group", "a group of 10 GB", _sparse("groups/H01.json")),
    HostileEntry("unreadable", "a file that may not be read", _unreadable),
    HostileEntry("name-escape", "a name with control characters", _named("H\x1b[2J\n01.json")),
    HostileEntry("name-bytes", "a name that is no UTF-8", _named(b"H\xff01.json")),
    HostileEntry("name-long", "a name of 255 bytes", _named("H" * 250 + ".json")),
    HostileEntry("name-html", "a name that is a script", _named("<script>x<script>.json")),
    HostileEntry("name-case", "the name of another form in small letters", _named("t07.json")),
    HostileEntry("name-copy", "the copy of another form", _named("T07 - 副本.json", as_json({"id": "T07"}))),
    HostileEntry("name-lock", "the lock of Word", _named("~$T07.json")),
    HostileEntry("name-dot", "no name before the dot", _named(".json")),
    HostileEntry("group-broken", "a broken group nobody includes", _named("groups/H01.json", b"{")),
    HostileEntry("group-list", "a group that is a list", _named("groups/H01.json", b"[]")),
    HostileEntry("register-link", "a register that is a link to nowhere", _linked("nowhere", "registers/h01.json")),
    HostileEntry("register-pipe", "a named pipe among the registers", _pipe("registers/h01.json")),
    HostileEntry("register-folder", "a folder among the registers", _folder("registers/h01.json")),
    HostileEntry("register-sparse", "a register of 10 GB", _sparse("registers/h01.json")),
    HostileEntry("register-deep", "a register of 100,000 arrays in one another", _named("registers/h01.json", b"[" * 100_000 + b"]" * 100_000)),
    HostileEntry("register-list", "a register that is a list", _named("registers/h01.json", b"[]")),
    HostileEntry("register-pattern", "a register with a pattern that never ends", _register({"key": "a", "label": "甲", "kind": "text", "pattern": "(a+)+$", "example": "a" * 40 + "!"})),
    HostileEntry("register-kind", "a register whose column is a class of Python", _register({"key": "__class__", "label": "甲", "kind": "__init__"})),
    HostileEntry("register-many", "a register of 20,000 columns", _register(*({"key": f"x{n}", "label": f"第{n}列", "kind": "text"} for n in range(20_000)))),
    HostileEntry("register-doubled", "a register under the id of another", _named("registers/hazards2.json", b'{"id": "hazards", "title": "x"}')),
    HostileEntry("lookup-list", "a lookup that is a list of numbers", _named("lookups/h01.json", b"[1]")),
    HostileEntry("lookup-odd", "a lookup without entries", _named("lookups/h01.json", b'{"entries": 5}')),
    HostileEntry("lookup-keys", "a lookup of hostile keys", _named("lookups/h01.json", b'{"entries": [{"code": "__class__", "name": "../x"}]}')),
    HostileEntry("lookup-many", "a lookup of 30,000 entries", _named("lookups/h01.json", as_json({"entries": [{"code": f"c{n}", "name": f"第{n}项"} for n in range(30_000)]}))),
)  # fmt: skip
