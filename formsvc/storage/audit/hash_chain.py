"""The chain that proves history: each commit adds a link that names every record it wrote, and the link before it.

A link's body is canonical JSON: when, and for each record its collection, its key and a digest. The link's hash is
SHA-256 over the hash before it and the body, so that nothing can be changed, taken out or put in between without every
later hash becoming another one. A record's digest is SHA-256 over 16 random bytes (its salt) and its canonical JSON.
Salts lie beside the body and are no part of the hash: destroying one makes the digest tell nothing about what was
erased, and the chain still holds. A mark after a link's salts tells whether they are as they were written; it is no proof.

Drafts change with every key pressed and have no standing; they are named only when they come back from review.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import orjson

from formsvc.domain.json_types import JSON
from formsvc.storage.tinydb_sqlite.values import is_plain
from formsvc.usecases.ports import Head

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

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

SALT = 16
NO_SALT = bytes(SALT)
_MARK = 8
_MOST_ROWS = 256
_OFFICE = timezone(timedelta(hours=8))


class Unreadable(ValueError):
    """What stands in the place of a link cannot have been written as one."""


class Body(NamedTuple):
    """What a link tells: when, of which records (collection, key, digest), and what else was done."""

    at: str
    rows: list[tuple[str, str, str]]
    told: str


class Place(NamedTuple):
    """How far a chain has come: the number of its last link and its hash."""

    seq: int
    hash: bytes


class Link(NamedTuple):
    """One link as it is stored."""

    seq: int
    hash: bytes
    body: str
    salts: bytes

    @property
    def place(self) -> Place:
        """The chain up to and with this link, for the next."""
        return Place(self.seq, self.hash)

    @property
    def head(self) -> Head:
        """The chain up to and with this link."""
        return Head(self.seq, self.hash.hex(), body_of(self.body).at)

    @property
    def salts_are_whole(self) -> bool:
        """Whether the salts fit their mark."""
        return marked(self.salts[:-_MARK]) == self.salts

    def entries(self) -> Iterator[tuple[str, str, str, bytes]]:
        """Collection, key, digest and salt of each record the link names."""
        for place, (collection, key, digest) in enumerate(body_of(self.body).rows):
            yield collection, key, digest, self.salts[place * SALT : (place + 1) * SALT]


BEFORE_ALL = Place(0, FIRST)
"""The place of a chain without links."""


def body_of(text: str) -> Body:
    """What stands in a link. Raises Unreadable where that is none."""
    try:
        found = json.loads(text)
        rows = [(collection, key, digest) for collection, key, digest in found["rows"]]
        body = Body(found["at"], rows, found.get("told", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable from error
    if not all(isinstance(each, str) for each in chain((body.at, body.told), *rows)):
        raise Unreadable
    return body


def names_in(body: str) -> Iterator[tuple[str, str]]:
    """Collection and key of each record that a link names."""
    for collection, key, _digest in body_of(body).rows:
        yield collection, key


def without_salts(link: Link, erased: Collection[tuple[str, str]]) -> Link:
    """The link with the salts of some records destroyed; its hash is the same."""
    salts = bytearray(link.salts[:-_MARK])
    for place, (collection, key, _digest) in enumerate(body_of(link.body).rows):
        if (collection, key) in erased:
            salts[place * SALT : (place + 1) * SALT] = NO_SALT
    return link._replace(salts=marked(bytes(salts)))


def marked(salts: bytes) -> bytes:
    """The salts of a link with their mark."""
    return salts + hashlib.blake2b(salts, digest_size=_MARK).digest()


def canonical(value: JSON) -> bytes:
    """The one way to write a value as JSON in UTF-8."""
    if type(value) in (dict, list) and is_plain(value):
        return _written(value)
    return _CANONICAL.encode(value).encode()


def _written(value: JSON) -> bytes:
    """What is known to hold nothing that orjson writes in another way."""
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return _CANONICAL.encode(value).encode()


def now() -> str:
    """When a link is added, as the office has it."""
    return _second(int(time.time()))


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, _OFFICE).isoformat(timespec="seconds")


def digest_of(salt: bytes, record: Mapping[str, JSON]) -> str:
    """What a link says of a record."""
    return _digest(salt, canonical(record))


def _digest(salt: bytes, text: bytes) -> str:
    return hashlib.sha256(salt + text).hexdigest()


def hash_after(previous: bytes, body: str) -> bytes:
    """The hash of the link with this body."""
    return _hash_after(previous, body.encode())


def _hash_after(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


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
        self._records: dict[tuple[str, str], bytes | str] = {}
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
        """A record was written whole, its key in it, or taken out (``new`` is None); ``old`` gives what was there before, if
        that is asked."""
        if new is not None and is_settled(collection, new):
            self._records[collection, key] = canonical(new)
        elif is_settled(collection, old()):
            self._records[collection, key] = DRAFT if new is not None else GONE

    def erase(self, collection: str, key: str) -> None:
        """What earlier links say of a record is to tell nothing any more."""
        self.erased.add((collection, key))
        self.told = ERASED

    def links_after(self, place: Place, at: str) -> Iterator[Link]:
        """The links that tell of the changes; mostly one."""
        entries = list(self._records.items())
        for start in range(0, max(len(entries), 1), _MOST_ROWS):
            link = _link(place, entries[start : start + _MOST_ROWS], at, self.told)
            place = link.place
            yield link


def _link(place: Place, entries: list[tuple[tuple[str, str], bytes | str]], at: str, told: str) -> Link:
    salts = os.urandom(SALT * len(entries))
    rows = []
    for n, ((collection, key), told_of) in enumerate(entries):
        salt = salts[n * SALT : (n + 1) * SALT]
        rows.append([collection, key, told_of if isinstance(told_of, str) else _digest(salt, told_of)])
    body = _written({"at": at, "rows": rows, **({"told": told} if told else {})})
    return Link(place.seq + 1, _hash_after(place.hash, body), body.decode(), marked(salts))
