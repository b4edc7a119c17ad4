"""Kept files that were missing or altered when they were read."""

from __future__ import annotations

import logging
from itertools import islice

from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError, KeptFileDamaged
from formsvc.i18n.messages import from_json, msg, to_json
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.integrity import referenced_files
from formsvc.usecases.ports import Transaction

# key of the settings under which hashes are stored, with what the file belongs to
KEY = "damaged_files"
# an office whose whole folder is gone needs no longer list to know
MOST = 200
_log = logging.getLogger(__name__)


def record_damage(ports: Ports, sha256: str) -> None:
    """Store that a file is damaged, for the administrators' home."""
    with ports.store.read() as tx:
        known = _known(tx)
        if sha256 in known or len(known) >= MOST:
            return
        name = dict(referenced_files(tx)).get(sha256, msg("没有登记的文件 {sha256}", sha256=sha256[:12]))
    with ports.store.write() as tx:
        _save(tx, {**_known(tx), sha256: to_json(name)})


def look_for_damage(ports: Ports) -> list[str]:
    """Read every file that a record names; store and return the damaged ones.

    Files that are whole again leave the list.
    """
    with ports.store.read() as tx:
        named, known = dict(referenced_files(tx)), _known(tx)
    damaged = {sha256: to_json(name) for sha256, name in named.items() if _is_damaged(ports, sha256)}
    for sha256 in damaged:
        _log.error("kept file %s is missing or altered: %s", sha256, named[sha256])
    if set(damaged) != set(known):
        with ports.store.write() as tx:
            _save(tx, dict(islice(damaged.items(), MOST)))
    return list(damaged)


def missing_files(ports: Ports) -> list[str]:
    """Return what the files belong to that are missing or altered."""
    with ports.store.read() as tx:
        named = dict(referenced_files(tx))
    return [name for sha256, name in named.items() if _is_damaged(ports, sha256)]


def list_damage(ports: Ports) -> list[str]:
    """Return what the files that are still damaged belong to."""
    with ports.store.read() as tx:
        known = _known(tx)
    return [from_json(name) for sha256, name in known.items() if _is_damaged(ports, sha256)]


def _is_damaged(ports: Ports, sha256: str) -> bool:
    try:
        ports.files.read(sha256)
    except KeptFileDamaged:
        return True
    except FormsvcError:
        # the disk could not be read just now: nothing is known about the file
        return False
    return False


def _known(tx: Transaction) -> dict[str, JSON]:
    return dict((tx.settings.get(KEY) or {}).get("files", {}))


def _save(tx: Transaction, files: dict[str, JSON]) -> None:
    record = {"id": KEY, "files": files}
    if tx.settings.get(KEY) is None:
        tx.settings.insert(KEY, record)
    else:
        tx.settings.replace(KEY, record)
