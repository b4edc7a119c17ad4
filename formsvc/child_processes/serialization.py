"""Results of a reader of archives, as JSON.

Nothing that comes back is trusted: the process may have been taken over by the file that it read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import from_json, msg, to_json
from formsvc.storage.backup.archive import Manifest, is_well_formed
from formsvc.storage.backup.reader import Examination, ReadArchive
from formsvc.storage.backup.restore import RestorePlan
from formsvc.storage.record_rules import COLLECTIONS
from formsvc.usecases.maintenance.integrity import IntegrityReport
from formsvc.usecases.maintenance.progress import Stage
from formsvc.usecases.ports import ChainHead, IntegrityFinding, Record


class Malformed:
    """Context in which what a malformed result raises becomes a FormsvcError."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValueError | TypeError | KeyError | AttributeError | IndexError):
            raise FormsvcError(
                msg("读这个文件的程序的结果读不懂，没有读入。"), msg("请换另一份文件再试。")
            ) from error


def message_to_json(text: str) -> Any:
    """Return a message as JSON; a value that is none becomes its text."""
    return json.loads(json.dumps(to_json(text), default=str))


def archives_to_json(archives: list[ReadArchive]) -> list[Any]:
    return [
        [summary_to_json(each.manifest) if each.manifest else None, message_to_json(each.fault)]
        for each in archives
    ]


def archives_from_json(content: Any, paths: Sequence[Path]) -> list[ReadArchive]:
    """Return what was read of each path. Raise FormsvcError."""
    with Malformed():
        return [
            ReadArchive(path, manifest_from_json(manifest) if manifest else None, from_json(fault))
            for path, (manifest, fault) in zip(paths, content, strict=True)
        ]


def summary_to_json(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest without the lists of its files."""
    return asdict(replace(manifest, files=[], held=[]))


def manifest_from_json(content: Any) -> Manifest:
    """Raise FormsvcError."""
    with Malformed():
        manifest = Manifest(**content)
        if not is_well_formed(manifest):
            raise ValueError(content)
        return manifest


def progress_from_json(header: Mapping[str, Any]) -> tuple[Stage, int, int]:
    """Raise FormsvcError."""
    with Malformed():
        return Stage(header["stage"]), int(header["done"]), int(header["total"])


def result_from_json(bodies: Sequence[bytes]) -> dict[str, Any]:
    """Raise FormsvcError."""
    with Malformed():
        return dict(json.loads(bodies[0]))


def records_from_json(header: Mapping[str, Any], bodies: Sequence[bytes]) -> list[tuple[str, Record]]:
    """Raise FormsvcError."""
    with Malformed():
        collection = header["collection"]
        if collection not in COLLECTIONS:
            raise ValueError(collection)
        return [(collection, record) for body in bodies for record in json.loads(body)]


def examination_to_json(found: Examination) -> dict[str, Any]:
    plan = {**asdict(found.plan), "refusal": message_to_json(found.plan.refusal)}
    manifest = summary_to_json(found.manifest)
    return {"manifest": manifest, "files": found.files, "settings": found.settings, "plan": plan}


def examination_from_json(content: Any) -> Examination:
    """Raise FormsvcError."""
    with Malformed():
        settings, plan = content["settings"], content["plan"]
        return Examination(
            manifest_from_json(content["manifest"]),
            int(content["files"]),
            None if settings is None else tuple((str(name), str(value)) for name, value in settings),
            RestorePlan(
                tuple(map(str, plan["archives"])),
                int(plan["bytes"]),
                int(plan["free_bytes"]),
                from_json(plan["refusal"]),
            ),
        )


def report_to_json(report: IntegrityReport) -> dict[str, Any]:
    findings = [{**asdict(each), "message": message_to_json(each.message)} for each in report.findings]
    return {**asdict(report), "findings": findings}


def report_from_json(content: Any) -> IntegrityReport:
    """Raise FormsvcError."""
    with Malformed():
        findings = [
            IntegrityFinding(**{**each, "message": from_json(each["message"])})
            for each in content["findings"]
        ]
        counts = {name: int(content[name]) for name in ("acts", "numbers", "events", "files", "orphans")}
        return IntegrityReport(ChainHead(**content["head"]), **counts, findings=findings)
