"""``formsvc verify`` names what is not as it was written, and stays quiet about what is."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from formsvc.bootstrap import build_ports
from formsvc.config import Settings
from formsvc.demo.office import sample_actor
from formsvc.maintenance import verify_instance
from formsvc.storage.tinydb_sqlite import bigram_index
from formsvc.storage.tinydb_sqlite.rows import row_hash
from formsvc.usecases.maintenance.integrity import find_orphans, remove_orphan_files
from formsvc.usecases.numbering.issue import void_act
from formsvc.usecases.operator import issue_at_once
from formsvc.usecases.ports import ChainHead
from tests.support.sample_office import CASES, formsvc, furnished, settings_in


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with three issued notices, the second of them void."""
    folder = tmp_path_factory.mktemp("verified")
    ports = furnished(folder)
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    case = CASES["EX03"]
    acts = [issue_at_once(ports, staff, approver, case["act"], case["fields"]) for _ in range(3)]
    void_act(ports, approver, acts[1].id, reason="单位名称写错")
    ports.store.close()  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Settings:
    """A copy of it to spoil."""
    shutil.copytree(made / "demo", tmp_path / "demo")
    return replace(settings_in(tmp_path), instance=tmp_path / "demo", files=tmp_path / "demo" / "files")


def found(settings: Settings, known: ChainHead | None = None) -> list[tuple[str, str]]:
    return [(f.part, str(f)) for f in verify_instance(settings, known).findings]


def one(settings: Settings, table: str, where: str) -> tuple[str, dict[str, object]]:
    with closing(sqlite3.connect(settings.store_file)) as connection:
        key, text = connection.execute(f"SELECT f_id, doc FROM {table} WHERE {where} LIMIT 1").fetchone()
    return key, json.loads(text)


def put(settings: Settings, table: str, key: str, record: dict[str, object] | None) -> None:
    """Change or take out a record behind the program's back, its own hash fitting again."""
    with closing(sqlite3.connect(settings.store_file, isolation_level=None)) as connection:
        bigram_index.register_functions(connection)
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND name NOT GLOB 'c_*'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        if record is None:
            connection.execute(f"DELETE FROM {table} WHERE f_id=?", (key,))
        else:
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            connection.execute(
                f"UPDATE {table} SET doc=?, hash=? WHERE f_id=?", (text, row_hash(text.encode()), key)
            )


def test_an_office_as_it_was_written_is_sound(office: Settings) -> None:
    seen = verify_instance(office)
    assert (seen.findings, seen.is_sound, seen.orphans) == ([], True, 0)
    assert (seen.acts, seen.numbers, seen.head.count > 10) == (3, 3, True)


def test_the_command_says_so_with_its_exit_status_and_the_head(office: Settings) -> None:
    folder = office.instance.parent
    done = formsvc(folder, "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    head = re.search(r"历史链 (\d+) 笔，摘要 ([0-9a-f]{64})", done.stdout)
    assert head and "核验无误" in done.stdout
    assert formsvc(folder, "verify", "--head", f"{head[1]}:{head[2]}").returncode == 0
    missed = formsvc(folder, "verify", "--head", f"{int(head[1]) + 5}:{head[2]}", "--json")
    told = json.loads(missed.stdout)
    assert missed.returncode == 1 and told["sound"] is False
    assert [(f["part"], f["level"]) for f in told["findings"]] == [("chain", "error")]
    assert formsvc(folder, "verify", "--head", "12").returncode == 2


def test_a_number_taken_out_of_the_register_is_a_gap_and_an_act_without_number(office: Settings) -> None:
    key, row = one(office, "t_numbers", "f_n=(SELECT min(f_n) FROM t_numbers)+1")
    put(office, "t_numbers", key, None)
    told = found(office)
    register, n = f"{row['series']}/{row['year']}", row["n"]
    assert ("numbers", f"{register} 缺第 {n} 号，没有说明。") in told
    assert ("chain", f"numbers“{key}”不见了（历史链第 ") in [
        (p, t[: t.index("第 ") + 2]) for p, t in told if p == "chain"
    ]
    assert any(part == "acts" and "不在号簿里" in text for part, text in told)


def test_a_counter_set_back_is_named(office: Settings) -> None:
    key, counter = one(office, "t_counters", "1")
    put(office, "t_counters", key, {**counter, "last": int(str(counter["last"])) - 1})
    assert any(part == "numbers" and "在计数器" in text for part, text in found(office))


def test_a_void_number_made_valid_in_the_register_is_named(office: Settings) -> None:
    key, row = one(office, "t_numbers", "json_extract(doc,'$.state')='void'")
    put(office, "t_numbers", key, {**row, "state": "issued"})
    assert any(part == "numbers" and "一处作废、一处有效" in text for part, text in found(office))


def test_a_number_of_the_register_that_is_explained_needs_no_act(office: Settings) -> None:
    """Reserved, spoilt, lost and hand-written numbers."""
    key, row = one(office, "t_counters", "1")
    series, _, year = key.rpartition("/")
    store = build_ports(office).store
    with store.write() as tx:
        for step, state in enumerate(("reserved", "spoilt", "lost", "handwritten"), start=1):
            n = int(str(row["last"])) + step
            tx.numbers.insert(
                f"{key}/{n:06d}",
                {"series": series, "year": int(year), "n": n, "text": f"{n}号", "state": state, "act_id": ""},
            )
        tx.counters.replace(key, {**row, "last": int(str(row["last"])) + 4})
    store.close()  # type: ignore[attr-defined]
    assert found(office) == []


def kept(office: Settings, sha256: str) -> Path:
    return office.files / sha256[:2] / sha256[2:4] / sha256


def test_a_document_that_is_missing_or_altered_is_named_with_its_number(office: Settings) -> None:
    _key, act = one(office, "t_acts", "f_state='issued'")
    content = kept(office, str(act["pdf"])).read_bytes()
    kept(office, str(act["pdf"])).write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    kept(office, str(act["word"])).unlink()
    told = [text for part, text in found(office) if part == "files"]
    assert any(text.startswith(f"{act['number']} 的 PDF 文件：") and "不符" in text for text in told)
    assert any(text.startswith(f"{act['number']} 的 Word 文件：") and "没有找到" in text for text in told)


def test_another_document_put_in_the_place_of_an_issued_one_is_named(office: Settings) -> None:
    key, act = one(office, "t_acts", "f_state='issued'")
    forged = build_ports(office).files.keep(b"%PDF-1.7 forged")
    put(office, "t_acts", key, {**act, "pdf": forged})
    told = found(office)
    assert any(part == "chain" and f"acts“{key}”与保存时不符" in text for part, text in told)
    assert any(part == "acts" and "不是编号制发时记录的文件" in text for part, text in told)


def test_a_definition_changed_after_use_and_a_template_gone_are_named(office: Settings) -> None:
    _key, act = one(office, "t_acts", "f_state='issued'")
    key, revision = one(office, "t_revisions", f"f_id='{act['revision']}'")
    definition = dict(revision["definition"], title="责令停产停业决定书")  # type: ignore[call-overload]
    put(office, "t_revisions", key, {**revision, "definition": definition})
    kept(office, str(revision["template"])).unlink()
    told = found(office)
    assert ("forms", f"表单版本“{key}”的定义或模板与登记的摘要不符。") in told
    assert any(part == "files" and text.startswith(f"{key} 的模板：") for part, text in told)


def test_a_revision_taken_out_is_named_with_the_acts_that_need_it(office: Settings) -> None:
    _key, act = one(office, "t_acts", "f_state='issued'")
    put(office, "t_revisions", str(act["revision"]), None)
    assert ("forms", f"3 件文书使用的表单版本“{act['revision']}”不见了。") in found(office)


def test_orphans_are_told_when_old_swept_and_nothing_else_is(office: Settings) -> None:
    ports = build_ports(office)
    young, old = ports.files.keep(b"just made"), ports.files.keep(b"left by a crash")
    before = set(ports.files.older_than(timedelta(0))) - {old}
    for sha256 in before | {old}:
        if sha256 != young:
            os.utime(kept(office, sha256), (time.time() - 7200,) * 2)
    assert find_orphans(ports.store, ports.files) == [old]
    assert any("1 个保存的文件没有文书使用" in text for _part, text in found(office))
    assert verify_instance(office).is_sound
    assert remove_orphan_files(ports.store, ports.files) == [old]
    assert ports.files.older_than(timedelta(0)) == before
    assert found(office) == []


def test_an_instance_without_data_is_told(tmp_path: Path) -> None:
    done = formsvc(tmp_path, "verify")
    assert done.returncode == 1 and "还没有数据" in done.stderr


def test_a_store_that_is_no_store_any_more_is_told(office: Settings) -> None:
    office.store_file.write_bytes(b"x" * 5000)
    done = formsvc(office.instance.parent, "verify")
    assert done.returncode == 1 and "损坏" in done.stderr
