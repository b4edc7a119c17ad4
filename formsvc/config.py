"""Settings: environment and ``instance/formsvc.toml``, read once at start.

A value that is not accepted stops the start with a sentence that says what is.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

from formsvc.i18n.catalogs import SOURCE_LANGUAGE
from formsvc.i18n.messages import format_list, msg
from formsvc.limits import Limits, limit_names, limit_ranges
from formsvc.setting_values import (
    LOOPBACK_NETWORKS,
    MailSettings,
    Network,
    parse_command,
    parse_date,
    parse_language,
    parse_networks,
    parse_public_url,
    parse_time,
    read_choice,
    read_count,
    read_credential,
    read_flag,
    read_mail,
)
from formsvc.setting_values import (
    InvalidSetting as InvalidSetting,
)

# Not pydantic-settings: set-up reads the settings before anything is installed. It would also
# add 0.2 s to every start and save little, since each check has a sentence of its own.

PREFIX = "FORMSVC_"
NAMES = (
    "INSTANCE",
    "DATABASE",
    "FILES",
    "DEFINITIONS",
    "TEMPLATES",
    "FONTS",
    "TODAY",
    "SECRET_KEY",
    "PUBLIC_URL",
    "CONSOLE_ISSUE",
    "FOUR_EYES",
    "RENDERERS",
    "LANGUAGE",
    "ACCESSIBLE_PDF",
    "ANCHOR",
    "BACKUPS",
    "BACKUP_AT",
    "MAIL_SERVER",
    "MAIL_FROM",
    "MAIL_SECURITY",
    "MAIL_USER",
    "MAIL_PASSWORD_FILE",
    "REMIND_AT",
    "BACKUP_KEEP",
    "BACKUP_WHOLE_EVERY",
    "BACKUP_PROVEN_DAYS",
    "BACKUP_PASSPHRASE_FILE",
    "MIGRATION_COPY_DAYS",
    "CHECK_CACHE",
    "CLOCK_BEHIND_MINUTES",
    "CLOCK_AHEAD_DAYS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "SLOW_SECONDS",
    "METRICS_FROM",
    "SCAN_COMMAND",
    "API_SESSION_TOKENS",
    "API_WORDS_IN_BODY",
    *limit_names(),
)
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
# a file in the instance of a sample office: its passwords are public
DEMO_MARK = "DEMO"
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Settings of one instance. All paths are absolute.

    The fields are documented in docs/handbook-operations.md under the names FORMSVC_….
    """

    instance: Path
    definitions: Path
    templates: Path
    fonts: Path
    files: Path
    database: str = ""
    today: date | None = None
    secret_key: str = field(default="", repr=False)
    public_url: str = ""
    console_issue: bool = True
    four_eyes: bool = True
    renderers: int = 1
    language: str = SOURCE_LANGUAGE
    accessible_pdf: bool = False
    anchor: Path | None = None
    demo: bool = False
    backups: Path = Path("backups")
    backup_at: time | None = None
    backup_keep: int = 14
    backup_whole_every: int = 7
    backup_proven_days: int = 7
    backup_passphrase_file: Path | None = None
    # None: copies made before migrations stay
    migration_copy_days: int | None = None
    check_cache: Path | None = None
    clock_behind_minutes: int = 10
    clock_ahead_days: int = 60
    # None: no server, messages are written to a file
    mail: MailSettings | None = None
    remind_at: time | None = None
    log_format: str = LOG_FORMATS[0]
    log_level: str = "info"
    slow_seconds: int = 5
    metrics_from: tuple[Network, ...] = LOOPBACK_NETWORKS
    # a virus scanner that reads a file from standard input, and its arguments; empty: none
    scan_command: tuple[str, ...] = ()
    # programs exchange their token for one of an hour at most before anything else
    api_session_tokens: bool = False
    # programs send what they search for in the body, not in the address
    api_words_in_body: bool = False
    limits: Limits = Limits()

    @property
    def store_file(self) -> Path:
        return self.instance / "formsvc.sqlite"

    @property
    def cache(self) -> Path:
        # everything in it is made again when it is missing
        return self.instance / "cache"


def read_settings(environ: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Read the environment, then the instance's TOML file, then the defaults.

    `instance` overrides FORMSVC_INSTANCE. Raise InvalidSetting for the first value refused.
    """
    env = os.environ if environ is None else environ
    folder = (instance or Path(env.get(PREFIX + "INSTANCE") or "instance")).absolute()
    values = {**_toml_values(folder / "formsvc.toml"), **_environment_values(env)}
    return Settings(
        instance=folder,
        definitions=_folder(values, "DEFINITIONS", "form_definitions"),
        templates=_folder(values, "TEMPLATES", "doc_templates"),
        fonts=Path(values.get("FONTS") or _default_fonts(folder)).absolute(),
        files=_files(values, folder),
        database=_database(values),
        today=parse_date(values.get("TODAY") or ""),
        secret_key=values.get("SECRET_KEY") or read_credential(env, "secret_key"),
        public_url=parse_public_url(values.get("PUBLIC_URL") or ""),
        console_issue=read_flag(values, "CONSOLE_ISSUE", True),
        four_eyes=read_flag(values, "FOUR_EYES", True),
        renderers=read_count(values, "RENDERERS", 1),
        language=parse_language(values.get("LANGUAGE") or SOURCE_LANGUAGE),
        accessible_pdf=read_flag(values, "ACCESSIBLE_PDF", False),
        anchor=_anchor(values),
        backups=Path(values.get("BACKUPS") or folder / "backups").absolute(),
        backup_at=parse_time(values.get("BACKUP_AT") or "12:30"),
        backup_keep=read_count(values, "BACKUP_KEEP", 14, most=1000),
        backup_whole_every=read_count(values, "BACKUP_WHOLE_EVERY", 7, most=1000),
        backup_proven_days=read_count(values, "BACKUP_PROVEN_DAYS", 7, most=1000),
        backup_passphrase_file=_passphrase_file(values.get("BACKUP_PASSPHRASE_FILE") or ""),
        migration_copy_days=read_count(values, "MIGRATION_COPY_DAYS", 1, most=3650)
        if values.get("MIGRATION_COPY_DAYS")
        else None,
        check_cache=Path(values["CHECK_CACHE"]).absolute() if values.get("CHECK_CACHE") else None,
        demo=(folder / DEMO_MARK).is_file(),
        clock_behind_minutes=read_count(values, "CLOCK_BEHIND_MINUTES", 10, most=100_000),
        clock_ahead_days=read_count(values, "CLOCK_AHEAD_DAYS", 60, most=100_000),
        mail=read_mail(values),
        remind_at=parse_time(values.get("REMIND_AT") or "08:30", "REMIND_AT"),
        log_format=read_choice(values, "LOG_FORMAT", LOG_FORMATS[0], LOG_FORMATS),
        log_level=read_choice(values, "LOG_LEVEL", "info", LOG_LEVELS),
        slow_seconds=read_count(values, "SLOW_SECONDS", 5, most=600),
        metrics_from=parse_networks("METRICS_FROM", values.get("METRICS_FROM") or ""),
        scan_command=parse_command("SCAN_COMMAND", values.get("SCAN_COMMAND") or ""),
        api_session_tokens=read_flag(values, "API_SESSION_TOKENS", False),
        api_words_in_body=read_flag(values, "API_WORDS_IN_BODY", False),
        limits=_limits(values),
    )


def _limits(values: Mapping[str, str]) -> Limits:
    ranges = limit_ranges().items()
    return Limits(
        **{
            name: read_count(values, name.upper(), usual, most, least)
            for name, (usual, most, least) in ranges
        }
    )


def _default_fonts(instance: Path) -> Path:
    # the demo's instance is inside another one and shares its fonts; an instance elsewhere
    # uses the project's font pack until it has its own
    own = (instance.parent if instance.name == "demo" else instance) / "fonts"
    shared = [Path("instance/fonts").absolute(), PROJECT / "instance" / "fonts"]
    return next((folder for folder in (own, *shared) if (folder / "pack" / "manifest.json").exists()), own)


def _cannot_open(file: Path) -> InvalidSetting:
    return InvalidSetting(
        msg(
            "打不开设置文件 {file}。请检查 FORMSVC_INSTANCE 是否是一个文件夹，以及这个文件的读取权限。",
            file=file,
        )
    )


def _toml_values(file: Path) -> dict[str, str]:
    try:
        # Windows Notepad starts a file with a byte order mark
        table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        # Windows reports "not found" also when the instance is a file instead of a folder
        if file.parent.is_file():
            raise _cannot_open(file) from error
        return {}
    except UnicodeDecodeError as error:
        raise InvalidSetting(msg("设置文件 {file} 不是 UTF-8 编码。请另存为 UTF-8。", file=file)) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(
            msg("设置文件 {file} 不能读取：{wrong}。请按 TOML 格式改正。", file=file, wrong=error)
        ) from error
    except OSError as error:
        raise _cannot_open(file) from error
    unknown = [key for key in table if key.upper() not in NAMES]
    if unknown:
        accepted = format_list(name.lower() for name in NAMES)
        raise InvalidSetting(
            msg(
                "设置文件 {file} 中有不认识的设置 {unknown}。可用的设置：{accepted}。",
                file=file,
                unknown=format_list(unknown),
                accepted=accepted,
            )
        )
    return {key.upper(): str(value) for key, value in table.items()}


def _environment_values(env: Mapping[str, str]) -> dict[str, str]:
    # an empty variable counts as not set: shells and service files cannot always remove one
    return {name: env[PREFIX + name] for name in NAMES if env.get(PREFIX + name)}


def _folder(values: Mapping[str, str], name: str, default: str) -> Path:
    if values.get(name):
        value = Path(values[name]).absolute()
        if not value.is_dir():
            raise InvalidSetting(
                msg(
                    "FORMSVC_{name} 应当是一个文件夹，“{given}”不存在或者不是文件夹。请更正路径。",
                    name=name,
                    given=value,
                )
            )
        return value
    folder = Path(default).absolute()
    return folder if folder.is_dir() else PROJECT / default


def _files(values: Mapping[str, str], instance: Path) -> Path:
    value = values.get("FILES") or ""
    if value.startswith("s3://"):
        raise InvalidSetting(
            msg("FORMSVC_FILES 现在只接受文件夹，对象存储（s3://）尚未提供。请改为文件夹路径。")
        )
    folder = Path(value or instance / "files").absolute()
    if folder.exists() and not folder.is_dir():
        raise InvalidSetting(
            msg("FORMSVC_FILES 应当是一个文件夹，“{folder}”是一个文件。请更正路径。", folder=folder)
        )
    return folder


def _anchor(values: Mapping[str, str]) -> Path | None:
    value = values.get("ANCHOR") or ""
    if not value:
        return None
    file = Path(value).absolute()
    # the anchor belongs on another disk: a missing folder means that disk is not mounted
    if file.is_dir() or not file.parent.is_dir():
        raise InvalidSetting(
            msg(
                "FORMSVC_ANCHOR 应当是一个文件，所在的文件夹要已经存在，“{given}”不是。请更正路径。",
                given=value,
            )
        )
    return file


def _database(values: Mapping[str, str]) -> str:
    # a store that is chosen but not there must not silently become the default one
    value = values.get("DATABASE") or ""
    if value:
        raise InvalidSetting(
            msg(
                "FORMSVC_DATABASE 现在只接受空值（TinyDB，存放在 instance 文件夹），PostgreSQL 尚未提供。请去掉这项设置。"
            )
        )
    return value


def _passphrase_file(value: str) -> Path | None:
    file = Path(value).absolute() if value else None
    if file and not file.is_file():
        raise InvalidSetting(
            msg("FORMSVC_BACKUP_PASSPHRASE_FILE 应当是一个文件，“{file}”不存在或者不是文件。", file=file)
        )
    return file
