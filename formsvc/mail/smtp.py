"""Mail through the office's own server (RFC 5321, STARTTLS by RFC 3207)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

_SECONDS = 20.0


@dataclass(frozen=True)
class SmtpMailer:
    """A mail server; ``security`` is ``starttls``, ``tls`` or ``none``.

    The password is read from its file each time, so that a new one needs no restart.
    """

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password_file: Path | None = field(default=None, repr=False)

    def send(self, receiver: str, subject: str, text: str) -> None:
        """Send a text. Raise FormsvcError if the server does not take it."""
        try:
            with self._connection() as server:
                if self.user:
                    server.login(self.user, self._password())
                server.send_message(self._message(receiver, subject, text))
        # the errors of smtplib are OSErrors, too; their texts name the server's answer and no password
        except (OSError, ValueError) as error:
            raise FormsvcError(
                msg("邮件服务器 {host} 没有收下邮件：{error}。", host=self.host, error=_answer_of(error)),
                msg("请核对 FORMSVC_MAIL_ 开头的设置和网络。"),
            ) from error

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _password(self) -> str:
        if self.password_file is None:
            return ""
        return self.password_file.read_text(encoding="utf-8").strip()

    def _message(self, receiver: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, receiver, subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="formsvc.invalid")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message


def _answer_of(error: Exception) -> str:
    """Return what the server said, without the address it was about."""
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, answer = error.smtp_code, error.smtp_error
    else:
        return str(error) or type(error).__name__
    return f"{code} {_text_of(answer)}"


def _text_of(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
