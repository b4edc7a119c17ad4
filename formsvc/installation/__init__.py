"""Requirements of the machine: installed at set-up, and checked.

Runs before anything is installed: imports the standard library and modules of the project that do the same.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.catalogs import translate_for_env
from formsvc.i18n.messages import msg
from formsvc.installation import font_pack, system_packages
from formsvc.installation.doctor import MachineCheck, check_machine

__all__ = ["MachineCheck", "check_machine", "prepare_system", "setup"]


def prepare_system(fonts: Path, *, tests: bool) -> int:
    """Install system libraries and fonts.

    Return 0, or 2 if something must be installed by hand.
    """
    return system_packages.install_missing(fonts, tests=tests, report=_report, report_error=_report_error)


def setup(instance: Path, fonts: Path, *, tests: bool) -> int:
    """Prepare and check the machine.

    Return 0, 1 if documents would come out wrong, 2 if something must be installed by hand.
    """
    stopped = prepare_system(fonts, tests=tests)
    if stopped:
        return stopped
    try:
        font_pack.build_pack(fonts, _report)
    except FormsvcError as refused:
        _report_error(str(refused))
        return 2
    findings = check_machine(instance, fonts, date.today())
    for finding in findings:
        if not finding.ok:
            _report_error(
                msg(
                    "{what}：{name}：{sentence}",
                    what=msg("错误") if finding.fatal else msg("注意"),
                    name=finding.name,
                    sentence=finding.sentence,
                )
            )
    return 1 if any(not f.ok and f.fatal for f in findings) else 0


def _report(line: str) -> None:
    print(translate_for_env(line, os.environ), flush=True)


def _report_error(line: str) -> None:
    print(translate_for_env(line, os.environ), file=sys.stderr, flush=True)
