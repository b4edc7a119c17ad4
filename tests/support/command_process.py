"""Commands in processes of their own that need not import the package again."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# what a command imports before it does its work; a second of each command
PRELOADED = ["formsvc.cli.main", "formsvc.bootstrap", "formsvc.usecases.operator", "formsvc.demo.office"]


def run_command(
    words: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run ``formsvc`` with these words and return its exit status and output."""
    if sys.platform == "win32":
        return subprocess.run(
            [sys.executable, "-m", "formsvc", *words],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with tempfile.TemporaryDirectory() as place:
        process = context.Process(target=_command, args=(list(words), dict(environment), str(folder), place))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(words), timeout)
        output, errors = (Path(place, name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(list(words), process.exitcode, output, errors)


def _command(words: list[str], environment: dict[str, str], folder: str, place: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name in ((1, "stdout"), (2, "stderr")):
        with Path(place, name).open("wb") as file:
            os.dup2(file.fileno(), number)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    sys.argv = ["formsvc", *words]
    from formsvc.cli.main import main

    main()
