"""Runtime of the commands: language, output, errors, arguments, ports."""

from __future__ import annotations

import getpass
import gettext
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

import click

from formsvc.config import InvalidSetting, Settings, read_settings
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Fault, FormsvcError, InputRefused, Problem, disk_error, system_reason
from formsvc.i18n import catalogs
from formsvc.i18n.messages import Lookup, join_messages, msg, translate
from formsvc.i18n.printable import escape_controls_in_json, translate_printable

if TYPE_CHECKING:
    from formsvc.usecases.context import Actor, Ports
    from formsvc.usecases.maintenance.integrity import IntegrityReport
    from formsvc.usecases.ports import ChainHead

P = ParamSpec("P")
INPUT_AT_FAULT, CALL_AT_FAULT = 1, 2
CLICK_DOMAIN = "commandline"


# Output ---------------------------------------------------------------------------------------------


def console_language() -> str:
    # help is shown also where the settings are faulty: it is needed to mend them
    try:
        return read_settings().language
    except InvalidSetting:
        return catalogs.language_from_env(os.environ)


def translate_for_console(text: str) -> str:
    return translate(text, catalogs.lookup_for(console_language()))


def echo(text: str, *, err: bool = False) -> None:
    """Print one text in the language of the console.

    A name in it cannot control the terminal, nor add a line that looks like ours.
    """
    click.echo(translate_printable(text, catalogs.lookup_for(console_language())), err=err)


def shown_moment(text: str) -> str:
    """Return an ISO date and time as people read it, to the minute."""
    return text[:16].replace("T", " ")


def output_encoding(encoding: str) -> str:
    """Return the encoding for a stream that Python opened with `encoding`."""
    # PowerShell decodes a pipe by the code page of Windows, everything else expects UTF-8
    return encoding if sys.platform == "win32" else "utf-8"


def print_json(records: Sequence[Mapping[str, Any]]) -> None:
    """Print records as JSON, messages in the language of the console."""
    translated = [
        {
            key: translate_for_console(value) if isinstance(value, str) else value
            for key, value in record.items()
        }
        for record in records
    ]
    click.echo(_dump_json(translated))


def print_integrity_json(result: IntegrityReport) -> None:
    """Print the result of a verification as JSON."""
    record = asdict(result)
    for finding in record["findings"]:
        finding["message"] = translate_for_console(finding["message"])
    click.echo(_dump_json({**record, "sound": result.is_sound}))


def _dump_json(value: Any) -> str:
    # JSON is UTF-8 by definition (RFC 8259): for a stream in another encoding Chinese is escaped
    plain = sys.stdout.encoding.lower() not in ("utf-8", "utf8")
    return escape_controls_in_json(json.dumps(value, ensure_ascii=plain, indent=1))


def write_file(output: Path, content: bytes) -> None:
    """Write a result file; end the command with a sentence if that fails."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        reason = system_reason(error)
        fail(msg("不能写入 {output}：{reason}。请检查路径和权限。", output=output, reason=reason))


# Errors ---------------------------------------------------------------------------------------------


def fail(message: str, code: int = INPUT_AT_FAULT) -> NoReturn:
    """Print one sentence to standard error and exit."""
    echo(message, err=True)
    sys.exit(code)


def handle_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Decorate a command to end with a sentence instead of a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InputRefused as error:
            fail(join_messages(error.message, *map(_problem_line, error.problems), separator="\n"))
        except FormsvcError as error:
            fail(str(error))
        except InvalidSetting as error:
            fail(str(error), CALL_AT_FAULT)
        except OSError as error:
            fail(str(disk_error(error, Path(str(error.filename or ".")))))
        except Exception as error:  # noqa: BLE001 - the border of the program: an operator is shown a sentence
            fail(_unexpected(error))

    return wrapped


def _unexpected(error: Exception) -> str:
    """Return a sentence with the kind of an error and its place in our code."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "formsvc" in Path(f.filename).parts]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return join_messages(
        msg("命令遇到意料之外的差错（{kind}，{place}），没有完成。", kind=type(error).__name__, place=place),
        msg("请核对所给的文件和设置；仍然这样的，请把这一行交给维护人员。"),
    )


def _problem_line(problem: Problem) -> str:
    return msg("［{field}］{sentence}", field=problem.field or msg("整张表"), sentence=problem.sentence())


class LocalizedGroup(click.Group):
    """Command group with help and usage errors in the language of the console."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        # click must raise its errors here, not print them in English and exit
        kwargs["standalone_mode"] = False
        language = console_language()
        with _click_texts_in(language), _help_texts_in(self, catalogs.lookup_for(language)):
            return self._run(*args, **kwargs)

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "formsvc"
            message = _usage_message(error)
            fail(
                msg("命令用法不对：{message} 用“{where} --help”查看用法。", message=message, where=where),
                CALL_AT_FAULT,
            )
        except click.Abort:
            fail(msg("已中止，没有改变任何内容。"), CALL_AT_FAULT)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)


def _usage_message(error: click.UsageError) -> str:
    # click's own message for a missing parameter ends in an ASCII full stop, also in Chinese
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return msg("缺少 {what}。", what=error.param.get_error_hint(error.ctx))
    return error.format_message()


@contextmanager
def _click_texts_in(language: str) -> Iterator[None]:
    # click looks its own texts up with gettext, whose domain and LANGUAGE are global to the
    # process: both are put back, for the tests run many commands in one process
    domain_before, language_before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(CLICK_DOMAIN, catalogs.LOCALES)
    gettext.textdomain(CLICK_DOMAIN)
    os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        gettext.textdomain(domain_before)
        if language_before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = language_before


@contextmanager
def _help_texts_in(group: click.Group, lookup: Lookup) -> Iterator[None]:
    # click stores help as plain text when the command is defined, long before the language is known
    items = list(_walk_help(group))
    before = [item.help for item in items]
    for item in items:
        item.help = lookup(item.help) if item.help else item.help
    try:
        yield
    finally:
        for item, text in zip(items, before, strict=True):
            item.help = text


def _walk_help(command: click.Command) -> Iterator[click.Command | click.Option]:
    yield command
    yield from (option for option in command.params if isinstance(option, click.Option))
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _walk_help(inner)


# Arguments ------------------------------------------------------------------------------------------


def parse_chain_head(text: str) -> ChainHead | None:
    """Return the chain head printed as ``count:sha256``; None for no text."""
    if not text:
        return None
    from formsvc.usecases.ports import ChainHead

    # typed from paper: a Chinese input method writes the colon full-width
    count, _, digest = text.replace("：", ":").replace(" ", "").lower().partition(":")
    number = parse_whole_number(count)
    if number is None or not re.fullmatch(r"[0-9a-f]{64}", digest):
        fail(msg("锚写作 笔数:摘要，摘要是 64 位的十六进制数，例如 1200:3f…。"), CALL_AT_FAULT)
    return ChainHead(number, digest, "")


def read_answers(file: Path) -> dict[str, Any]:
    """Return the object in a DATA.json file."""
    from formsvc.documents.checking.json_source import max_json_bytes
    from formsvc.documents.checking.regular_files import UnreadableFile, read_regular_file
    from formsvc.documents.workers.json_reader import read_json_content

    try:
        text = read_regular_file(file, max_json_bytes())
    except UnreadableFile as unreadable:
        fail(str(Fault(file.name, "", str(unreadable))))
    content, faults = read_json_content(text, file.name, read_settings().limits)
    if faults:
        fail(str(faults[0]))
    if not isinstance(content, dict):
        fail(msg('{name} 应当是一个 JSON 对象：{{"字段": 值}}。', name=file.name))
    return content


def read_passphrase(file: Path | None) -> str:
    """Return the first line of a file; empty if no file is named."""
    if file is None:
        return ""
    # a passphrase may be in any encoding: surrogateescape keeps its bytes
    lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    if not lines or not lines[0].strip():
        fail(msg("口令文件“{file}”是空的。请把口令写在第一行。", file=file.name), CALL_AT_FAULT)
    return lines[0].strip()


# The instance ---------------------------------------------------------------------------------------


def open_ports(settings: Settings, *, or_demo: bool = False) -> Ports:
    """Open an instance for one command.

    `or_demo` falls back to its sample office if the instance was never set up.
    """
    from formsvc.bootstrap import build_ports

    return build_ports(with_demo_flag(settings_or_demo(settings) if or_demo else settings))


def settings_or_demo(settings: Settings) -> Settings:
    """Return the settings of the sample office if only that exists.

    Then say so on standard error.
    """
    from formsvc.demo import office

    sample = office.demo_settings(settings)
    if settings.store_file.exists() or not office.is_marked(sample.instance):
        return settings
    echo(msg("（正式的实例还没有建立，使用示例单位 {place}）", place=sample.instance), err=True)
    return sample


def with_demo_flag(settings: Settings) -> Settings:
    """Return the settings with `demo` set if the instance is a sample office."""
    from formsvc.demo import office

    return replace(settings, demo=office.is_marked(settings.instance))


def load_actor(ports: Ports, name: str) -> Actor:
    """Return the person of a sign-in name, acting at the console."""
    from formsvc.usecases.administration.accounts import get_account
    from formsvc.usecases.context import Actor

    person = get_account(ports, name.strip().lower())
    if person is None or not person.active:
        fail(msg("没有登录名为“{name}”的在用人员。", name=name), CALL_AT_FAULT)
    # the event log keeps the user of the operating system: it was not the person who signed in
    return Actor(person, via="console", origin=f"控制台用户 {getpass.getuser()}")
