"""Values of single settings, each refused with a sentence of its own."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from formsvc.i18n.catalogs import SOURCE_LANGUAGE, is_available
from formsvc.i18n.messages import format_list, msg

Network = IPv4Network | IPv6Network
LOOPBACK_NETWORKS: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class InvalidSetting(ValueError):
    """Setting with a value that is not accepted; the text is a sentence."""


# 128 bits as hexadecimal digits
KEY_CHARACTERS = 32


def read_credential(environ: Mapping[str, str], name: str) -> str:
    """Return a key that systemd has decrypted for this service, "" for none.

    systemd.exec(5), LoadCredentialEncrypted=. Raise InvalidSetting for one that is no key.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    file = Path(folder) / f"formsvc.{name}"
    if not folder or not file.exists():
        return ""
    try:
        key = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        key = ""
    if len(key) < KEY_CHARACTERS:
        raise InvalidSetting(
            msg(
                "systemd 凭据“{name}”读不出密钥，或者不足 {n} 个字符。请照运行手册“开机自动启动”一节重新生成。",
                name=file.name,
                n=KEY_CHARACTERS,
            )
        )
    return key


def parse_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise InvalidSetting(
            msg("FORMSVC_TODAY 应当是日期，例如 2026-11-23，现在是“{given}”。", given=value)
        ) from error


def parse_public_url(value: str) -> str:
    if value and not _is_public_url(value):
        raise InvalidSetting(
            msg(
                "FORMSVC_PUBLIC_URL 应当是浏览器里的网址，以 http:// 或 https:// 开头，例如 https://www.example.gov.cn/xf，现在是“{given}”。",
                given=value,
            )
        )
    return value.rstrip("/")


def _is_public_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        return False
    is_plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    is_path = re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", parts.path) is not None
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain and is_path


def read_flag(values: Mapping[str, str], name: str, default: bool) -> bool:
    value = (values.get(name) or "").lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not value else value in ("1", "true", "yes", "on")
    raise InvalidSetting(
        msg("FORMSVC_{name} 只接受 true 或 false，现在是“{given}”。", name=name, given=value)
    )


def read_count(values: Mapping[str, str], name: str, default: int, most: int = 32, least: int = 1) -> int:
    value = values.get(name) or str(default)
    # int() raises for thousands of digits, and accepts "-1", " 1 " and "1_0"
    if value.isdecimal() and len(value) <= len(str(most)) and least <= int(value) <= most:
        return int(value)
    raise InvalidSetting(
        msg(
            "FORMSVC_{name} 应当是 {least} 到 {most} 的整数，现在是“{given}”。",
            name=name,
            least=least,
            most=most,
            given=value,
        )
    )


def parse_time(value: str, name: str = "BACKUP_AT") -> time | None:
    """Return a time of day, None for ``off``. Raise InvalidSetting."""
    if value.lower() == "off":
        return None
    try:
        return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise InvalidSetting(
            msg(
                "FORMSVC_{name} 应当是时刻，例如 12:30，或者 off（不自动做），现在是“{given}”。",
                name=name,
                given=value,
            )
        ) from error


def parse_language(value: str) -> str:
    if is_available(value):
        return value
    raise InvalidSetting(
        msg(
            "FORMSVC_LANGUAGE 应当是已有译文的语言，例如 {source}，现在是“{given}”。",
            source=SOURCE_LANGUAGE,
            given=value,
        )
    )


def read_choice(values: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = (values.get(name) or default).lower()
    if value in choices:
        return value
    raise InvalidSetting(
        msg(
            "FORMSVC_{name} 只接受 {choices}，现在是“{given}”。",
            name=name,
            choices=format_list(choices),
            given=value,
        )
    )


def parse_command(name: str, value: str) -> tuple[str, ...]:
    """Return a command and its arguments, as a shell would take them apart."""
    try:
        # a path of Windows has backslashes
        return tuple(part.strip('"') for part in shlex.split(value, posix=os.name == "posix"))
    except ValueError as error:
        raise InvalidSetting(
            msg(
                "FORMSVC_{name} 应当是命令和参数，引号要成对，现在是“{given}”。请更正。",
                name=name,
                given=value,
            )
        ) from error


def parse_networks(name: str, value: str) -> tuple[Network, ...]:
    """Return the networks of a list: loopback for no text, none for ``off``."""
    if value.strip().lower() == "off":
        return ()
    try:
        found = tuple(ip_network(part, strict=False) for part in re.split(r"[,\s]+", value.strip()) if part)
    except ValueError as error:
        raise InvalidSetting(
            msg(
                "FORMSVC_{name} 应当是地址或者网段，用逗号分开，例如 127.0.0.1,10.1.0.0/16，或者 off（关闭），现在是“{given}”。",
                name=name,
                given=value,
            )
        ) from error
    return found or LOOPBACK_NETWORKS


MAIL_SECURITY = ("starttls", "tls", "none")
_MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class MailSettings:
    """The office's mail server, and as whom it is used."""

    host: str
    port: int
    sender: str
    security: str
    user: str
    password_file: Path | None = field(repr=False)


def read_mail(values: Mapping[str, str]) -> MailSettings | None:
    """Return the mail server of the settings, or None.

    Raise InvalidSetting.
    """
    server, sender = values.get("MAIL_SERVER") or "", values.get("MAIL_FROM") or ""
    security = read_choice(values, "MAIL_SECURITY", MAIL_SECURITY[0], MAIL_SECURITY)
    if not server:
        return None
    host, _colon, port = server.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16)):
        raise InvalidSetting(
            msg(
                "FORMSVC_MAIL_SERVER 应当是邮件服务器，例如 mail.example.cn:587，现在是“{given}”。",
                given=server,
            )
        )
    if "@" not in sender or any(character.isspace() for character in sender):
        raise InvalidSetting(msg("FORMSVC_MAIL_FROM 应当是发件的邮箱地址，现在是“{given}”。", given=sender))
    file = values.get("MAIL_PASSWORD_FILE") or ""
    if file and not Path(file).is_file():
        raise InvalidSetting(
            msg("FORMSVC_MAIL_PASSWORD_FILE 应当是一个文件，“{file}”不存在或者不是文件。", file=file)
        )
    return MailSettings(
        host, int(port or _MAIL_PORTS[security]), sender, security, values.get("MAIL_USER") or "",
        Path(file).absolute() if file else None,
    )  # fmt: skip
