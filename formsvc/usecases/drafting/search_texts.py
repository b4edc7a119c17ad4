"""Search texts of acts that were stored by older programs.

They had number, title and party only, in another form. They are written once, in the background, a page of acts a
transaction; until then such an act is found by the words of these three alone.
"""

from __future__ import annotations

import logging
import threading
import time

from formsvc.domain.acts.act import Act
from formsvc.domain.acts.search_text import act_search_text, heading_search_text
from formsvc.domain.authorization.joint_issue import further_bodies
from formsvc.errors import FormsvcError
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition, Record

KEY = "search"
# Raised whenever what a search text holds changes.
_FORMAT = 1
_PAGE = 100
RETRY_SECONDS = 5.0
_log = logging.getLogger(__name__)


def start_refreshing(ports: Ports) -> None:
    """Refresh in a thread of this process, if anything is left to do."""
    threading.Thread(target=_refresh_until_done, args=(ports,), name="search texts", daemon=True).start()


def _refresh_until_done(ports: Ports) -> None:
    while True:
        try:
            refresh_search_texts(ports)
        except Exception as error:  # noqa: BLE001 - a thread that ended would leave acts unfindable until a restart
            _log.warning("%s", error)
            time.sleep(RETRY_SECONDS)
        else:
            return


def refresh_search_texts(ports: Ports) -> None:
    """Write the search texts of all acts again, once for each format.

    A program that was stopped goes on where it stood. Do not call inside a transaction.
    """
    with ports.store.read() as tx:
        record = tx.settings.get(KEY) or {}
        last = record.get("last", "") if record.get("format") == _FORMAT else ""
    while last is not None:
        began = time.monotonic()
        last = _refresh_page(ports, last)
        # requests come first
        time.sleep(time.monotonic() - began)


def _refresh_page(ports: Ports, after: str) -> str | None:
    """Refresh the acts after an id; return the last id, None at the end."""
    with ports.store.read() as tx:
        records = tx.acts.find(Condition("id", ">", after), order="id", limit=_PAGE)
    texts = {record["id"]: _search_text(ports, record) for record in records}
    changed = [record for record in records if record.get("search") != texts[record["id"]]]
    last = records[-1]["id"] if records else None
    # a new store has nothing to refresh: its first start writes nothing
    if changed or (last is None and after):
        _store(ports, changed, texts, last)
    return last


def _store(ports: Ports, changed: list[Record], texts: dict[str, str], last: str | None) -> None:
    with ports.store.write() as tx:
        for record in changed:
            # what was saved meanwhile has its text already
            if tx.acts.get(record["id"]) == record:
                tx.acts.replace(record["id"], {**record, "search": texts[record["id"]]})
        mark = _mark(last)
        if tx.settings.get(KEY) is None:
            tx.settings.insert(KEY, mark)
        else:
            tx.settings.replace(KEY, mark)


def _mark(last: str | None) -> Record:
    return {"id": KEY, "format": _FORMAT, "last": last}


def _search_text(ports: Ports, record: Record) -> str:
    act = Act.from_record(record)
    try:
        definition = ports.definitions.revision(act.revision).definition
        if act.erased:
            return heading_search_text(act.number, act.title, ())
        names = (act.party, *further_bodies(definition, act.answers))
        return act_search_text(definition, act.answers, act.number, act.title, names)
    except (FormsvcError, ValueError, KeyError, TypeError, AttributeError) as error:
        # an act of a damaged or unknown revision stays findable by what lists show
        _log.warning("%s: %s", act.id, error)
        return heading_search_text(act.number, act.title, [act.party])
