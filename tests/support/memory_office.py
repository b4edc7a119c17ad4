"""A small office in memory for the tests of the pages: real definitions, the sample people, drawn sheets for documents."""

from __future__ import annotations

import atexit
import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from PIL import Image, ImageDraw

from formsvc import web
from formsvc.demo import office
from formsvc.documents.generated.register_export import OfficeRegisterExporter
from formsvc.documents.pictures.reader import LimitedUploadReader
from formsvc.domain.accounts import account
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.registers.loader import read_register
from formsvc.errors import Fault
from formsvc.limits import Limits
from formsvc.storage.file_store import FolderFiles
from formsvc.usecases.context import Ports
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.ports import DefinitionFile, DocumentMetadata, Library, Policy, Store
from tests.support import compiled_addresses, evaluation_guard
from tests.support.loaded_definitions import load_once
from tests.support.memory_store import MemoryStore
from tests.support.paths import ROOT

# people sign in a thousand times in the tests: their passwords are hashed at a cost that takes no time
account.COST = account.ScryptCost(2**10, 8, 1)
TEMPLATE = b"template"
TODAY = date(2026, 9, 21)
NOW = datetime(2026, 9, 21, 14, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = office.PASSWORD

EVERY_KIND: dict[str, Any] = {
    "id": "X01",
    "title": "各类字段试填表",
    "family": "C",
    "template": "X01.docx",
    "summary": "每一类字段各一个，供试填",
    "numbering": {"style": "none"},
    "help": [{"id": "visit", "title": "怎样检查", "text": "两人以上。\n\n先亮证。"}],
    "example": {"name": "福满家购物广场", "day": "2026-01-05", "faults": [{"what": "通道堵塞"}]},
    "sections": [
        {
            "title": "文字和数字",
            "hint": "先填这一节。",
            "fields": [
                {"key": "name", "label": "名称", "kind": "text", "required": True, "min": 2, "max": 20},
                {"key": "story", "label": "经过", "kind": "long_text", "hint": "写清时间、地点。"},
                {"key": "floors", "label": "层数", "kind": "integer", "min": 1, "max": 99, "unit": "层"},
                {"key": "area", "label": "面积", "kind": "decimal", "unit": "平方米"},
                {"key": "fine", "label": "罚款", "kind": "money"},
                {
                    "key": "fine_words",
                    "label": "罚款大写",
                    "kind": "text",
                    "computed": "capital_amount(fine)",
                },
                {"key": "urgent", "label": "是否紧急", "kind": "yes_no"},
                {
                    "key": "reason",
                    "label": "紧急原因",
                    "kind": "text",
                    "required": True,
                    "shown": "urgent == true",
                },
            ],
        },
        {
            "title": "选择和日期",
            "fields": [
                {"key": "form", "label": "检查形式", "kind": "choice", "choices": ["监督抽查", "专项检查"]},
                {
                    "key": "month",
                    "label": "月份",
                    "kind": "choice",
                    "choices": [f"{n}月" for n in range(1, 13)],
                },
                {"key": "parts", "label": "部位", "kind": "choices", "choices": ["通道", "出口", "灭火器"]},
                {"key": "day", "label": "检查日期", "kind": "date", "required": True},
                {"key": "began", "label": "开始时间", "kind": "datetime"},
                {"key": "opens", "label": "营业时间", "kind": "time"},
                {"key": "built", "label": "建成年月", "kind": "partial_date"},
                {
                    "key": "notice",
                    "label": "检查前先看",
                    "kind": "note",
                    "text": "先出示执法证件。\n\n再说明来意。",
                    "help": "visit",
                },
            ],
        },
        {
            "title": "人和单位",
            "fields": [
                {"key": "issuer_name", "label": "制发机关", "kind": "authority"},
                {"key": "drafter", "label": "承办人", "kind": "person"},
                {"key": "idno", "label": "身份证号", "kind": "resident_id"},
                {"key": "certificate", "label": "证件号码", "kind": "certificate_number"},
                {"key": "code", "label": "统一社会信用代码", "kind": "credit_code"},
                {"key": "tel", "label": "联系电话", "kind": "phone"},
                {"key": "site", "label": "网址", "kind": "url"},
                {"key": "mail", "label": "电子邮箱", "kind": "email"},
                {"key": "home", "label": "住址", "kind": "address"},
                {"key": "place", "label": "行政区域", "kind": "region"},
                {"key": "old_no", "label": "原文号", "kind": "document_number"},
                {"key": "earlier", "label": "依据文书", "kind": "reference", "refers_to": "X01"},
                {"key": "photos", "label": "照片", "kind": "files"},
                {"key": "scene", "label": "现场照片", "kind": "photographs"},
                {"key": "receipt", "label": "签收", "kind": "signature"},
            ],
        },
        {
            "title": "明细",
            "fields": [
                {
                    "key": "faults",
                    "label": "问题",
                    "kind": "rows",
                    "required": True,
                    "min": 1,
                    "columns": [
                        {"key": "what", "label": "问题描述", "kind": "text", "required": True},
                        {"key": "where", "label": "位置", "kind": "text"},
                        {"key": "fix", "label": "改正方式", "kind": "choice", "choices": ["立即", "限期"]},
                        {
                            "key": "deadline",
                            "label": "改正期限",
                            "kind": "date",
                            "shown": "row.fix == '限期'",
                        },
                    ],
                }
            ],
        },
    ],
    "rules": [
        {"id": "not_late", "check": "day <= today()", "message": "检查日期不能晚于今天。", "field": "day"},
    ],
}


class SetClock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.moment = NOW

    def today(self) -> date:
        return self.moment.date()

    def now(self) -> datetime:
        return self.moment


class SheetRenderer:
    """Draws a blank sheet for every document; what a document looks like is no matter of the pages."""

    def word(
        self,
        template: bytes,
        context: Mapping[str, Any],
        tags: DocumentMetadata,
        answers: Mapping[str, Sequence[Any]],
        pictures: Mapping[str, bytes] = MappingProxyType({}),
    ) -> bytes:
        return json.dumps([tags.title, context], ensure_ascii=False, default=str).encode()

    def paragraphs(self, word: bytes) -> list[str]:
        return []

    def pdf(self, word: bytes, tags: DocumentMetadata, *, final: bool = False, mark: str = "") -> bytes:
        out = io.BytesIO()
        self._sheet().save(out, "PDF")
        return out.getvalue() + b"%" + hashlib.sha256(word).digest()

    def with_word(self, pdf: bytes, word: bytes, tags: DocumentMetadata) -> bytes:
        return pdf + word

    def joined(self, pdfs: Sequence[bytes], *, both_sides: bool) -> bytes:
        return b"".join(pdfs)

    def page_sizes(self, pdf: bytes) -> list[tuple[float, float]]:
        return [(700, 990)] * 2

    def page_images(self, pdf: bytes, *, width: int, pages: Sequence[int] | None = None) -> list[bytes]:
        out = io.BytesIO()
        sheet = self._sheet()
        # one line that differs with the content of the document
        ImageDraw.Draw(sheet).line((90, 900, 90 + 2 * hashlib.sha256(pdf).digest()[0], 900), fill="#333")
        sheet.save(out, "PNG")
        return [out.getvalue()] * (2 if pages is None else len(pages))

    @staticmethod
    def _sheet() -> Image.Image:
        sheet = Image.new("RGB", (700, 990), "white")
        pen = ImageDraw.Draw(sheet)
        for y in range(140, 860, 44):
            pen.line((90, y, 610, y), fill="#999")
        return sheet


class SampleLibrary:
    """The project's own definitions and one with every kind of field."""

    def signature(self) -> str:
        return "1"

    def forms(self) -> list[str]:
        return [pair.form for pair in _pairs()]

    def source_of(self, form: str) -> str:
        return f"form_definitions/{form}.json"

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        return [pair for pair in _pairs() if pair.form not in held], []

    def checked_registers(self) -> tuple[list[Mapping[str, Any]], list[Fault]]:
        return list(_registers()), []


@cache
def _pairs() -> tuple[DefinitionFile, ...]:
    """Read once: every test has an office of its own, and all have the same forms."""
    folder = ROOT / "form_definitions"
    groups = {f.stem: _json(f) for f in (folder / "groups").glob("*.json")}
    lookups = {f.stem: _json(f) for f in (folder / "lookups").glob("*.json")}
    sources = [_json(f) for f in sorted(folder.glob("*.json"))] + [EVERY_KIND]
    definitions = [load_once(source, groups, lookups) for source in sources]
    return tuple(DefinitionFile(d.id, d.to_resolved(), TEMPLATE) for d in definitions)


@cache
def _registers() -> tuple[Mapping[str, Any], ...]:
    folder = ROOT / "form_definitions"
    lookups = {f.stem: _json(f) for f in (folder / "lookups").glob("*.json")}
    found = [
        read_register(_json(f), lookups, f.name)[0] for f in sorted((folder / "registers").glob("*.json"))
    ]
    return tuple(register.to_resolved() for register in found if register is not None)


def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


class CompiledTemplates(BytecodeCache):
    """Every test has an application of its own, and all have the same templates."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled for another office."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@dataclass(frozen=True)
class Office:
    """An application with its ports and clock."""

    app: Flask
    ports: Ports
    clock: SetClock


def make_office(
    folder: Path,
    *,
    furnished: bool = True,
    library: Library | None = None,
    store: Store | None = None,
    limits: Limits | None = None,
    **config: Any,
) -> Office:
    """An office of its own, with people, authorities and series unless it is to be set up first."""
    evaluation_guard.install()
    compiled_addresses.install()
    if furnished and library is None and store is None:
        # the same for every test: copied, a third of a second less each
        ports = _copied(_sample_ports(), folder, limits)
    else:
        ports = _bare_ports(folder, library or SampleLibrary(), store or MemoryStore(), limits)
        if furnished:
            office.create_sample_office(ports)
    app = Flask("formsvc.web")
    app.config.update(SECRET_KEY="test", TESTING=False, DEMO=False, PUBLIC_URL="", SETUP_CODE="12345678")
    app.config.update(config)
    app.jinja_env.bytecode_cache = COMPILED
    web.register(app, ports)
    assert isinstance(ports.clock, SetClock)
    return Office(app, ports, ports.clock)


def _bare_ports(folder: Path, library: Library, store: Store, limits: Limits | None) -> Ports:
    clock, files = SetClock(), FolderFiles(folder)
    return Ports(
        uploads=LimitedUploadReader(),
        store=store,
        files=files,
        renderer=SheetRenderer(),
        clock=clock,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        definitions=DefinitionRepository(library, store, files, clock),
        policy=Policy(),
        register_documents=OfficeRegisterExporter(),
        limits=limits or Limits(),
    )


@cache
def _sample_ports() -> Ports:
    """The sample office with its forms published; nobody writes to it."""
    folder = Path(mkdtemp(prefix="sample-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ports = _bare_ports(folder, SampleLibrary(), MemoryStore(), None)
    office.create_sample_office(ports)
    ports.definitions.refresh()
    ports.definitions.living_forms(), ports.definitions.confidential_forms()
    return ports


def _copied(sample: Ports, folder: Path, limits: Limits | None) -> Ports:
    assert isinstance(sample.store, MemoryStore)
    ports = _bare_ports(folder, SampleLibrary(), sample.store.copy(), limits)
    ports.files.keep(TEMPLATE)
    # revisions never change once published; reading and compiling them is most of the time of a small test
    known, copied = vars(sample.definitions), vars(ports.definitions)
    for name in ("_cache", "_lives"):
        copied[name] = dict(known[name])
    for name in ("_catalog", "_signature", "_latest", "_form_lives", "_confidential"):
        copied[name] = known[name]
    return ports
