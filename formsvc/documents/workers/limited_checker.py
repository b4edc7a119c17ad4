"""Checker of pairs in a child process with limits of time and memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from formsvc.documents.checking.pairs import CheckedPair, PairSource
from formsvc.documents.checking.registers import CheckedRegister, RegisterFile
from formsvc.documents.checking.serialization import (
    checked_pair_from_json,
    checked_register_from_json,
)
from formsvc.documents.workers.messages import WorkerMessage, fault_from_json
from formsvc.documents.workers.process import WorkerFailed, WorkerProcess
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.definitions.cross_checks import Forms, check_between
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import from_json, msg

_MODULE = "formsvc.documents.workers.checking_worker"
# the first request waits for the libraries to load as well
_SECONDS_TO_START = 20
_MALFORMED = msg("检查程序的结果读不懂")


class LimitedChecker:
    """The ``PairChecker`` whose every failure is a fault of its pair.

    ``seconds`` and ``megabytes`` limit one check. The process is started with the first check.
    """

    def __init__(self, fonts: Path, cache: Path, *, seconds: int, megabytes: int) -> None:
        self._arguments = {
            "fonts": str(fonts.resolve()),
            "cache": str(cache.resolve()),
            "memory": str(megabytes),
            "seconds": str(seconds),
        }
        self._seconds, self._megabytes = seconds, megabytes
        self._process: WorkerProcess | None = None

    def check(self, source: PairSource) -> CheckedPair:
        response, failure = self._request(*_message("check", source))
        if response is not None:
            try:
                return checked_pair_from_json(response.header.get("checked"), source)
            except ValueError:
                self._end()
                failure = _MALFORMED
        sentence = msg("{failure}。这种文书暂停使用新的文件，请改正后重新放入。", failure=failure)
        fault = Fault(source.file, "", sentence)
        return CheckedPair(None, (fault,), source.template_name, is_final=False)

    def load(self, source: PairSource) -> tuple[FormDefinition | None, list[Fault]]:
        response, failure = self._request(*_message("load", source))
        if response is not None:
            try:
                definition = response.header["definition"]
                faults = [fault_from_json(fault) for fault in response.header["faults"]]
                return FormDefinition.from_resolved(definition) if definition else None, faults
            except (KeyError, TypeError, AttributeError, ValueError):
                self._end()
                failure = _MALFORMED
        sentence = msg("{failure}。请改正后再试。", failure=failure)
        return None, [Fault(source.file, "", sentence)]

    def read_json(self, content: bytes, shown_as: str) -> tuple[JSON, list[Fault]]:
        response, failure = self._request({"call": "json", "name": shown_as}, [content])
        if response is not None:
            try:
                return response.header["value"], [
                    fault_from_json(fault) for fault in response.header["faults"]
                ]
            except (KeyError, TypeError, AttributeError):
                self._end()
                failure = _MALFORMED
        return None, [Fault(shown_as, "", msg("{failure}。请改正后再试。", failure=failure))]

    def check_register(self, source: RegisterFile) -> CheckedRegister:
        header: dict[str, JSON] = {"call": "register", "name": source.name, "lookups": list(source.lookups)}
        response, failure = self._request(header, [source.content, *source.lookups.values()])
        if response is not None:
            try:
                return checked_register_from_json(response.header.get("checked"))
            except ValueError:
                self._end()
                failure = _MALFORMED
        sentence = msg("{failure}。这个登记簿暂停使用新的文件，请改正后重新放入。", failure=failure)
        return CheckedRegister(None, (Fault(source.file, "", sentence),), is_final=False)

    def check_template(self, template: bytes) -> tuple[Fault, ...]:
        response, failure = self._request({"call": "template"}, [template])
        if response is not None:
            try:
                return tuple(fault_from_json(fault) for fault in response.header["faults"])
            except (KeyError, TypeError, AttributeError):
                self._end()
                failure = _MALFORMED
        return (Fault("", "", msg("{failure}。这个模板不能使用，请改正后再检查。", failure=failure)),)

    def check_between(
        self, forms: Forms, offered: Collection[str], listed: Collection[str] | None
    ) -> list[Fault]:
        # what passed the child is compared here
        return check_between(forms, offered, listed)

    def layout_warnings(self, template: bytes) -> list[str]:
        response, failure = self._request({"call": "layout"}, [template])
        if response is None:
            return [msg("没有完成排版检查：{failure}。", failure=failure)]
        warnings = response.header.get("warnings", [])
        return [from_json(warning) for warning in warnings if isinstance(warning, str | dict)]

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _request(self, header: dict[str, Any], bodies: Sequence[bytes]) -> tuple[WorkerMessage | None, str]:
        """Return the response, or None and the reason why there is none."""
        seconds: float = self._seconds
        if self._process is None or not self._process.is_alive:
            self._process = WorkerProcess(_MODULE, self._arguments)
            seconds += _SECONDS_TO_START
        try:
            response = self._process.request(header, bodies, seconds)
        except WorkerFailed as failed:
            self._end()
            return None, self._reason(failed)
        failure = response.header.get("failed")
        if not failure:
            return response, ""
        if failure == "memory":
            self._end()
            reason = msg("检查所需的内存超过 {limit} MB，已停止", limit=self._megabytes)
            return None, reason
        return None, from_json(response.header.get("kind") or "")

    def _reason(self, failed: WorkerFailed) -> str:
        if failed.is_late:
            return msg("检查超过 {limit} 秒，已停止", limit=self._seconds)
        return msg("检查程序意外中断，多半是所需内存超过 {limit} MB", limit=self._megabytes)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


def _message(call: str, source: PairSource) -> tuple[dict[str, Any], list[bytes]]:
    """Return head and bodies that give a source to the process."""
    header: dict[str, Any] = {
        "call": call,
        "form": source.form,
        "groups": list(source.groups),
        "lookups": list(source.lookups),
        "template_name": source.template_name,
        "variants": {name: content is not None for name, content in source.variants.items()},
        "registers": None if source.registers is None else list(source.registers),
    }
    bodies = [source.definition, *source.groups.values(), *source.lookups.values()]
    bodies += source.variant_files.values()
    bodies += (source.registers or {}).values()
    bodies += [] if source.template is None else [source.template]
    return header, bodies
