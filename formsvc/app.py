"""The only place where things meet: settings become a store, files, a renderer, use cases and pages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from formsvc.config import Settings, read_settings, secret_key
from formsvc.domain.calendar import OFFICIAL
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.definitions import DefinitionShelf
from formsvc.usecases.ports import BackupPlan, Head, Policy, Renderer, Store

if TYPE_CHECKING:
    from flask import Flask

    from formsvc.docxpdf.convert import PdfResult
    from formsvc.usecases.maintenance.backups import Archives, MadeBackup
    from formsvc.usecases.maintenance.integrity import Examination

SHANGHAI = ZoneInfo("Asia/Shanghai")


class OfficeClock:
    """Shanghai time; for demo and tests the day may be set, the time of day goes on."""

    def __init__(self, fixed: date | None = None) -> None:
        self._fixed = fixed

    def today(self) -> date:
        """Today, or the day that was set."""
        return self._fixed or datetime.now(SHANGHAI).date()

    def now(self) -> datetime:
        """Now, on the day that was set."""
        now = datetime.now(SHANGHAI)
        return datetime.combine(self._fixed, now.timetz()) if self._fixed else now


def build_ports(settings: Settings, *, store: Store | None = None, renderer: Renderer | None = None) -> Ports:
    """The ports of one running service over the instance's folder. Raises FormsvcError where PDFs would be slow."""
    from formsvc.docxpdf.fonts.subsetter import require_subsetting

    require_subsetting()
    from formsvc.documents.checking.folders import FolderLibrary
    from formsvc.documents.generated.register_export import RegisterBooks
    from formsvc.documents.workers.renderer import RenderingWorkers
    from formsvc.docxpdf.fonts.catalog import FontCoverage
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.tinydb_store import TinyStore

    settings.instance.mkdir(parents=True, exist_ok=True)
    made_store = store or TinyStore(settings.store_file, anchor=settings.anchor)
    files = FolderFiles(settings.files)
    clock = OfficeClock(settings.today)
    library = FolderLibrary(settings.definitions, settings.templates)
    workers = RenderingWorkers(
        settings.fonts, settings.cache, processes=settings.renderers, accessible=settings.accessible_pdf
    )
    return Ports(
        store=made_store,
        files=files,
        renderer=renderer or workers,
        clock=clock,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        definitions=DefinitionShelf(library, made_store, files, clock),
        books=RegisterBooks(),
        policy=Policy(
            four_eyes=settings.four_eyes, console_issue=settings.console_issue, backups=backup_plan(settings)
        ),
        undrawable=FontCoverage(settings.fonts, settings.cache).undrawable,
    )


def backup_plan(settings: Settings) -> BackupPlan:
    """When backups are made and how many are kept; a sample office makes none by itself."""
    return BackupPlan(
        folder=str(settings.backups),
        at=None if settings.demo else settings.backup_at,
        keep=settings.backup_keep,
        whole_every=settings.backup_whole_every,
        proven_days=settings.backup_proven_days,
        sealed=settings.backup_passphrase_file is not None,
    )


def build_archives(settings: Settings, ports: Ports, folder: Path, passphrase: str = "") -> Archives:
    """The archives in a folder, of the store these ports are on."""
    from formsvc.storage.backup.archive import Holdings
    from formsvc.storage.backup.folder import FolderArchives
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.tinydb_store import TinyStore

    store, files = ports.store, ports.files
    assert isinstance(store, TinyStore) and isinstance(files, FolderFiles)
    held = Holdings(store, files, settings.instance / "formsvc.toml", forms_folders(settings))
    return FolderArchives(folder, held, scratch=settings.cache / "backups", passphrase=passphrase)


def forms_folders(settings: Settings) -> dict[str, Path]:
    """The folders of form definitions and templates by the names they have in a backup."""
    return {"form_definitions": settings.definitions, "doc_templates": settings.templates}


def forms_not_in_use(settings: Settings, made: MadeBackup) -> tuple[Path, list[str]]:
    """Where a restore put the backup's definitions and templates, and which of them differ from those now in use."""
    from formsvc.storage.backup.archive import FROM_BACKUP
    from formsvc.storage.backup.config_files import hashes_of, own_files

    used = hashes_of(own_files(forms_folders(settings)))
    differing = sorted(name for name, sha256 in made.own.items() if used.get(name) != sha256)
    return settings.instance / FROM_BACKUP, differing


def restore_archives(settings: Settings, paths: Sequence[Path], passphrase: str = "") -> MadeBackup:
    """Bring a backup into an instance that holds nothing; one that builds on others finds them beside it."""
    from formsvc.storage.backup import archive as backup
    from formsvc.storage.backup import folder as archives

    row = list(paths) if len(paths) > 1 else backup.chain_of(paths[0], paths[0].absolute().parent, passphrase)
    manifest = backup.restore(row, settings.store_file, settings.files, passphrase)
    if (
        settings.anchor and settings.anchor.exists()
    ):  # of the store that was lost; it came further than the backup
        settings.anchor.replace(settings.anchor.with_name(f"{settings.anchor.name}.before-restore"))
    return archives.described(paths[-1], manifest)


def is_sealed_archive(path: Path) -> bool:
    """Whether a backup wants a passphrase."""
    from formsvc.storage.backup.encryption import is_sealed

    with open(path, "rb") as stream:
        return is_sealed(stream)


def create_app(settings: Settings | None = None, *, ports: Ports | None = None) -> Flask:
    """The web application. Settings are read from the environment when none are given."""
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from formsvc import web

    chosen = settings or read_settings()
    app = Flask("formsvc.web")
    app.config.update(
        SECRET_KEY=secret_key(chosen),
        DEMO=chosen.demo,
        PUBLIC_URL=chosen.public_url,
        SETUP_CODE=setup_code(chosen),
        PICTURES=str(chosen.cache / "pictures"),
        BABEL_DEFAULT_LOCALE=chosen.language,
    )
    if chosen.public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    made = ports or build_ports(chosen)
    app.before_request(made.definitions.refresh)
    web.register(app, made)
    return app


def convert_word(
    word: bytes,
    *,
    name: str = "",
    archive: str = "a-2b",
    accessible: bool = False,
    seconds: float = 600,
    settings: Settings | None = None,
) -> PdfResult:
    """Any Word file as a PDF, with what could not be placed in it. Raises RenderingFailed.

    Made in a child process with limits. Title, author and number are the file's own; ``name`` is the title of a
    file that has none. ``archive``: ``a-2b`` (PDF/A-2b), ``a-3b`` (PDF/A-3b, the Word file inside) or empty.
    """
    from formsvc.docxpdf.fonts.subsetter import require_subsetting

    require_subsetting()
    from formsvc.documents.filling.core_properties import described
    from formsvc.documents.workers.renderer import RenderingWorkers
    from formsvc.docxpdf.pdf.pdfa import pdf_form

    chosen = settings or read_settings()
    workers = RenderingWorkers(chosen.fonts, chosen.cache, seconds=seconds)
    try:
        return workers.pdf_result(word, described(word, name), pdf_form(archive, accessible=accessible))
    finally:
        workers.close()


def examine_everything(settings: Settings, known: Head | None = None) -> Examination:
    """Walk the store and the kept files of an instance, whatever its anchor says. Raises FormsvcError if it cannot open."""
    from formsvc.storage.file_store import FolderFiles
    from formsvc.storage.tinydb_store import TinyStore
    from formsvc.usecases.maintenance.integrity import examine

    if not settings.store_file.exists() and not any(part.exists() for part in files_of_store(settings)):
        raise FormsvcError(
            msg("“{folder}”里还没有数据。", folder=settings.instance), msg("请检查 FORMSVC_INSTANCE。")
        )
    store = TinyStore(settings.store_file, anchor=settings.anchor, examined=True)
    try:
        return examine(store, FolderFiles(settings.files), known=known)
    finally:
        store.close()


def export_everything(store: Store, file: Path) -> dict[str, int]:
    """Write all records to one JSON file that stock TinyDB opens; answers how many of each collection."""
    from formsvc.storage.backup.json_export import export_json

    return export_json(store, file)


def import_everything(file: Path, store: Store) -> dict[str, int]:
    """Bring everything from such a file into an empty store, all or nothing."""
    from formsvc.storage.backup.json_export import import_json

    return import_json(file, store)


def files_of_store(settings: Settings) -> list[Path]:
    """The files the store of an instance may consist of."""
    from formsvc.storage.schema import files_of

    return files_of(settings.store_file)


def told_by_disk(error: OSError) -> FormsvcError:
    """What the operating system said of a file, in words."""
    from formsvc.errors import disk_error

    return disk_error(error, Path(error.filename or "."))


def setup_code(settings: Settings) -> str:
    """The one-time code the set-up page asks for; the same in every process of an instance."""
    digest = hashlib.sha256(f"set-up {secret_key(settings)}".encode()).hexdigest()
    return f"{int(digest[:12], 16) % 10**8:08d}"
