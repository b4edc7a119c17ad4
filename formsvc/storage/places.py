"""Places of a store's files and anchor, remembered inside the store.

A command without the settings of the service takes other places: it would find no document, and begin a
second anchor. Both are refused until what is at the former place has been moved.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.storage.audit.anchor import anchor_path
from formsvc.storage.tinydb_sqlite.session import Session

NAME = "places"  # of the row in the table of the file itself; a backup has none


@dataclass(frozen=True)
class Places:
    """Folder of the kept files, and path of the anchor, of one store."""

    store: Path
    files: Path
    anchor: Path

    def to_text(self) -> str:
        """Return both as text, relative to the store where they are in its folder."""
        both = {"files": self._short(self.files), "anchor": self._short(self.anchor)}
        return json.dumps(both, ensure_ascii=False)

    def _short(self, path: Path) -> str:
        folder = self.store.absolute().parent
        return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def places_of(store: Path, files: Path, anchor: Path | None) -> Places:
    store = store.absolute()
    return Places(store, files.absolute(), (anchor or anchor_path(store)).absolute())


def require_places(session: Session, places: Places) -> None:
    """Raise FormsvcError if the store remembers other places than these."""
    former = _remembered(session, places.store)
    if former is None:
        return
    if former.files != places.files and (_has_files(former.files) or not _has_files(places.files)):
        raise FormsvcError(
            msg(
                "这里的数据把文件存放在“{former}”，现在的设置指到“{now}”，没有继续。",
                former=former.files,
                now=places.files,
            ),
            msg(
                "请用服务的设置（FORMSVC_FILES）运行；确实换了地方的，把整个文件夹移到新的地方，原处不要再留。"
            ),
        )
    if former.anchor != places.anchor and (former.anchor.exists() or not places.anchor.exists()):
        raise FormsvcError(
            msg(
                "这里的数据的锚文件是“{former}”，现在的设置指到“{now}”，没有继续。",
                former=former.anchor,
                now=places.anchor,
            ),
            msg("请用服务的设置（FORMSVC_ANCHOR）运行；确实换了地方的，把锚文件移到新的地方，原处不要再留。"),
        )


def needs_remembering(session: Session, places: Places) -> bool:
    """Return whether these places are in use and not remembered yet."""
    in_use = _has_files(places.files) and places.anchor.exists()
    return in_use and _text(session) != places.to_text()


def remember_places(session: Session, places: Places) -> None:
    session.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (NAME, places.to_text()))


def forget_places(path: Path) -> None:
    """Take the places out of a copy: it will have others."""
    with closing(sqlite3.connect(str(path), isolation_level=None)) as connection:
        connection.execute("DELETE FROM meta WHERE name=?", (NAME,))


def _text(session: Session) -> str:
    row = session.connection.execute("SELECT value FROM meta WHERE name=?", (NAME,)).fetchone()
    return str(row[0]) if row else ""


def _remembered(session: Session, store: Path) -> Places | None:
    try:
        both = json.loads(_text(session) or "{}")
        # an absolute path stays as it is
        return Places(store, store.parent / both["files"], store.parent / both["anchor"])
    except (ValueError, KeyError, TypeError):
        return None


def _has_files(folder: Path) -> bool:
    return next(folder.glob("??/??/*"), None) is not None
