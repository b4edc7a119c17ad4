"""A real office for hostile requests: store in files, real templates, a clerk and a program."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from formsvc.app import create_app
from formsvc.bootstrap import build_ports
from formsvc.config import Settings
from formsvc.demo import office
from formsvc.documents.checking.folders import load_definition_file
from formsvc.documents.generated.scaffold import draft_template
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.context import Ports
from tests.support.checkers import DirectChecker
from tests.support.memory_office import EVERY_KIND
from tests.support.paths import ROOT
from tests.support.sample_office import settings_in
from tests.support.sentences import sentence_faults

FORM, OTHER = str(EVERY_KIND["id"]), "T07"


@dataclass(frozen=True)
class HostileOffice:
    """An office with one form of every kind of field, another form, and people signed in."""

    settings: Settings
    ports: Ports
    client: Callable[[str], FlaskClient]
    secret: str

    @property
    def definitions(self) -> Path:
        return self.settings.definitions

    @property
    def templates(self) -> Path:
        return self.settings.templates

    def ask(self, method: str, path: str, **words: Any) -> TestResponse:
        """Send a request to the API with the clerk's token."""
        headers = [("Authorization", f"Bearer {self.secret}"), *words.pop("headers", ())]
        if "json" in words:
            # ASCII: half a surrogate pair can only be sent as an escape
            words |= {"data": json.dumps(words.pop("json")), "content_type": "application/json"}
        return self.client("").open(f"/api/v1{path}", method=method, headers=headers, **words)

    def other_breaches(self) -> list[str]:
        """Return which pages that have nothing to do with it do not open."""
        clerk = self.client("staff")
        pages = ("/healthz", "/sign-in", "/static/app.css", "/forms", f"/forms/{OTHER}/new", "/acts")
        answers = {path: clerk.get(path).status_code for path in pages}
        return [f"{path}: {status}" for path, status in answers.items() if status not in (200, 302, 303)]


def open_office(folder: Path) -> HostileOffice:
    """Make an office in a folder."""
    definitions, templates = folder / "definitions", folder / "templates"
    for part in ("groups", "lookups", "registers"):
        shutil.copytree(ROOT / "form_definitions" / part, definitions / part)
    templates.mkdir()
    shutil.copy(ROOT / f"form_definitions/{OTHER}.json", definitions)
    shutil.copy(ROOT / f"doc_templates/{OTHER}.docx", templates)
    file = definitions / f"{FORM}.json"
    file.write_text(json.dumps(EVERY_KIND, ensure_ascii=False), encoding="utf-8")
    (templates / f"{FORM}.docx").write_bytes(
        draft_template(load_definition_file(file, definitions, DirectChecker()))
    )
    settings = replace(settings_in(folder), definitions=definitions, templates=templates)
    office.clear(settings)
    ports = build_ports(settings)
    office.create_sample_office(ports)
    app = create_app(settings, ports=ports)
    app.config["WTF_CSRF_ENABLED"] = False
    signed_in: dict[str, FlaskClient] = {"": app.test_client(use_cookies=False)}

    def client(name: str) -> FlaskClient:
        if name not in signed_in:
            signed_in[name] = app.test_client()
            answer = signed_in[name].post("/sign-in", data={"name": name, "password": office.PASSWORD})
            assert answer.status_code in (302, 303), answer.get_data(as_text=True)
        return signed_in[name]

    return HostileOffice(settings, ports, client, api_tokens.add_token(ports, "试验", "staff", limit=60_000))


def answer_breaches(
    answer: TestResponse,
    records: Sequence[logging.LogRecord] = (),
    judge: Callable[[str], list[str]] = sentence_faults,
) -> list[str]:
    """Return what an answer breaks: no fault of the program, no trace, sentences that pass ``judge``."""
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    found += [f"logged: {record.getMessage()} {record.exc_info}" for record in records if record.exc_info]
    if "a=b" in str(answer.headers.get("Set-Cookie", "")):
        found.append("a header of the request's choice")
    if answer.mimetype not in ("text/html", "application/json", "application/problem+json", "text/plain"):
        return found
    text = answer.get_data(as_text=True)
    if "Traceback (most recent call last)" in text:
        found.append("a traceback")
    if answer.mimetype == "application/problem+json":
        problem = json.loads(text)
        sentences = [problem["detail"], *(error["message"] for error in problem["errors"])]
        found += [wrong for sentence in sentences for wrong in judge(sentence)]
    return found
