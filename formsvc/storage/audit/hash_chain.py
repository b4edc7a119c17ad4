"""Hash chain that proves the history.

Each commit adds a link that names every record it wrote. A link's body is canonical JSON: when, and for each
record its collection, its key and a digest. The link's hash is SHA-256 over the previous hash and the body,
so that nothing can be changed, removed or inserted without changing every later hash. A record's digest is
SHA-256 over 16 random bytes (its salt) and its canonical JSON.

Salts are stored next to the body and are not part of the hash: destroying one makes the digest say nothing about
what was erased, and the chain still holds. A checksum after a link's salts finds damage to them; it is no
proof.

Drafts change with every key pressed and are not audited; they are named only when an act becomes a draft
again.
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
from formsvc.storage.tinydb_sqlite.values import is_orjson_safe
from formsvc.usecases.ports import ChainHead

# What counts for seconds or minutes only, and what follows from other records.
UNAUDITED = frozenset({"leases", "attempts", "replies", "allowances", "sessions", "register_rows"})

# In place of a digest: the record was removed, or became a draft again. These words are stored.
REMOVED, DRAFT = "gone", "draft"

# The hash before the first link's.
GENESIS_HASH = bytes(32)

EMPTY_CHAIN = ChainHead(0, GENESIS_HASH.hex(), "")

# Events of the chain; these sentences are stored in links.
CHAIN_BEGUN = "begun with what an older program had kept"
ANCHOR_LOST = "the anchor was missing and was made anew"
ERASED = "erased by rule"

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

SALT_BYTES = 16
NO_SALT = bytes(SALT_BYTES)
_CHECKSUM_BYTES = 8
_MAX_ROWS = 256
_LOCAL_ZONE = timezone(timedelta(hours=8))


class UnreadableLink(ValueError):
    """Stored bytes in place of a link that cannot have been written as one."""


class LinkBody(NamedTuple):
    """Content of a link; a row is collection, key and digest."""

    at: str
    rows: list[tuple[str, str, str]]
    event: str


class ChainPosition(NamedTuple):
    """Number and hash of the last link."""

    seq: int
    hash: bytes


class Link(NamedTuple):
    seq: int
    hash: bytes
    body: str
    salts: bytes

    @property
    def position(self) -> ChainPosition:
        return ChainPosition(self.seq, self.hash)

    @property
    def head(self) -> ChainHead:
        return ChainHead(self.seq, self.hash.hex(), parse_body(self.body).at)

    @property
    def has_valid_salts(self) -> bool:
        """Return whether the salts fit their checksum."""
        return with_checksum(self.salts[:-_CHECKSUM_BYTES]) == self.salts

    def entries(self) -> Iterator[tuple[str, str, str, bytes]]:
        for place, (collection, key, digest) in enumerate(parse_body(self.body).rows):
            yield collection, key, digest, self.salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]


CHAIN_START = ChainPosition(0, GENESIS_HASH)


def parse_body(text: str) -> LinkBody:
    """Return a link's content. Raise UnreadableLink if it is not one."""
    try:
        content = json.loads(text)
        rows = [(collection, key, digest) for collection, key, digest in content["rows"]]
        body = LinkBody(content["at"], rows, content.get("told", ""))  # the stored key of ``event``
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableLink from error
    if not all(isinstance(each, str) for each in chain((body.at, body.event), *rows)):
        raise UnreadableLink
    return body


def records_named(body: str) -> Iterator[tuple[str, str]]:
    for collection, key, _digest in parse_body(body).rows:
        yield collection, key


def without_salts(link: Link, erased: Collection[tuple[str, str]]) -> Link:
    """Return the link with the salts of some records zeroed; its hash stays."""
    salts = bytearray(link.salts[:-_CHECKSUM_BYTES])
    for place, (collection, key, _digest) in enumerate(parse_body(link.body).rows):
        if (collection, key) in erased:
            salts[place * SALT_BYTES : (place + 1) * SALT_BYTES] = NO_SALT
    return link._replace(salts=with_checksum(bytes(salts)))


def with_checksum(salts: bytes) -> bytes:
    return salts + hashlib.blake2b(salts, digest_size=_CHECKSUM_BYTES).digest()


def canonical_json(value: JSON) -> bytes:
    """Return the one JSON text of a value: sorted keys, no blanks, UTF-8."""
    if type(value) in (dict, list) and is_orjson_safe(value):
        return _dumps(value)
    return _CANONICAL.encode(value).encode()


def _dumps(value: JSON) -> bytes:
    # Only for values that orjson writes exactly as json does; lone surrogates it refuses.
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return _CANONICAL.encode(value).encode()


def local_timestamp() -> str:
    """Return the present second in Chinese time."""
    return _format_second(int(time.time()))


@lru_cache(maxsize=1)  # several commits a second share it
def _format_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, _LOCAL_ZONE).isoformat(timespec="seconds")


def record_digest(salt: bytes, record: Mapping[str, JSON]) -> str:
    return _digest(salt, canonical_json(record))


def _digest(salt: bytes, text: bytes) -> str:
    return hashlib.sha256(salt + text).hexdigest()


def link_hash(previous: bytes, body: str) -> bytes:
    return _link_hash(previous, body.encode())


def _link_hash(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


def is_audited(collection: str, record: Mapping[str, JSON] | None) -> bool:
    """Return whether the chain vouches for the record."""
    if record is None or collection in UNAUDITED:
        return False
    return collection != "acts" or record.get("state") != "draft"


def no_record() -> None:
    """Stand in for the previous version of a new record: there is none."""


class Changes:
    """Records that one transaction has written, each as it is at the end."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], bytes | str] = {}
        self.erased: set[tuple[str, str]] = set()
        self.event = ""

    def __bool__(self) -> bool:
        return bool(self._records or self.event)

    def add(
        self,
        collection: str,
        key: str,
        old: Callable[[], Mapping[str, JSON] | None],
        new: Mapping[str, JSON] | None,
    ) -> None:
        """Add a record that was written, or removed (``new`` is None).

        ``old`` returns the previous version; it is called only if needed, as it costs a JSON parse.
        """
        if new is not None and is_audited(collection, new):
            self._records[collection, key] = canonical_json(new)
        elif is_audited(collection, old()):
            self._records[collection, key] = DRAFT if new is not None else REMOVED

    def erase(self, collection: str, key: str) -> None:
        """Mark a record whose earlier digests must no longer prove anything."""
        self.erased.add((collection, key))
        self.event = ERASED

    def to_links(self, place: ChainPosition, at: str) -> Iterator[Link]:
        """Yield the links for the changes: one for every 256 records."""
        entries = list(self._records.items())
        for start in range(0, max(len(entries), 1), _MAX_ROWS):
            link = _make_link(place, entries[start : start + _MAX_ROWS], at, self.event)
            place = link.position
            yield link


def _make_link(
    place: ChainPosition, entries: list[tuple[tuple[str, str], bytes | str]], at: str, event: str
) -> Link:
    # One call for all salts, not a system call for each record.
    salts = os.urandom(SALT_BYTES * len(entries))
    rows = []
    for n, ((collection, key), content) in enumerate(entries):
        salt = salts[n * SALT_BYTES : (n + 1) * SALT_BYTES]
        rows.append([collection, key, content if isinstance(content, str) else _digest(salt, content)])
    body = _dumps({"at": at, "rows": rows, **({"told": event} if event else {})})
    return Link(place.seq + 1, _link_hash(place.hash, body), body.decode(), with_checksum(salts))
