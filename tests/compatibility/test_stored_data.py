"""A store and backups written by version 0.1.0, before the code was rearranged, open and are whole.

The office is fictitious: the sample office with two issued acts (绥北消委字〔2026〕第0001号, 东政发〔2026〕6号)
and a draft of T22. ``instance.tar.gz`` is its folder, the backups are of the same office.
"""

from __future__ import annotations

import tarfile
from datetime import date
from pathlib import Path

import pytest

from formsvc.usecases.registers.rows import list_rows
from tests.support.paths import ROOT
from tests.support.sample_office import build_ports, formsvc, settings_in

BEFORE = ROOT / "tests/compatibility/before"
PASSPHRASE = "旧备份口令-2026"
HEAD = "8f0278d6aca3c9de76197af39dab3cc3665419c5103c2d3b751791d892eba08d"
NUMBERS = {"绥北消委字〔2026〕第0001号", "东政发〔2026〕6号"}


def test_a_store_of_before_opens_with_its_numbers_documents_and_chain(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with tarfile.open(BEFORE / "instance.tar.gz") as archive:
        archive.extractall(tmp_path / "demo", filter="data")
    done = formsvc(tmp_path, "verify")
    assert done.returncode == 0, done.stderr
    assert "文书 3 件，文号 2 个" in done.stdout and HEAD in done.stdout


@pytest.mark.parametrize("name", ["plain.backup", "encrypted.backup"])
def test_a_backup_of_before_is_restored(tmp_path: Path, name: str) -> None:
    passphrase = tmp_path / "口令.txt"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    done = formsvc(tmp_path, "restore", str(BEFORE / name), "--passphrase-file", str(passphrase))
    assert done.returncode == 0, done.stderr
    verified = formsvc(tmp_path, "verify")
    assert verified.returncode == 0, verified.stderr
    assert "文书 3 件，文号 2 个" in verified.stdout
    ports = build_ports(settings_in(tmp_path))
    with ports.store.read() as tx:
        assert {row["text"] for row in tx.numbers.find()} == NUMBERS


def test_documents_of_before_stand_in_the_registers_written_once(tmp_path: Path) -> None:
    done = formsvc(tmp_path, "restore", str(BEFORE / "plain.backup"))
    assert done.returncode == 0, done.stderr
    for _ in range(2):
        ports = build_ports(settings_in(tmp_path))
        ports.definitions.current()
        (entrusted,) = list_rows(ports, "entrustments", date(2026, 9, 21))
        assert entrusted.values["doc_no"] == "绥北消委字〔2026〕第0001号"
        assert entrusted.values["agent_name"] == "绥化市北林区东河镇人民政府"
        responsible = list_rows(ports, "responsible", date(2026, 9, 21))
        assert {row.values["doc_no"] for row in responsible} == {"东政发〔2026〕6号"}
        assert [row.values["role"] for row in responsible].count("第一责任人") == 1
        with ports.store.read() as tx:
            assert len([event for event in tx.events.find() if "补写登记簿" in event["note"]]) == 1
    assert formsvc(tmp_path, "verify").returncode == 0
