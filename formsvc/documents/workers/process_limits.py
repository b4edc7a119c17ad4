"""Limits of this process, handed on to its worker processes."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from formsvc.docxpdf.opc.container import ContainerLimits, set_container_limits
from formsvc.limits import Limits, process_limits, set_process_limits

MEGABYTE = 2**20
MEGAPIXEL = 10**6


def apply_limits(limits: Limits) -> None:
    """Set the limits of this process; its workers get the same."""
    set_process_limits(limits)
    set_container_limits(
        ContainerLimits(
            file=limits.word_megabytes * MEGABYTE,
            total=limits.word_unpacked_megabytes * MEGABYTE,
            parts=limits.word_parts,
            pixels=limits.word_picture_megapixels * MEGAPIXEL,
            part=limits.word_part_megabytes * MEGABYTE,
            compression=limits.word_compression,
            columns=limits.word_columns,
        )
    )


def limits_argument() -> str:
    """Return the argument that gives a worker the limits of this process."""
    return f"--limits={json.dumps(asdict(process_limits()))}"


def add_limits_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limits", type=lambda text: apply_limits(Limits(**json.loads(text))))
