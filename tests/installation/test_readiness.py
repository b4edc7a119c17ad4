"""Without HarfBuzz nothing starts: a service that takes ten seconds a page is found out on the first day, not later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.document_text import plain_word
from tests.support.paths import ROOT

COMMANDS = {
    "serve": ("serve", "--port", "8099"),
    "demo": ("demo", "--port", "8099"),
    "demo --office-only": ("demo", "--office-only"),
    "issue": ("issue", "T22", "a.json", "--by", "staff", "--approved-by", "approver", "-o", "out"),
    "render": ("render", "T22", "a.json", "-o", "out.pdf"),
    "pdf": ("pdf", "a.docx", "-o", "out.pdf"),
}


@pytest.fixture
def without_harfbuzz(tmp_path: Path) -> dict[str, str]:
    """An environment in which the package is installed but cannot be loaded, as after a failed upgrade."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "uharfbuzz.py").write_text("raise ImportError('libharfbuzz: no such file')\n", encoding="utf-8")
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    (tmp_path / "a.docx").write_bytes(plain_word("字"))
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(broken), str(ROOT))),
        "FORMSVC_INSTANCE": str(tmp_path / "instance"),
        "PYTHONUTF8": "1",
    }


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
def test_every_command_that_draws_refuses_and_says_what_to_do(
    without_harfbuzz: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "formsvc", *words],
        env=without_harfbuzz,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "没有 HarfBuzz 字库裁剪组件，制作 PDF 会慢二十倍，已停止。请重新安装 requirements.lock（其中有 uharfbuzz），"
        "再运行 formsvc doctor 检查。"
    )
    assert "Traceback" not in done.stderr


def test_a_wsgi_server_does_not_start_either(without_harfbuzz: dict[str, str], tmp_path: Path) -> None:
    program = "import formsvc; formsvc.create_app()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=without_harfbuzz,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "没有 HarfBuzz 字库裁剪组件" in done.stderr


def test_the_doctor_calls_it_an_error(without_harfbuzz: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "formsvc", "doctor"],
        env=without_harfbuzz,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "［错误］字库裁剪：没有 HarfBuzz" in done.stdout
