"""An office with its pages in a browser, and its drafts taken away between tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.browser import Server
from tests.support.memory_office import Office, make_office

Served = tuple[Office, Server]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    office = make_office(tmp_path_factory.mktemp("office"))
    with Server(office.app).running() as server:
        yield office, server


@pytest.fixture
def remove_acts(served: Served) -> Callable[[], None]:
    """Remove every act of the office; no window may still show one."""

    def remove() -> None:
        office, server = served
        server.wait_until_idle()
        with office.ports.store.write() as tx:
            for record in tx.acts.find():
                server.removed.add(record["id"])
                tx.acts.remove(record["id"])

    return remove
