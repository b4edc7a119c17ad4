"""Interrupts from the keyboard, which reach every process of a terminal."""

from __future__ import annotations

import signal


def ignore_interrupts() -> None:
    """Leave Ctrl+C to the parent, which ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
