"""An office in memory, and people in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.browser import CHROMIUM, chromium
from tests.support.memory_office import Office, make_office
from tests.support.page_client import CheckedClient, Visitor

Flask.test_client_class = CheckedClient


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; a test that wants it is passed over where there is none."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium on this machine")
    with chromium() as opened:
        yield opened


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A furnished office with the sample people."""
    return make_office(tmp_path)


@pytest.fixture
def bare_office(tmp_path: Path) -> Office:
    """An office that nobody has set up yet."""
    return make_office(tmp_path, furnished=False)


@pytest.fixture
def visit(office: Office) -> Callable[[str], Visitor]:
    """Somebody of the office, signed in."""

    def arrive(name: str) -> Visitor:
        visitor = Visitor(office.app)
        visitor.sign_in(name)
        return visitor

    return arrive


@pytest.fixture
def li_ming(visit: Callable[[str], Visitor]) -> Visitor:
    """承办人李明, who drafts."""
    return visit("staff")
