"""The page of the history's chain: what is printed as the daily anchor, and the sweeping of files nothing uses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


def test_the_head_is_on_the_page_as_verify_takes_it(office: Office, visit: Visit) -> None:
    chen = visit("admin")
    page = chen.open("/admin/anchor")
    head = office.ports.store.head()
    assert head.count > 0
    assert f"--head {head.count}:{head.hash}" in page.text
    assert page.h1 == "历史链和每日锚" and "2026年9月21日" in page.text
    assert chen.open("/admin").links()["历史链和每日锚"] == "/admin/anchor"


def test_the_head_moves_with_what_is_done(office: Office, visit: Visit) -> None:
    before = office.ports.store.head()
    visit("admin")
    after = office.ports.store.head()
    assert after.count > before.count and after.hash != before.hash, "signing in is an event"
    assert office.ports.store.verify(before) == []


def test_sweeping_tells_how_many_and_leaves_what_is_young(office: Office, visit: Visit) -> None:
    sha256 = office.ports.files.keep(b"left by a crash just now")
    chen = visit("admin")
    chen.open("/admin/anchor")
    assert "没有需要清理的文件" in chen.press("清理无用文件").text
    assert office.ports.files.read(sha256)


@pytest.mark.parametrize("name", ["staff", "reviewer"])
def test_the_page_is_for_administrators(visit: Visit, name: str) -> None:
    assert visit(name).open("/admin/anchor").status == 403
