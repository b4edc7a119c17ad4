"""Sample office in an instance of its own; real data is never touched."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from formsvc.config import DEMO_MARK, Settings
from formsvc.domain.accounts.account import EVERY_AUTHORITY, Account, hash_password
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.maintenance import store_files
from formsvc.usecases.administration import accounts, records
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Store

PASSWORD = "demo"
FILLED = "FILLED"


def demo_settings(settings: Settings) -> Settings:
    instance = settings.instance if settings.instance.name == "demo" else settings.instance / "demo"
    return replace(
        settings,
        instance=instance,
        files=instance / "files",
        backups=instance / "backups",
        demo=True,
        public_url="",
    )


def is_marked(place: Path) -> bool:
    return (place / DEMO_MARK).is_file()


def prepare(settings: Settings) -> None:
    """Mark a new demo instance.

    Raise FormsvcError if the folder holds real data.
    """
    instance = settings.instance
    if settings.store_file.exists() and not is_marked(instance):
        raise FormsvcError(
            msg("{place} 里有正式数据，不能用作演示。", place=instance),
            msg("请另选一个文件夹（FORMSVC_INSTANCE）。"),
        )
    instance.mkdir(parents=True, exist_ok=True)
    (instance / DEMO_MARK).write_text("演示数据，虚构，可以随时删除。\n", encoding="utf-8")


def clear(settings: Settings) -> None:
    """Delete a demo instance's data. Raise FormsvcError if it is none."""
    prepare(settings)
    for file in (settings.instance / FILLED, *store_files(settings)):
        file.unlink(missing_ok=True)
    for folder in (settings.files, settings.cache):
        shutil.rmtree(folder, ignore_errors=True)


def is_filled(settings: Settings) -> bool:
    return (settings.instance / FILLED).exists()


def mark_filled(settings: Settings) -> None:
    (settings.instance / FILLED).write_text("ok\n", encoding="utf-8")


def load_sample_office() -> dict[str, Any]:
    text = resources.files("formsvc.demo").joinpath("office.json").read_text(encoding="utf-8")
    office: dict[str, Any] = json.loads(text)
    return office


def create_sample_office(ports: Ports) -> None:
    """Create people of every role, authorities, officers and series; no acts."""
    office = load_sample_office()
    for kind in ("offices", "authorities", "officers", "series"):
        for record in office[kind]:
            records.save_record(ports, None, kind, record)
    _add_accounts(ports.store, office["accounts"])


def _add_accounts(store: Store, people: list[dict[str, str]]) -> None:
    password = hash_password(PASSWORD, minimum=len(PASSWORD))
    with store.write() as tx:
        for person in people:
            roles = {EVERY_AUTHORITY: [person["role"]]}
            account = Account(person["id"], person["display_name"], "donghe", roles, password)
            tx.accounts.insert(account.id, account.to_record())


def sample_actor(ports: Ports, name: str) -> Actor:
    account = accounts.get_account(ports, name)
    if account is None:
        raise FormsvcError(msg("演示单位里没有“{name}”。", name=name))
    return Actor(account, via="console")
