"""Disk cache of checked pairs and registers.

The processes of an instance share it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from formsvc.documents.checking.pairs import CheckedPair, PairChecker, PairSource
from formsvc.documents.checking.registers import CheckedRegister, RegisterFile
from formsvc.documents.checking.serialization import (
    checked_pair_from_json,
    checked_pair_to_json,
    checked_register_from_json,
    checked_register_to_json,
)
from formsvc.documents.workers.messages import fault_from_json, fault_to_json
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.definitions.cross_checks import Forms
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import from_json, to_json
from formsvc.limits import process_limits

_PACKAGE = Path(__file__).resolve().parents[2]
# outcomes to keep: some sixty kinds of documents, each with its latest changes
_MAX_ENTRIES = 500
_POLL_SECONDS = 0.1


class CachedChecker:
    """A ``PairChecker`` that checks equal bytes once.

    A process that meets bytes another one is just checking waits for its outcome, ``seconds`` at most. The key
    holds the sizes and times of the program's own files: a new version checks everything again.
    """

    def __init__(self, checker: PairChecker, folder: Path, *, seconds: float) -> None:
        self._checker, self._folder, self._seconds = checker, folder, seconds

    def check(self, source: PairSource) -> CheckedPair:
        entry = self._folder / f"{_key(source)}.json"
        known = _read(entry, source)
        if known is not None:
            return known
        with self._claim(entry) as is_mine:
            checked = None if is_mine else self._wait(entry, source)
            if checked is None:
                checked = self._checker.check(source)
                if not checked.is_final:
                    return checked
                _write(entry, json.dumps(checked_pair_to_json(checked), ensure_ascii=False))
        return checked

    def check_register(self, source: RegisterFile) -> CheckedRegister:
        lookups = [part for name, text in sorted(source.lookups.items()) for part in (name.encode(), text)]
        entry = self._folder / f"{_digest([source.name.encode(), source.content, *lookups])}-register.json"
        try:
            return checked_register_from_json(json.loads(entry.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            checked = self._checker.check_register(source)
            if checked.is_final:
                _write(entry, json.dumps(checked_register_to_json(checked), ensure_ascii=False))
            return checked

    def check_template(self, template: bytes) -> tuple[Fault, ...]:
        return self._checker.check_template(template)

    def load(self, source: PairSource) -> tuple[FormDefinition | None, list[Fault]]:
        return self._checker.load(source)

    def read_json(self, content: bytes, shown_as: str) -> tuple[JSON, list[Fault]]:
        # each command asks for the same few files: a process for them alone would double its start
        entry = self._folder / f"{_digest([shown_as.encode(), content])}-json.json"
        try:
            record = json.loads(entry.read_text(encoding="utf-8"))
            return record["value"], [fault_from_json(fault) for fault in record["faults"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            value, faults = self._checker.read_json(content, shown_as)
            if value is not None:
                record = {"value": value, "faults": [fault_to_json(fault) for fault in faults]}
                _write(entry, json.dumps(record))
            return value, faults

    def check_between(
        self, forms: Forms, offered: Collection[str], listed: Collection[str] | None
    ) -> Sequence[Fault]:
        # a fifth of the time in which a command starts
        compared = [forms, sorted(offered), None if listed is None else sorted(listed)]
        entry = self._folder / f"{_digest([json.dumps(compared, ensure_ascii=False).encode()])}-between.json"
        try:
            record = json.loads(entry.read_text(encoding="utf-8"))
            return [fault_from_json(fault) for fault in record["faults"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            faults = self._checker.check_between(forms, offered, listed)
            record = {"faults": [fault_to_json(fault) for fault in faults]}
            _write(entry, json.dumps(record, ensure_ascii=False))
            return faults

    def layout_warnings(self, template: bytes) -> list[str]:
        digest = hashlib.sha256(program_fingerprint() + template).hexdigest()
        entry = self._folder / f"{digest}-layout.json"
        try:
            return [from_json(text) for text in json.loads(entry.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError, KeyError):
            warnings = self._checker.layout_warnings(template)
            _write(entry, json.dumps([to_json(text) for text in warnings], ensure_ascii=False))
            return warnings

    def close(self) -> None:
        self._checker.close()
        _remove_oldest(self._folder)

    @contextmanager
    def _claim(self, entry: Path) -> Iterator[bool]:
        """Yield True if this process is to check; False if another one does."""
        claim = entry.with_suffix(".claim")
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            yield False
            return
        except OSError:
            # without a place for the cache everything is checked each time
            yield True
            return
        try:
            yield True
        finally:
            claim.unlink(missing_ok=True)

    def _wait(self, entry: Path, source: PairSource) -> CheckedPair | None:
        claim = entry.with_suffix(".claim")
        until = time.monotonic() + self._seconds
        while time.monotonic() < until and claim.exists():
            time.sleep(_POLL_SECONDS)
        known = _read(entry, source)
        if known is None:
            # its process was killed
            claim.unlink(missing_ok=True)
        return known


def _key(source: PairSource) -> str:
    folders = (source.groups, source.lookups, {"-": b""} if source.registers is None else source.registers)
    shared = [item for folder in folders for item in (*sorted(folder.items()), ("", b""))]
    parts = [
        source.form.encode(),
        source.definition,
        source.template_name.encode(errors="surrogatepass"),
        b"-" if source.template is None else hashlib.sha256(source.template).digest(),
    ]
    for name, content in sorted(source.variants.items()):
        digest_of_variant = b"-" if content is None else hashlib.sha256(content).digest()
        parts += [name.encode(errors="surrogatepass"), digest_of_variant]
    return _digest([*parts, *(b for name, content in shared for b in (name.encode(), content))])


def _digest(parts: Iterable[bytes]) -> str:
    # a limit that was raised may let pass what it refused before
    digest = hashlib.sha256(program_fingerprint() + repr(process_limits()).encode())
    for part in parts:
        # the length before each part: "ab" + "c" is not "a" + "bc"
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@cache
def program_fingerprint() -> bytes:
    """Return a digest that any change of the program's files changes."""
    files = sorted(_PACKAGE.rglob("*.py"))
    states = [(str(f.relative_to(_PACKAGE)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    return hashlib.sha256(repr((sys.version, states)).encode()).digest()


def _read(entry: Path, source: PairSource) -> CheckedPair | None:
    try:
        record = json.loads(entry.read_text(encoding="utf-8"))
        return checked_pair_from_json(record, source)
    except (OSError, ValueError):
        return None


def _write(entry: Path, text: str) -> None:
    # several processes may write the same entry: each replaces it whole
    partial = entry.with_suffix(f".{os.getpid()}")
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(entry)
    except OSError:
        # a full disk costs time at the next check, nothing else
        partial.unlink(missing_ok=True)


def _remove_oldest(folder: Path) -> None:
    try:
        entries = sorted(folder.glob("*.json"), key=lambda f: f.stat().st_mtime)
        for entry in entries[:-_MAX_ENTRIES]:
            entry.unlink(missing_ok=True)
    except OSError:
        return  # another process is removing the same files
