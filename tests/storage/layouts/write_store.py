"""Write the small store of a layout with the program that had it; all people and shops are fictitious.

``git archive COMMIT formsvc | tar x -C FOLDER``, then
``PYTHONPATH=FOLDER python -P tests/storage/layouts/write_store.py TARGET``, and pack ``formsvc.sqlite*`` of the target. Commits: 329e0c8f^ for layout 1, 329e0c8f 2, 521c589d 3, e770e392 4,
d20148fc 5, 6e6aa43a 6, 1883a0fa 7, 0ba327f9 8, 4f914251 9, 2ae22436 10, 9a5d6904 11, 883db1bf 12, 160c2f53 13, ce7f371e 14,
2aefe345 15.
``layout-13-from-03`` is the store of layout 3, opened once by the program of layout 13.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

SHOPS = (
    ("A1", "T22", "责令改正通知书", "虚构杂货店（FAKE）", "2026-01-05"),
    ("A2", "T22", "责令改正通知书", "虚构餐馆（FAKE）", "2026-01-06"),
    ("A3", "T15", "消防安全检查记录", "虚构棋牌室（FAKE）", "2026-01-07"),
)
ISSUED = 2  # of them, the first ones


def write(store: Any) -> None:
    """Three documents, each drafted and changed; two of them issued."""
    with store.write() as tx:
        tx.offices.insert("donghe", {"id": "donghe", "name": "东河镇消防工作站（虚构）"})
        authority = {"id": "donghe", "name": "东河镇人民政府（虚构）", "kind": "township"}
        tx.authorities.insert("donghe", authority)
        for name in ("staff", "approver", "admin"):
            person = {"id": name, "display_name": f"虚构人员{name}", "office": "donghe", "password": ""}
            tx.accounts.insert(name, {**person, "roles": {"*": [name]}})
    for key, form, title, party, day in SHOPS:
        with store.write() as tx:
            tx.acts.insert(key, act(key, form, title, "待填", day))
            tell(tx, key, "Created", day)
        with store.write() as tx:
            tx.acts.replace(key, {**act(key, form, title, party, day), "version": 2})
    for n, shop in enumerate(SHOPS[:ISSUED], start=1):
        with store.write() as tx:
            issue(tx, shop[0], n, shop[-1])


def act(key: str, form: str, title: str, party: str, day: str) -> dict[str, Any]:
    """A draft, as every layout stores it."""
    moment = f"{day}T09:00:00+08:00"
    return {
        "id": key, "form": form, "revision": "", "title": title, "authority": "donghe", "office": "donghe",
        "drafter": "staff", "state": "draft", "version": 1, "created_at": moment, "updated_at": moment, "word": "", "pdf": "", "party": party,
        "answers": {"party_name": party}, "search": f"{title} {party}".lower(),
    }  # fmt: skip


def issue(tx: Any, key: str, n: int, day: str) -> None:
    """Its number, with register, counter and history."""
    text, draft = f"东消改〔2026〕{n}号", tx.acts.get(key)
    counter = {"id": "消改/2026", "last": n, "last_dated": day}
    (tx.counters.replace if n > 1 else tx.counters.insert)("消改/2026", counter)
    row = {"series": "消改", "year": 2026, "n": n, "text": text, "act_id": key, "state": "used"}
    tx.numbers.insert(f"消改/2026/{n:06d}", {"id": f"消改/2026/{n:06d}", **row})
    numbered = {
        "state": "issued", "version": 3, "number": text, "series": "消改", "year": 2026, "n": n, "dated": day,
        "issued_at": f"{day}T11:00:00+08:00", "issued_by": "approver", "search": f"{text} {draft['search']}",
    }  # fmt: skip
    tx.acts.replace(key, {**draft, **numbered})
    tell(tx, key, "Issued", day, number=text, word="", pdf="")


def tell(tx: Any, act_id: str, kind: str, day: str, **detail: str) -> None:
    """One event."""
    key = tx.next_event_key()
    event = {
        "id": key, "act_id": act_id, "kind": kind, "at": f"{day}T10:00:00+08:00", "by": "staff",
        "by_name": "虚构经办人", "note": "", "via": "web", "detail": detail,
    }  # fmt: skip
    tx.events.insert(key, event)


if __name__ == "__main__":
    found = importlib.util.find_spec("formsvc.storage.tiny") is not None
    module = importlib.import_module(f"formsvc.storage.{'tiny' if found else 'tinydb_store'}")
    opened = module.TinyStore(Path(sys.argv[1]) / "formsvc.sqlite")
    write(opened)
    opened.close()
