"""The chain that proves history: each commit adds a link that names every record it wrote, and the link before it.

A link's body is canonical JSON: when, and for each record its collection, its key and a digest. The link's hash is
SHA-256 over the hash before it and the body, so that nothing can be changed, taken out or put in between without every
later hash becoming another one. A record's digest is SHA-256 over 16 random bytes (its salt) and its canonical JSON.
Salts lie beside the body and are no part of the hash: destroying one makes the digest tell nothing about what was
erased, and the chain still holds.

Drafts change with every key pressed and have no standing; they are named only when they come back from review.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from formsvc.usecases.ports import JSON, Head

UNRECORDED = frozenset({"leases", "attempts", "replies", "allowances"})
"""What counts for seconds or minutes only."""

GONE, DRAFT = "gone", "draft"
"""In the place of a digest: the record was removed, or has become a draft again."""

FIRST = bytes(32)
"""The hash before the first link's."""

NOTHING = Head(0, FIRST.hex(), "")
"""The head of a chain without links."""

BEGUN = "begun with what an older program had kept"
ANCHOR_LOST = "the anchor was missing and was made anew"
ERASED = "erased by rule"

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

SALT = 16
NO_SALT = bytes(SALT)
_MOST_ROWS = 256
_OFFICE = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Link:
    """One link as it is stored."""

    seq: int
    hash: bytes
    body: str
    salts: bytes

    @property
    def head(self) -> Head:
        """The chain up to and with this link."""
        return Head(self.seq, self.hash.hex(), str(json.loads(self.body)["at"]))

    def entries(self) -> Iterator[tuple[str, str, str, bytes]]:
        """Collection, key, digest and salt of each record the link names."""
        for place, (collection, key, digest) in enumerate(json.loads(self.body)["rows"]):
            yield collection, key, digest, self.salts[place * SALT : (place + 1) * SALT]


def names_in(body: str) -> Iterator[tuple[str, str]]:
    """Collection and key of each record that a link names."""
    for collection, key, _digest in json.loads(body)["rows"]:
        yield collection, key


def without_salts(link: Link, erased: Collection[tuple[str, str]]) -> Link:
    """The link with the salts of some records destroyed; its hash is the same."""
    salts = bytearray(link.salts)
    for place, (collection, key, _digest) in enumerate(json.loads(link.body)["rows"]):
        if (collection, key) in erased:
            salts[place * SALT : (place + 1) * SALT] = NO_SALT
    return replace(link, salts=bytes(salts))


def canonical(value: JSON) -> str:
    """The one way to write a value as JSON."""
    return _CANONICAL.encode(value)


def now() -> str:
    """When a link is added, as the office has it."""
    return datetime.now(_OFFICE).isoformat(timespec="seconds")


def digest_of(salt: bytes, record: Mapping[str, JSON]) -> str:
    """What a link says of a record."""
    return _digest(salt, canonical(record))


def _digest(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


def hash_after(previous: bytes, body: str) -> bytes:
    """The hash of the link with this body."""
    return hashlib.sha256(previous + body.encode()).digest()


def is_settled(collection: str, record: Mapping[str, JSON] | None) -> bool:
    """Whether the chain vouches for the record as it stands."""
    if record is None or collection in UNRECORDED:
        return False
    return collection != "acts" or record.get("state") != "draft"


def no_record() -> None:
    """What was there before a record was added."""


class Changes:
    """What one transaction has written, each record as it stands at last."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], str] = {}
        self.erased: set[tuple[str, str]] = set()
        self.told = ""

    def __bool__(self) -> bool:
        return bool(self._records or self.told)

    def note(
        self,
        collection: str,
        key: str,
        old: Callable[[], Mapping[str, JSON] | None],
        new: Mapping[str, JSON] | None,
    ) -> None:
        """A record was written, or taken out (``new`` is None); ``old`` gives what was there before, if that is asked."""
        if new is not None and is_settled(collection, new):
            self._records[collection, key] = canonical({**new, "id": key})
        elif is_settled(collection, old()):
            self._records[collection, key] = DRAFT if new is not None else GONE

    def erase(self, collection: str, key: str) -> None:
        """What earlier links say of a record is to tell nothing any more."""
        self.erased.add((collection, key))
        self.told = ERASED

    def links_after(self, last: Link | None, at: str) -> Iterator[Link]:
        """The links that tell of the changes; mostly one."""
        entries = list(self._records.items())
        seq, previous = (last.seq, last.hash) if last else (0, FIRST)
        for start in range(0, max(len(entries), 1), _MOST_ROWS):
            seq += 1
            link = _link(seq, previous, entries[start : start + _MOST_ROWS], at, self.told)
            previous = link.hash
            yield link


def _link(seq: int, previous: bytes, entries: list[tuple[tuple[str, str], str]], at: str, told: str) -> Link:
    salts = os.urandom(SALT * len(entries))
    rows = []
    for place, ((collection, key), text) in enumerate(entries):
        salt = salts[place * SALT : (place + 1) * SALT]
        rows.append([collection, key, text if text in (DRAFT, GONE) else _digest(salt, text)])
    body = canonical({"at": at, "rows": rows, **({"told": told} if told else {})})
    return Link(seq, hash_after(previous, body), body, salts)
