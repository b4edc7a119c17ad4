"""Table of the API operations: route, models and description of each.

The routes (`dispatch`) and the OpenAPI description (`openapi`) are both made from this table
and therefore cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pydantic

from formsvc.domain.accounts.api_token import Scope
from formsvc.i18n.messages import Message, msg

JSON_TYPE = "application/json"
PDF_TYPE = "application/pdf"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UPLOAD_TYPES = ("image/jpeg", "image/png", "image/webp", PDF_TYPE)

PATH_PATTERNS = {
    "act_id": r"[0-9a-f]{16}",
    "form": r"[A-Za-z0-9_-]{1,20}",
    "sha256": r"[0-9a-f]{64}",
    "register": r"[a-z][a-z0-9_]{0,39}",
    "row": r"[0-9a-f]{20}(-[0-9]{1,4})?",
    "copy": r"[1-9]",
}
PATH_DESCRIPTIONS: Mapping[str, Message] = {
    "act_id": msg("文书的编号（id）"),
    "form": msg("文书种类，如 T22"),
    "sha256": msg("附件的校验值"),
    "register": msg("登记簿的编号，见 GET /registers"),
    "row": msg("登记簿的一行（id）"),
    "copy": msg("第几联，从 1 数起"),
}


@dataclass(frozen=True)
class Call:
    """One validated request as a handler receives it."""

    query: Any = None
    body: Any = None
    upload: bytes = b""
    # the version in If-Match; None for any
    version: int | None = None
    # id for an act this request creates; empty to let the use case choose one
    new_id: str = ""


@dataclass(frozen=True)
class ApiResponse:
    """Result of a handler: a model, the bytes of a file, or nothing (204)."""

    content: pydantic.BaseModel | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # 0 for the status of the operation
    status: int = 0
    mime: str = JSON_TYPE


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    # name of the handler, and thereby operationId: programs generated from the description use it
    name: str
    method: str
    path: str
    tag: Message
    summary: Message
    handler: Callable[..., ApiResponse]
    # None: no token needed
    scope: Scope | None
    query: type[pydantic.BaseModel] | None = None
    body: type[pydantic.BaseModel] | None = None
    response: type[pydantic.BaseModel] | None = None
    # type of the file it returns; */* for any of UPLOAD_TYPES
    mime: str = JSON_TYPE
    status: int = 200
    accepts_upload: bool = False
    # takes an Idempotency-Key
    idempotent: bool = False
    # does nothing twice, so that it may run again under its key after a crash
    resumable: bool = False
    # 428 without If-Match
    requires_if_match: bool = False
    accepts_if_match: bool = False
    # gives a session token for the token of the request, and is the one thing such a token cannot do
    opens_session: bool = False
    # sends an ETag, and 304 for If-None-Match
    etag: bool = False
    # in addition to those every operation can return
    error_statuses: tuple[int, ...] = ()

    @property
    def path_parameters(self) -> list[str]:
        return [segment[1:-1] for segment in self.path.split("/") if segment.startswith("{")]

    @property
    def rule(self) -> str:
        """The path in the syntax of Werkzeug's router."""
        return self.path.replace("{", "<").replace("}", ">")


OPERATIONS: list[Operation] = []
Handler = Callable[..., ApiResponse]


def operation(
    method: str, path: str, tag: Message, summary: Message, scope: Scope | None, **options: Any
) -> Callable[[Handler], Handler]:
    """Add a handler to the table; `options` are fields of Operation."""

    def decorate(handler: Handler) -> Handler:
        OPERATIONS.append(Operation(handler.__name__, method, path, tag, summary, handler, scope, **options))
        return handler

    return decorate
