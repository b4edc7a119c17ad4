"""``python -m formsvc.installation packages|setup [--tests]``, for make."""

from __future__ import annotations

import os
import sys

from formsvc.config import InvalidSetting, read_settings
from formsvc.i18n.catalogs import translate_for_env
from formsvc.i18n.messages import msg
from formsvc.installation import prepare_system, setup

_USAGE = msg("用法：python -m formsvc.installation packages|setup [--tests]")


def main(words: list[str]) -> int:
    """Run one step. Return the exit status: 2 for a wrong call."""
    step, *options = words or [""]
    if step not in ("packages", "setup") or set(options) - {"--tests"}:
        print(translate_for_env(_USAGE, os.environ), file=sys.stderr)
        return 2
    try:
        settings = read_settings()
    except InvalidSetting as wrong:
        print(translate_for_env(str(wrong), os.environ), file=sys.stderr)
        return 2
    tests = "--tests" in options
    if step == "packages":
        return prepare_system(settings.fonts, tests=tests)
    return setup(settings.instance, settings.fonts, tests=tests)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
