"""Rules that hold in every store: collections, indexes, what stays."""

from __future__ import annotations

from inspect import get_annotations

from formsvc.errors import Conflict, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import Transaction

_FILTERS = ("drafter", "form", "state", "authority")

# The port is the one list of collections; a new one is an attribute there and a migration.
COLLECTIONS = tuple(get_annotations(Transaction))

# The fields of each index. Registers filter by several fields at once, so the indexes of acts carry all of those:
# counting and paging need not look at the acts themselves.
INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "acts": (
        ("number",),
        ("source_act", "form", "dated", "state", "authority"),
        *(
            (field, "created_at", *(each for each in _FILTERS if each != field), "dated")
            for field in _FILTERS
        ),
        ("created_at", *_FILTERS, "dated", "search"),
        ("created_at", *_FILTERS, "dated"),
        ("dated", *_FILTERS),
        ("due", *_FILTERS),
    ),
    "events": (("act_id",), ("at",)),
    "numbers": (("series", "year", "n"), ("act_id",)),
    "revisions": (("form",),),
    "register_entries": (("register", "group"), ("register", "valid_to"), ("source_act",)),
    "register_rows": (
        ("register", "group"),
        ("register", "key"),
        ("turns",),
        *(("part", field) for field in ("s1", "s2", "s3", "s4")),
        *(("part", field, "s1") for field in ("f1", "f2", "f3", "f4", "f5")),
        ("part", "lacking", "s1"),
        ("part", "duplicate", "s1"),
        ("part", "d1"),
        ("part", "d2"),
    ),
    "replies": (("at",),),
}

# Fields that are searched for parts of their text.
SEARCHED: dict[str, tuple[str, ...]] = {"acts": ("search",), "register_rows": ("search",)}

APPEND_ONLY = frozenset({"events"})
NEVER_REMOVED = frozenset({"events", "numbers", "registers", "register_entries"})


def event_key(number: int) -> str:
    return f"{number:012d}"  # padded, so that keys sort by number


def duplicate_key(collection: str, key: str) -> Conflict:
    return Conflict(
        msg("“{key}”已经登记过（{collection}），没有重复登记。", key=key, collection=collection),
        msg("请刷新页面后查看已有的记录。"),
    )


def not_found(collection: str, key: str) -> NotFound:
    return NotFound(
        msg("没有找到“{key}”（{collection}）。", key=key, collection=collection),
        msg("它可能已被删除，请刷新页面后重试。"),
    )


def refuse_replacing(collection: str) -> None:
    """Raise RuntimeError for an append-only collection."""
    if collection in APPEND_ONLY:
        raise RuntimeError(f"{collection} is append-only: nothing in it is replaced")


def refuse_removing(collection: str) -> None:
    """Raise RuntimeError for a collection nothing is removed from."""
    if collection in NEVER_REMOVED:
        raise RuntimeError(f"nothing is ever removed from {collection}")
