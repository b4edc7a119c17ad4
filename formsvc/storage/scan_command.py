"""Virus scanner: a command that reads a file from standard input."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence
from typing import NoReturn

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

# of clamscan and clamdscan; any other status is a fault of the scanner
HARMFUL = 1
_log = logging.getLogger(__name__)


class ScanCommand:
    """Scan uploads with a command: 0 for a clean file, 1 for a harmful one.

    Without a command nothing is scanned. The command is started without a shell; what it writes goes to the log, cut short.
    """

    def __init__(self, command: Sequence[str], seconds: int) -> None:
        self._command, self._seconds = tuple(command), seconds

    def scan(self, content: bytes) -> None:
        """Raise FormsvcError unless the command says that the file is clean."""
        if not self._command:
            return
        try:
            done = subprocess.run(
                self._command, input=content, capture_output=True, timeout=self._seconds, check=False
            )
        except subprocess.TimeoutExpired:
            self._fail(f"no answer within {self._seconds} s")
        except OSError as error:
            self._fail(str(error))
        if done.returncode == HARMFUL:
            _log.warning("upload refused by the virus scanner: %r", done.stdout[-200:])
            raise FormsvcError(
                msg("杀毒软件认为这个文件有害，没有收下。"),
                msg("请换一个文件；确认没有问题的，请告诉管理员。"),
            )
        if done.returncode:
            self._fail(f"status {done.returncode}: {done.stderr[-200:]!r}")

    def _fail(self, why: str) -> NoReturn:
        _log.error("virus scanner %s (FORMSVC_SCAN_COMMAND): %s", self._command[0], why)
        raise FormsvcError(
            msg("杀毒软件没有应答，文件没有扫描，没有收下。"),
            msg("请稍后再试；一直这样的，请管理员核对 FORMSVC_SCAN_COMMAND 和运行日志。"),
        )
