"""What a step left behind in an office in memory, for the next office that stands where the first stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from formsvc.domain.acts.act import Act
from formsvc.storage.file_store import FolderFiles
from tests.support.memory_office import Office, SheetRenderer
from tests.support.memory_store import MemoryStore


@dataclass(frozen=True)
class _Outcome:
    """The act a step returned, the records after it, and the files it kept."""

    act: Act
    store: MemoryStore
    files: dict[str, bytes]


_OUTCOMES: dict[object, _Outcome] = {}


def replay(office: Office, step: str, perform: Callable[[], Act]) -> Act:
    """Perform a step, or do at once what it did in an office of the same history at the same moment.

    The hash chain covers every record of an office. A step depends on nothing else but the clock, the limits and the
    renderer.
    """
    ports = office.ports
    store, files = ports.store, ports.files
    if not (
        isinstance(store, MemoryStore)
        and isinstance(files, FolderFiles)
        and isinstance(ports.renderer, SheetRenderer)
    ):
        return perform()
    before = (store.head(), office.clock.moment, str(ports.limits), str(ports.policy), step)
    if before not in _OUTCOMES:
        known = _names(files)
        act = perform()
        kept = {name: (files.root / name).read_bytes() for name in _names(files) - known}
        _OUTCOMES[before] = _Outcome(act, store.copy(), kept)
        return act
    outcome = _OUTCOMES[before]
    for name, content in outcome.files.items():
        path = files.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    store.become(outcome.store)
    return outcome.act


def _names(files: FolderFiles) -> set[str]:
    return {str(path.relative_to(files.root)) for path in files.root.rglob("*") if path.is_file()}
