"""Each person is told once a day what is due: by mail, else in the file of the day."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from formsvc.errors import FormsvcError
from formsvc.mail.message_file import MessageFolder
from formsvc.mail.smtp import SmtpMailer
from formsvc.usecases.administration.accounts import get_account
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.reminders.addresses import save_email
from formsvc.usecases.reminders.due_reminders import FILED, SENT, remind_people
from tests.proofs.overdue_cases import fill
from tests.support.memory_office import Office, make_office


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps what it takes."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailSession)
        self.letters: list[tuple[str, bytes]] = []
        self.commands: list[str] = []
        self.refusal = ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class MailSession(socketserver.StreamRequestHandler):
    """One connection: the commands of RFC 5321 that a client needs."""

    server: MailServer

    def handle(self) -> None:
        receiver = ""
        self._say("220 mail.example.cn")
        while line := self.rfile.readline().decode().strip():
            self.server.commands.append(line)
            verb = line[:4].upper()
            if verb == "RCPT":
                receiver = line.partition("<")[2].partition(">")[0]
                self._say(self.server.refusal or "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                letter = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    letter += part
                self.server.letters.append((receiver, letter))
                self._say("250 taken")
            elif verb == "EHLO":
                self._say("250-mail.example.cn\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self._say("235 ok")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The sample office with two cases that are overdue, at nine in the morning."""
    office = make_office(tmp_path)
    office.clock.moment = office.clock.moment.replace(year=2028, hour=9)
    fill(office.ports, 2)
    return office


def reminding(office: Office, place: Path, server: MailServer | None, security: str = "none") -> Ports:
    mailer = SmtpMailer("127.0.0.1", server.port, "office@example.cn", security) if server else None
    ports = office.ports
    return replace(
        ports,
        policy=replace(ports.policy, remind_at=time(8, 30)),
        mailer=mailer,
        message_file=MessageFolder(place / "messages"),
    )


def give_address(ports: Ports, person: str, address: str) -> None:
    account = get_account(ports, person)
    assert account is not None
    save_email(ports, Actor(account), address)


def day_file(place: Path, day: date) -> str:
    file = place / "messages" / f"{day.isoformat()}.txt"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_the_drafter_gets_one_letter_a_day(office: Office, tmp_path: Path, server: MailServer) -> None:
    ports = reminding(office, tmp_path, server)
    give_address(ports, "staff", "li.ming@example.cn")
    assert remind_people(ports)[SENT] == 1
    assert remind_people(ports)[SENT] == 0
    ((receiver, letter),) = server.letters
    message = message_from_bytes(letter, policy=policy.default)
    assert receiver == "li.ming@example.cn"
    assert message["Subject"] == "有 8 项到期，其中 8 项已经逾期"
    text = message.get_body().get_content()  # type: ignore[union-attr]
    assert "绥北（东）T22〔2026〕第000000号" in text
    # it leaves the office: no party in it
    assert "副食商店" not in text
    office.clock.moment += timedelta(days=1)
    assert remind_people(ports)[SENT] == 1


def test_nobody_is_reminded_before_the_hour_or_of_nothing(
    office: Office, tmp_path: Path, server: MailServer
) -> None:
    ports = reminding(office, tmp_path, server)
    give_address(ports, "staff", "li.ming@example.cn")
    office.clock.moment = office.clock.moment.replace(hour=8, minute=29)
    assert not remind_people(ports)
    office.clock.moment = office.clock.moment.replace(year=2025, hour=9)
    assert remind_people(ports)[SENT] == 0
    assert not server.letters


def test_without_a_server_the_message_is_in_the_file_of_the_day(office: Office, tmp_path: Path) -> None:
    ports = reminding(office, tmp_path, None)
    assert remind_people(ports)[FILED] >= 1
    written = day_file(tmp_path, ports.clock.today())
    assert "有 8 项到期" in written
    assert remind_people(ports)[FILED] == 0
    assert day_file(tmp_path, ports.clock.today()) == written


def test_a_refused_letter_is_tried_again_and_at_last_written_down(
    office: Office, tmp_path: Path, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    ports = reminding(office, tmp_path, server)
    give_address(ports, "staff", "li.ming@example.cn")
    server.refusal = "451 later"
    assert remind_people(ports)["failed"] == 1
    assert "451 later" in caplog.text
    assert "li.ming" not in caplog.text
    # not at once
    assert not remind_people(ports)
    office.clock.moment += timedelta(minutes=16)
    server.refusal = ""
    assert remind_people(ports)[SENT] == 1
    server.refusal = "550 no such person"
    office.clock.moment += timedelta(days=1)
    for _ in range(6):
        remind_people(ports)
        office.clock.moment += timedelta(minutes=16)
    assert "有 8 项到期" in day_file(tmp_path, ports.clock.today())


def test_a_server_without_encryption_gets_no_letter_and_no_password(
    tmp_path: Path, server: MailServer
) -> None:
    secret = tmp_path / "password"
    secret.write_text("虚构的密码\n", encoding="utf-8")
    mailer = SmtpMailer("127.0.0.1", server.port, "office@example.cn", "starttls", "office", secret)
    with pytest.raises(FormsvcError, match="没有收下邮件"):
        mailer.send("li.ming@example.cn", "到期", "一项到期")
    assert not server.letters
    assert not any(line.startswith("AUTH") for line in server.commands)
    assert "虚构的密码" not in repr(mailer)


@pytest.mark.parametrize(
    "address", ["li.ming", "a b@example.cn", "李明@example.cn", "a@b", "x@example.cn\nBcc: y@z.cn"]
)
def test_what_is_no_address_is_refused(office: Office, address: str) -> None:
    with pytest.raises(FormsvcError, match="邮箱地址"):
        give_address(office.ports, "staff", address)
