"""A kept document that is damaged or gone is a fault of the service, and administrators learn of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.storage.file_store import FolderFiles
from formsvc.usecases.maintenance.damaged_files import look_for_damage
from tests.support.issued_acts import before_the_order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor


def place_of(office: Office, sha256: str) -> Path:
    assert isinstance(office.ports.files, FolderFiles)
    return office.ports.files.root / sha256[:2] / sha256[2:4] / sha256


@pytest.mark.parametrize("damage", ["flipped", "gone", "empty"])
def test_a_damaged_document_is_our_fault_and_is_remembered_until_it_is_whole(
    office: Office, visit: Callable[[str], Visitor], caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    act = before_the_order(office)
    place = place_of(office, act.pdf)
    content = place.read_bytes()
    if damage == "gone":
        place.unlink()
    else:
        place.write_bytes(bytes([content[0] ^ 1]) + content[1:] if damage == "flipped" else b"")
    caplog.set_level(logging.ERROR)
    response = visit("staff").client.get(f"/acts/{act.id}/document.pdf")
    assert response.status_code == 500
    assert "请告诉管理员，从备份中恢复" in response.get_data(as_text=True)
    assert any(act.pdf in record.getMessage() for record in caplog.records)
    admin = visit("admin")
    # the drawn sheets of this office are alike: the file belongs to several documents
    told = admin.open("/").text
    assert "有 1 个已保存的文件缺失或者损坏：" in told and "号 的 PDF 文件。请从备份中恢复" in told
    place.write_bytes(content)
    assert "缺失或者损坏" not in admin.open("/").text
    assert look_for_damage(office.ports) == []


def test_the_page_of_a_damaged_document_tells_the_administrator_too(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    act = before_the_order(office)
    place_of(office, act.pdf).unlink()
    assert "请告诉管理员，从备份中恢复" in visit("staff").open(f"/acts/{act.id}").text
    assert "有 1 个已保存的文件缺失或者损坏" in visit("admin").open("/").text


def test_a_backup_looks_at_files_that_nobody_opened(office: Office, visit: Callable[[str], Visitor]) -> None:
    act = before_the_order(office)
    place_of(office, act.word).unlink()
    assert look_for_damage(office.ports) == [act.word]
    assert "号 的 Word 文件" in visit("admin").open("/").text


def test_a_full_disk_is_told_by_status_and_health(
    office: Office, visit: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit("staff").client
    assert client.get("/healthz").status_code == 200
    monkeypatch.setattr(type(office.ports.files), "free_bytes", lambda _files: 20_000)
    answer = client.get("/healthz")
    assert answer.status_code == 503 and "磁盘空间不足" in answer.get_json()["message"]
