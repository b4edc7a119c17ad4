"""Composition root: build the ports of the use cases from the settings."""

from __future__ import annotations

import hashlib
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from formsvc.config import Settings, read_settings
from formsvc.domain.calendar import OFFICIAL, Calendar
from formsvc.domain.numbering.clock_rule import ClockRule
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import join_messages
from formsvc.secret_key import secret_key
from formsvc.usecases.context import Ports
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.ports import BackupPlan, Clock, Policy, Renderer, Store
from formsvc.usecases.publishing import Publisher
from formsvc.usecases.registers.backfill import fill_registers
from formsvc.usecases.registers.row_index import rebuild_all
from formsvc.usecases.statistics.view_reader import ViewReader

if TYPE_CHECKING:
    from formsvc.documents.checking.pairs import PairChecker
    from formsvc.docxpdf import PdfResult

# China has one time zone; that of the server may be another
SHANGHAI = ZoneInfo("Asia/Shanghai")


class OfficeClock:
    """Clock in Shanghai time; `fixed` (FORMSVC_TODAY) sets the day only."""

    def __init__(self, fixed: date | None = None) -> None:
        self._fixed = fixed

    def today(self) -> date:
        return self._fixed or datetime.now(SHANGHAI).date()

    def now(self) -> datetime:
        now = datetime.now(SHANGHAI)
        return datetime.combine(self._fixed, now.timetz()) if self._fixed else now


def build_ports(settings: Settings, *, store: Store | None = None, renderer: Renderer | None = None) -> Ports:
    """Open the store and files of an instance and return the ports on them.

    Raise FormsvcError if fonts cannot be subset on this machine: every PDF would
    then take seconds and megabytes more.
    """
    # imported here: `doctor` and `setup` run where these libraries are missing
    from formsvc.docxpdf.fonts.subsetter import require_subsetting

    require_subsetting()
    from formsvc.documents.checking.check_cache import program_fingerprint
    from formsvc.documents.checking.folders import FolderLibrary
    from formsvc.documents.generated.register_export import OfficeRegisterExporter
    from formsvc.documents.pictures.reader import LimitedUploadReader
    from formsvc.documents.view_folder import ViewFolder
    from formsvc.documents.workers.process_limits import apply_limits
    from formsvc.documents.workers.renderer import RenderingWorkers
    from formsvc.docxpdf.fonts.catalog import FontCoverage
    from formsvc.mail.message_file import MessageFolder
    from formsvc.mail.smtp import SmtpMailer
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.places import places_of
    from formsvc.storage.private_files import keep_private
    from formsvc.storage.process_locks import LockedProcesses
    from formsvc.storage.scan_command import ScanCommand
    from formsvc.storage.snapshot_file import SnapshotFile
    from formsvc.storage.tinydb_store import TinyStore

    apply_limits(settings.limits)
    settings.instance.mkdir(parents=True, exist_ok=True)
    keep_private((settings.instance, settings.files), settings.backups.glob("*.backup"))
    places = places_of(settings.store_file, settings.files, settings.anchor)
    files = FolderFiles(settings.files)
    clock = OfficeClock(settings.today)
    # only the store of this instance can be opened by another process
    publisher = build_publisher(settings, clock) if store is None else None
    store = store or TinyStore(settings.store_file, anchor=settings.anchor, places=places)
    library = FolderLibrary(settings.definitions, settings.templates, build_checker(settings))
    renderer = renderer or RenderingWorkers(
        settings.fonts, settings.cache, processes=settings.renderers, accessible=settings.accessible_pdf
    )
    policy = Policy(
        # a sample office reminds no one
        remind_at=None if settings.demo else settings.remind_at,
        four_eyes=settings.four_eyes,
        console_issue=settings.console_issue,
        backups=backup_plan(settings),
        clock=clock_rule(settings),
    )
    ports = Ports(
        store=store,
        files=files,
        renderer=renderer,
        clock=clock,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        definitions=DefinitionRepository(library, store, files, clock, publisher),
        register_documents=OfficeRegisterExporter(settings.limits),
        policy=policy,
        limits=settings.limits,
        scan=ScanCommand(settings.scan_command, settings.limits.scan_seconds).scan,
        uploads=LimitedUploadReader(),
        missing_glyphs=FontCoverage(settings.fonts, settings.cache).undrawable,
        views=ViewReader(ViewFolder(settings.definitions / "views").files),
        mailer=SmtpMailer(**vars(settings.mail)) if settings.mail else None,
        message_file=MessageFolder(settings.instance / "messages"),
        processes=LockedProcesses(settings.instance / "processes"),
        due_snapshot=SnapshotFile(settings.cache / "due-items", program_fingerprint()),
        backup_progress=SnapshotFile(settings.cache / "backup-progress", program_fingerprint()),
    )
    # documents of before an update write into registers what their kind writes since
    ports.definitions.after_look = partial(_write_missing_rows, ports)
    return ports


def _write_missing_rows(ports: Ports) -> None:
    fill_registers(ports)
    rebuild_all(ports, ports.definitions.registers_in_use())


def build_checker(settings: Settings) -> PairChecker:
    """Return the checker of definitions: limited child processes, and a cache."""
    from formsvc.documents.checking.check_cache import CachedChecker
    from formsvc.documents.workers.limited_checker import LimitedChecker
    from formsvc.documents.workers.process_limits import apply_limits

    apply_limits(settings.limits)
    seconds, megabytes = settings.limits.check_seconds, settings.limits.check_megabytes
    limited = LimitedChecker(settings.fonts, settings.cache, seconds=seconds, megabytes=megabytes)
    return CachedChecker(limited, settings.check_cache or settings.cache / "checks", seconds=seconds)


def build_publisher(settings: Settings, clock: Clock) -> Publisher:
    """Return the publisher of checked definitions: a limited child process."""
    from formsvc.child_processes.publishing import PublishingProcess, StorePlace

    place = StorePlace(settings.store_file, settings.files, settings.anchor)
    seconds, megabytes = settings.limits.publish_seconds, settings.limits.publish_megabytes
    return PublishingProcess(place, clock, seconds=seconds, megabytes=megabytes)


def stored_calendar(settings: Settings) -> Calendar:
    """Return the calendar with what this instance imported.

    The shipped one if the store cannot be opened: other checks say why.
    """
    if not settings.store_file.exists():
        return OFFICIAL
    # `doctor` runs where libraries are missing
    with suppress(ImportError, FormsvcError, OSError):
        from formsvc.storage.tinydb_store import TinyStore
        from formsvc.usecases.circumstances import calendar_with, office_tables

        store = TinyStore(settings.store_file, anchor=settings.anchor, inspect_only=True)
        with store.read() as tx:
            return calendar_with(OFFICIAL, office_tables(tx))
    return OFFICIAL


def clock_rule(settings: Settings) -> ClockRule:
    """Return how far the clock may be off; a set date may leap forward."""
    return ClockRule(
        behind=timedelta(minutes=settings.clock_behind_minutes),
        ahead=timedelta(days=settings.clock_ahead_days),
        by_day=settings.today is not None,
    )


def stored_clock_fault(settings: Settings) -> str:
    """Return what is wrong with the clock by the store, "" for nothing.

    Nothing if the store cannot be opened: other checks say why.
    """
    if not settings.store_file.exists():
        return ""
    # `doctor` runs where libraries are missing
    with suppress(ImportError, FormsvcError, OSError):
        from formsvc.storage.tinydb_store import TinyStore
        from formsvc.usecases.maintenance.clock_check import REMEDY, state_in

        store = TinyStore(settings.store_file, anchor=settings.anchor, inspect_only=True)
        # closed before a server forks: a child cannot use a connection of its parent
        with closing(store), store.read() as tx:
            state = state_in(tx, OfficeClock(settings.today).now(), clock_rule(settings))
        return join_messages(state.sentence, REMEDY) if not state.is_right else ""
    return ""


def backup_plan(settings: Settings) -> BackupPlan:
    """Return when backups are due and how many are kept."""
    return BackupPlan(
        folder=str(settings.backups),
        # a sample office has nothing worth a scheduled backup
        at=None if settings.demo else settings.backup_at,
        keep=settings.backup_keep,
        whole_every=settings.backup_whole_every,
        proven_days=settings.backup_proven_days,
        sealed=settings.backup_passphrase_file is not None,
    )


def setup_code(settings: Settings) -> str:
    """Return the eight digits the set-up page asks for."""
    # derived from the secret key: every process of an instance must accept the same code
    digest = hashlib.sha256(f"set-up {secret_key(settings)}".encode()).hexdigest()
    return f"{int(digest[:12], 16) % 10**8:08d}"


def convert_word(
    word: bytes,
    *,
    name: str = "",
    archive: str = "a-2b",
    accessible: bool = False,
    seconds: float = 600,
    settings: Settings | None = None,
) -> PdfResult:
    """Convert any Word file to PDF in a limited child process.

    `name` is the title of a file that has none of its own. `archive` is ``a-2b``
    (PDF/A-2b), ``a-3b`` (PDF/A-3b with the Word file attached) or empty for plain PDF.
    Raise RenderingFailed if the file is refused or takes longer than `seconds`.
    """
    from formsvc.docxpdf.fonts.subsetter import require_subsetting

    require_subsetting()
    from formsvc.documents.workers.process_limits import apply_limits
    from formsvc.documents.workers.renderer import RenderingWorkers
    from formsvc.docxpdf import parse_profile

    settings = settings or read_settings()
    apply_limits(settings.limits)
    workers = RenderingWorkers(settings.fonts, settings.cache, seconds=seconds)
    try:
        profile = parse_profile(archive, accessible=accessible)
        return workers.pdf_result(word, workers.metadata(word, name), profile)
    finally:
        workers.close()
