"""What a power cut would leave: everything a program wrote but never synced is taken away again.

A killed program loses nothing that it handed to the system, so kills alone cannot tell a store that syncs from one that
does not. Here the syncs themselves are watched: SQLite's through its own file layer (the default ``sqlite3_vfs`` is given
an ``xSync`` of ours), Python's through ``os.fsync``. At each sync of the store's files a copy of them is laid aside, of
kept files and folders it is noted; :meth:`PowerCut.happen` puts back what was laid aside and takes away the rest.
Linux only, and only with a Python that loads SQLite as a library.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORE_FILES = ("formsvc.sqlite", "formsvc.sqlite-wal")
_WORD = ctypes.c_void_p
_Open = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_XOPEN, _XSYNC, _METHODS = 5, 5, 19
"""Places in ``sqlite3_vfs`` and ``sqlite3_io_methods``, counted in words; how many words the latter has."""
_kept_alive: list[Any] = []


def library() -> ctypes.CDLL | None:
    """The SQLite library that Python itself has loaded, if there is one."""
    sqlite3.connect(":memory:").close()
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split()[-1] for line in maps if "libsqlite3" in line}
    return ctypes.CDLL(paths.pop()) if paths else None


def watch_sqlite(synced: Callable[[str], None]) -> None:
    """Call ``synced`` with the path of every file that SQLite syncs from now on, after it was synced."""
    loaded = library()
    assert loaded is not None
    loaded.sqlite3_vfs_find.restype = ctypes.c_void_p
    vfs = ctypes.cast(loaded.sqlite3_vfs_find(None), ctypes.POINTER(_WORD))
    plain_open = _Open(vfs[_XOPEN])
    paths: dict[int, str] = {}
    tables: dict[int, Any] = {}

    def opened(which: int, name: int | None, file: int, flags: int, out: int) -> int:
        # SQLite goes on using the very memory the name lies in: it is handed on as it came
        status: int = plain_open(which, name, file, flags, out)
        slot = ctypes.cast(file, ctypes.POINTER(_WORD))
        if status == 0 and name and slot[0]:
            paths[file] = os.fsdecode(ctypes.string_at(name))
            slot[0] = ctypes.addressof(_table(slot[0], tables, paths, synced))
        return status

    replaced = _Open(opened)
    _kept_alive.extend((replaced, plain_open, tables))
    vfs[_XOPEN] = ctypes.cast(replaced, _WORD).value


def _table(plain: int, tables: dict[int, Any], paths: dict[int, str], synced: Callable[[str], None]) -> Any:
    """The methods of an open file with ``xSync`` replaced; one table for each of SQLite's own."""
    if plain not in tables:
        copy = (_WORD * _METHODS)(*ctypes.cast(plain, ctypes.POINTER(_WORD))[:_METHODS])
        plain_sync = _Sync(copy[_XSYNC] or 0)

        def sync(file: int, flags: int) -> int:
            status: int = plain_sync(file, flags)
            if status == 0:
                synced(paths[file])
            return status

        replaced = _Sync(sync)
        copy[_XSYNC] = ctypes.cast(replaced, _WORD).value
        _kept_alive.extend((replaced, plain_sync))
        tables[plain] = copy
    return tables[plain]


class PowerCut:
    """An instance whose syncs are watched. ``files`` is the folder of its kept files."""

    def __init__(self, instance: Path, files: Path, aside: Path) -> None:
        self.instance, self.files, self.aside = instance, files, aside
        self._notes = aside / "synced"

    def begin(self) -> None:
        """What is there now counts as synced. Nobody may have the store open."""
        self.aside.mkdir(parents=True, exist_ok=True)
        self._notes.write_bytes(b"")
        for name in STORE_FILES:
            (self.aside / name).unlink(missing_ok=True)
            if (self.instance / name).exists():
                shutil.copyfile(self.instance / name, self.aside / name)
        with self._note() as note:
            for place in (self.files, *self.files.rglob("*")):
                note(place)

    def watch(self) -> None:
        """In a program that writes: watch its syncs from now on."""
        plain = os.fsync

        def noted(what: int) -> None:
            plain(what)
            place = Path(os.readlink(f"/proc/self/fd/{what}"))
            if place.is_relative_to(self.files):
                with self._note() as note:
                    note(place)

        os.fsync = noted  # type: ignore[assignment]
        watch_sqlite(self._lay_aside)

    def happen(self) -> None:
        """The power goes: only what was synced is left. Every writer must be dead."""
        for name in STORE_FILES:
            (self.instance / name).unlink(missing_ok=True)
            if (self.aside / name).exists():
                shutil.copyfile(self.aside / name, self.instance / name)
        (self.instance / "formsvc.sqlite-shm").unlink(missing_ok=True)
        inodes, names = self._noted()
        for place in sorted(self.files.rglob("*"), key=lambda p: -len(p.parts)):
            if str(place) not in names:
                place.unlink() if place.is_file() else shutil.rmtree(place)
            elif place.is_file() and place.stat().st_ino not in inodes:
                place.write_bytes(b"")

    def _lay_aside(self, path: str) -> None:
        """A copy of the file as it was synced; one program after the other, so that none is older than the last."""
        name = Path(path).name
        if name not in STORE_FILES:
            return
        with open(self.aside / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            part = self.aside / f"{name}.{os.getpid()}"
            shutil.copyfile(path, part)
            os.replace(part, self.aside / name)

    @contextmanager
    def _note(self) -> Iterator[Callable[[Path], None]]:
        log = os.open(self._notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

        def note(place: Path) -> None:
            found = {"names": [str(p) for p in place.iterdir()]} if place.is_dir() else {}
            os.write(log, json.dumps({**found, "inode": place.stat().st_ino}).encode() + b"\n")

        try:
            yield note
        finally:
            os.close(log)

    def _noted(self) -> tuple[set[int], set[str]]:
        inodes: set[int] = set()
        names: set[str] = set()
        for line in self._notes.read_bytes().splitlines():
            told = json.loads(line)
            inodes.add(told["inode"])
            names.update(told.get("names", ()))
        return inodes, names
