"""The corpus itself: large enough, each entry once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.hostile.archives import BACKUPS, EXPORTS
from tests.hostile.definitions import DEFINITIONS
from tests.hostile.entries import ENTRIES
from tests.hostile.requests import REQUESTS
from tests.hostile.templates import TEMPLATES
from tests.hostile.uploads import UPLOADS, WORKBOOKS
from tests.hostile.values import VALUES

CORPUS: dict[str, tuple[Any, ...]] = {
    "definitions": DEFINITIONS,
    "templates": TEMPLATES,
    "values": VALUES,
    "requests": REQUESTS,
    "attachments": UPLOADS,
    "workbooks": WORKBOOKS,
    "backups": BACKUPS,
    "exports": EXPORTS,
    "entries": ENTRIES,
}


def test_the_corpus_holds_at_least_300_entries_each_once() -> None:
    ids = Counter(f"{kind} {case.id}" for kind, cases in CORPUS.items() for case in cases)
    assert ids.total() >= 300
    assert [name for name, count in ids.items() if count > 1] == []
