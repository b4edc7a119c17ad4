"""What a terminal shows: names control nothing, and no line looks like one of ours."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from zipfile import ZipFile

import pytest

from formsvc.cli import runtime
from formsvc.errors import Problem
from formsvc.i18n.messages import join_messages, msg
from formsvc.i18n.printable import escape_controls
from formsvc.log_lines import JsonLines, TextLines
from formsvc.usecases.administration import api_tokens
from tests.support.sample_office import formsvc, furnished

ESC, CSI, OVERRIDE, SEPARATOR = "\x1b[2J", "\x9b31m", "\u202e", "\u2028"
HOSTILE = f"甲{ESC}乙{CSI}丙{OVERRIDE}丁{SEPARATOR}\r\n没有发现问题。"
SHOWN = "甲\\x1b[2J乙\\x9b31m丙\\u202e丁\\u2028\\r\\n没有发现问题。"


def assert_harmless(output: str) -> None:
    """No control character but the line ends of our own sentences."""
    assert output.replace("\n", "") == escape_controls(output.replace("\n", ""))


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        msg("已增加 {name}。", name=HOSTILE),
        msg(
            "{file} {where}：{message}",
            file="a",
            where="b",
            message=msg("“{label}”没有填写。", label=HOSTILE),
        ),
        join_messages(msg("没有办成。"), HOSTILE, separator="\n"),
        Problem("x", "错", HOSTILE).sentence(),
    ],
)
def test_a_name_controls_no_terminal(capsys: pytest.CaptureFixture[str], text: str) -> None:
    runtime.echo(text)
    output = capsys.readouterr().out
    assert SHOWN in output
    assert_harmless(output)
    assert "没有发现问题。" not in output.splitlines()


def test_line_ends_of_a_sentence_of_ours_stay(capsys: pytest.CaptureFixture[str]) -> None:
    runtime.echo(join_messages(msg("没有办成。"), msg("请重试。"), separator="\n"))
    assert capsys.readouterr().out == "没有办成。\n请重试。\n"


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    runtime.print_json([{"name": HOSTILE, "tag": "\U000e0041"}])
    output = capsys.readouterr().out
    assert json.loads(output) == [{"name": HOSTILE, "tag": "\U000e0041"}]
    assert_harmless(output)


def test_an_address_adds_no_line_to_the_log() -> None:
    record = logging.LogRecord(
        "formsvc.web", logging.ERROR, "", 0, "error on %s", (f"/a\n{ESC}ERROR:x",), None
    )
    assert TextLines().format(record).endswith("/a\\n\\x1b[2JERROR:x")
    line = JsonLines().format(record)
    assert json.loads(line)["message"] == f"error on /a\n{ESC}ERROR:x"
    assert_harmless(line)


def test_commands_show_hostile_names_escaped(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    token = api_tokens.hash_token(api_tokens.add_token(ports, "程序", "staff"))
    with ports.store.write() as tx:
        tx.tokens.replace(token, {**(tx.tokens.get(token) or {}), "name": HOSTILE})
    (tmp_path / "forms").mkdir()
    definition = {"id": "T99", "title": HOSTILE, HOSTILE: 1}
    (tmp_path / "forms/T99.json").write_text(json.dumps(definition), encoding="utf-8")
    for words in (
        ("token", "list"),
        ("check", str(tmp_path / "forms/T99.json")),
        ("export", HOSTILE, "-o", str(tmp_path / "out.xlsx")),
    ):
        done = formsvc(tmp_path, *words)
        assert_harmless(done.stdout + done.stderr)
        assert "\\x1b" in done.stdout + done.stderr, done


def test_a_file_that_is_not_what_it_should_be_is_one_sentence(tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_bytes(b"[" * 100_000)
    manifest = tmp_path / "a.backup"
    with ZipFile(manifest, "w") as out:
        out.writestr("manifest.json", '{"files": 5}')
    for words in (("import", "--tinydb", str(deep)), ("restore", str(manifest))):
        done = formsvc(tmp_path / "new", *words)
        assert done.returncode == 1 and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


def test_an_error_no_one_foresaw_is_a_sentence_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    @runtime.handle_errors
    def broken() -> None:
        runtime.read_answers(5)  # type: ignore[arg-type]  # what must never happen

    with pytest.raises(SystemExit) as ended:
        broken()
    assert ended.value.code == runtime.INPUT_AT_FAULT
    shown = capsys.readouterr().err
    assert "意料之外的差错（TypeError，" in shown and "Traceback" not in shown
