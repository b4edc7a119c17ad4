"""Kept files that were missing or altered when they were read."""

from __future__ import annotations

import logging

from formsvc.errors import FormsvcError, KeptFileDamaged
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.integrity import referenced_files
from formsvc.usecases.ports import Transaction

# key of the settings under which the hashes are stored, with the moment of the first sight
KEY = "damaged_files"
# an office whose whole folder is gone needs no longer list to know
MOST = 200
_log = logging.getLogger(__name__)


def record_damage(ports: Ports, hashes: list[str]) -> None:
    """Store that these files are damaged, for the administrators' home."""
    with ports.store.read() as tx:
        known = _known(tx)
    if all(sha256 in known for sha256 in hashes) or len(known) >= MOST:
        return
    now = ports.clock.now().isoformat(timespec="seconds")
    with ports.store.write() as tx:
        known = _known(tx)
        _save(tx, {**dict.fromkeys(hashes[: MOST - len(known)], now), **known})


def look_for_damage(ports: Ports) -> list[str]:
    """Read every file that a record names; store and return the damaged ones.

    Files that are whole again leave the list.
    """
    with ports.store.read() as tx:
        named, known = dict(referenced_files(tx)), _known(tx)
    damaged = [sha256 for sha256 in named if _is_damaged(ports, sha256)]
    for sha256 in damaged:
        _log.error("kept file %s is missing or altered: %s", sha256, named[sha256])
    if set(damaged) != set(known):
        now = ports.clock.now().isoformat(timespec="seconds")
        with ports.store.write() as tx:
            _save(tx, {sha256: known.get(sha256, now) for sha256 in damaged[:MOST]})
    return damaged


def list_damage(ports: Ports) -> list[str]:
    """Return what the files that are still damaged belong to."""
    with ports.store.read() as tx:
        known = _known(tx)
        if not known:
            return []
        named = dict(referenced_files(tx))
    return [named.get(sha256, sha256[:12]) for sha256 in known if _is_damaged(ports, sha256)]


def _is_damaged(ports: Ports, sha256: str) -> bool:
    try:
        ports.files.read(sha256)
    except KeptFileDamaged:
        return True
    except FormsvcError:
        # the disk could not be read just now: nothing is known about the file
        return False
    return False


def _known(tx: Transaction) -> dict[str, str]:
    return dict((tx.settings.get(KEY) or {}).get("files", {}))


def _save(tx: Transaction, files: dict[str, str]) -> None:
    record = {"id": KEY, "files": files}
    if tx.settings.get(KEY) is None:
        tx.settings.insert(KEY, record)
    else:
        tx.settings.replace(KEY, record)
