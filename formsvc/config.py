"""Settings: read once from the environment and ``instance/formsvc.toml``, typed and frozen.

A wrong value stops the start and says what is accepted.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from time import sleep
from typing import Any

from formsvc.i18n.catalogs import SOURCE_LANGUAGE, is_offered
from formsvc.i18n.messages import format_list, msg

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
    "BACKUP_KEEP",
    "BACKUP_WHOLE_EVERY",
    "BACKUP_PROVEN_DAYS",
    "BACKUP_PASSPHRASE_FILE",
)
PROJECT = Path(__file__).resolve().parent.parent


class WrongSetting(ValueError):
    """A setting has a value that is not accepted; the text is a whole Chinese sentence."""


@dataclass(frozen=True)
class Settings:
    """Where things lie and how the service behaves. Folders are absolute."""

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

    @property
    def store_file(self) -> Path:
        """The SQLite file under TinyDB's interface."""
        return self.instance / "formsvc.sqlite"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.instance / "cache"


def read_settings(environ: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Settings from the environment, then the instance's TOML file, then defaults. Raises WrongSetting."""
    env = os.environ if environ is None else environ
    place = (instance or Path(env.get(PREFIX + "INSTANCE") or "instance")).absolute()
    values = {**_toml_values(place / "formsvc.toml"), **_environment_values(env)}
    return Settings(
        instance=place,
        definitions=_folder(values, "DEFINITIONS", "form_definitions"),
        templates=_folder(values, "TEMPLATES", "doc_templates"),
        fonts=Path(values.get("FONTS") or _default_fonts(place)).absolute(),
        files=_files(values, place),
        database=_database(values),
        today=_day(values.get("TODAY") or ""),
        secret_key=values.get("SECRET_KEY") or "",
        public_url=_public_url(values.get("PUBLIC_URL") or ""),
        console_issue=_truth(values, "CONSOLE_ISSUE", True),
        four_eyes=_truth(values, "FOUR_EYES", True),
        renderers=_count(values, "RENDERERS", 1),
        language=_language(values.get("LANGUAGE") or SOURCE_LANGUAGE),
        accessible_pdf=_truth(values, "ACCESSIBLE_PDF", False),
        anchor=_anchor(values),
        backups=Path(values.get("BACKUPS") or place / "backups").absolute(),
        backup_at=_time(values.get("BACKUP_AT") or "12:30"),
        backup_keep=_count(values, "BACKUP_KEEP", 14, most=1000),
        backup_whole_every=_count(values, "BACKUP_WHOLE_EVERY", 7, most=1000),
        backup_proven_days=_count(values, "BACKUP_PROVEN_DAYS", 7, most=1000),
        backup_passphrase_file=_passphrase_file(values.get("BACKUP_PASSPHRASE_FILE") or ""),
    )


def _default_fonts(place: Path) -> Path:
    """The instance's fonts; the demo's instance lies inside another and shares them (design decision 13).

    An instance elsewhere uses the project's font pack until it has one of its own.
    """
    own = (place.parent if place.name == "demo" else place) / "fonts"
    shared = [Path("instance/fonts").absolute(), PROJECT / "instance" / "fonts"]
    return next((folder for folder in (own, *shared) if (folder / "pack" / "manifest.json").exists()), own)


def _unopened(file: Path) -> WrongSetting:
    return WrongSetting(
        msg(
            "打不开设置文件 {file}。请检查 FORMSVC_INSTANCE 是否是一个文件夹，以及这个文件的读取权限。",
            file=file,
        )
    )


def _toml_values(file: Path) -> dict[str, str]:
    try:
        found: dict[str, Any] = tomllib.loads(
            file.read_text(encoding="utf-8-sig")
        )  # Notepad writes a mark first
    except FileNotFoundError as wrong:
        if file.parent.is_file():  # what Windows says of a file taken for a folder
            raise _unopened(file) from wrong
        return {}
    except UnicodeDecodeError as wrong:
        raise WrongSetting(msg("设置文件 {file} 不是 UTF-8 编码。请另存为 UTF-8。", file=file)) from wrong
    except tomllib.TOMLDecodeError as wrong:
        raise WrongSetting(
            msg("设置文件 {file} 不能读取：{wrong}。请按 TOML 格式改正。", file=file, wrong=wrong)
        ) from wrong
    except OSError as wrong:
        raise _unopened(file) from wrong
    unknown = [key for key in found if key.upper() not in NAMES]
    if unknown:
        accepted = format_list(name.lower() for name in NAMES)
        raise WrongSetting(
            msg(
                "设置文件 {file} 中有不认识的设置 {unknown}。可用的设置：{accepted}。",
                file=file,
                unknown=format_list(unknown),
                accepted=accepted,
            )
        )
    return {key.upper(): str(value) for key, value in found.items()}


def _environment_values(env: Mapping[str, str]) -> dict[str, str]:
    return {name: env[PREFIX + name] for name in NAMES if env.get(PREFIX + name)}


def _folder(values: Mapping[str, str], name: str, default: str) -> Path:
    if values.get(name):
        given = Path(values[name]).absolute()
        if not given.is_dir():
            raise WrongSetting(
                msg(
                    "FORMSVC_{name} 应当是一个文件夹，“{given}”不存在或者不是文件夹。请更正路径。",
                    name=name,
                    given=given,
                )
            )
        return given
    here = Path(default).absolute()
    return here if here.is_dir() else PROJECT / default


def _files(values: Mapping[str, str], place: Path) -> Path:
    given = values.get("FILES") or ""
    if given.startswith("s3://"):
        raise WrongSetting(
            msg("FORMSVC_FILES 现在只接受文件夹，对象存储（s3://）尚未提供。请改为文件夹路径。")
        )
    folder = Path(given or place / "files").absolute()
    if folder.exists() and not folder.is_dir():
        raise WrongSetting(
            msg("FORMSVC_FILES 应当是一个文件夹，“{folder}”是一个文件。请更正路径。", folder=folder)
        )
    return folder


def _anchor(values: Mapping[str, str]) -> Path | None:
    """Where the anchor lies if not beside the store: best on another disk."""
    given = values.get("ANCHOR") or ""
    if not given:
        return None
    place = Path(given).absolute()
    if place.is_dir() or not place.parent.is_dir():
        raise WrongSetting(
            msg(
                "FORMSVC_ANCHOR 应当是一个文件，所在的文件夹要已经存在，“{given}”不是。请更正路径。",
                given=given,
            )
        )
    return place


def _database(values: Mapping[str, str]) -> str:
    given = values.get("DATABASE") or ""
    if given:
        raise WrongSetting(
            msg(
                "FORMSVC_DATABASE 现在只接受空值（TinyDB，存放在 instance 文件夹），PostgreSQL 尚未提供。请去掉这项设置。"
            )
        )
    return given


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as wrong:
        raise WrongSetting(
            msg("FORMSVC_TODAY 应当是日期，例如 2026-11-23，现在是“{given}”。", given=given)
        ) from wrong


def _public_url(given: str) -> str:
    if given and not given.startswith(("http://", "https://")):
        raise WrongSetting(
            msg("FORMSVC_PUBLIC_URL 应当以 http:// 或 https:// 开头，现在是“{given}”。", given=given)
        )
    return given.rstrip("/")


def _truth(values: Mapping[str, str], name: str, default: bool) -> bool:
    given = (values.get(name) or "").lower()
    if given in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not given else given in ("1", "true", "yes", "on")
    raise WrongSetting(msg("FORMSVC_{name} 只接受 true 或 false，现在是“{given}”。", name=name, given=given))


def _count(values: Mapping[str, str], name: str, default: int, most: int = 32) -> int:
    given = values.get(name) or str(default)
    if given.isdecimal() and len(given) <= len(str(most)) and 1 <= int(given) <= most:
        return int(given)
    raise WrongSetting(
        msg("FORMSVC_{name} 应当是 1 到 {most} 的整数，现在是“{given}”。", name=name, most=most, given=given)
    )


def _time(given: str) -> time | None:
    """A time of day; off means none."""
    if given.lower() == "off":
        return None
    try:
        return time.fromisoformat(given).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as wrong:
        raise WrongSetting(
            msg(
                "FORMSVC_BACKUP_AT 应当是时刻，例如 12:30，或者 off（不自动备份），现在是“{given}”。",
                given=given,
            )
        ) from wrong


def _passphrase_file(given: str) -> Path | None:
    file = Path(given).absolute() if given else None
    if file and not file.is_file():
        raise WrongSetting(
            msg("FORMSVC_BACKUP_PASSPHRASE_FILE 应当是一个文件，“{file}”不存在或者不是文件。", file=file)
        )
    return file


def _language(given: str) -> str:
    if is_offered(given):
        return given
    raise WrongSetting(
        msg(
            "FORMSVC_LANGUAGE 应当是已有译文的语言，例如 {source}，现在是“{given}”。",
            source=SOURCE_LANGUAGE,
            given=given,
        )
    )


_REFUSED_WHILE_NAMED = os.name != "posix"
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def secret_key(settings: Settings) -> str:
    """The key that signs sessions: from the settings, else made once and kept with mode 0600."""
    if settings.secret_key:
        return settings.secret_key
    file = settings.instance / "secret_key"
    return _kept_key(file) or _make_key(file)


def _give_name(draft: Path, file: Path) -> None:
    """Unless a file has the name already. Windows' own renaming refuses then, and removes no link of a file that is open."""
    if os.name == "posix":
        os.link(draft, file)
    else:
        os.rename(draft, file)


def _kept_key(file: Path) -> str:
    """The key in the file; empty where there is none, or a program was killed while it made one."""
    try:
        return _read_patiently(file).strip()
    except FileNotFoundError:
        return ""


def _read_patiently(file: Path) -> str:
    """Windows refuses to open a file while another thread or program gives it its name."""
    for pause in _PAUSES if _REFUSED_WHILE_NAMED else ():
        try:
            return file.read_text(encoding="ascii")
        except PermissionError:
            sleep(pause)
    return file.read_text(encoding="ascii")


def _make_key(file: Path) -> str:
    """Made whole beside its place before it bears the name: several workers start at once, and all must have one key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32))
        out.flush()
        os.fsync(out.fileno())
    try:
        _give_name(draft, file)
    except OSError:  # another worker was first; or an empty file lies there; or the disk knows no links
        if not _kept_key(file):
            os.replace(draft, file)
    draft.unlink(missing_ok=True)
    return _kept_key(file)
