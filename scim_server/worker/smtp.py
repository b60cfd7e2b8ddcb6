"""Sends mail to a server by SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

_SECONDS: Final = 30.0
_PORTS: Final = {"smtp": 25, "smtps": 465}
_PERMANENT: Final = 500


class NotSent(Exception):
    """The mail was not sent.

    Attributes:
        for_good: whether the server refuses the mail permanently.
    """

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.for_good = for_good


def send(url: str, message: EmailMessage) -> None:
    """Send one mail.

    Args:
        url: `smtp://` (with STARTTLS if the server offers it) or `smtps://`, optionally with a user.

    Raises:
        NotSent: the server did not accept the mail.
    """
    try:
        with _connected(urlsplit(url)) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise NotSent(_words(code, words), for_good=code >= _PERMANENT) from None
    except smtplib.SMTPAuthenticationError as error:
        # The server or its settings have a fault, not the mail. The fault can be corrected, so the mail is
        # retried.
        raise NotSent(_words(error.smtp_code, error.smtp_error), for_good=False) from None
    except smtplib.SMTPResponseException as error:
        permanent = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _PERMANENT
        raise NotSent(_words(error.smtp_code, error.smtp_error), for_good=permanent) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"{type(error).__name__}: {error}", for_good=False) from None


@contextmanager
def _connected(parts: SplitResult) -> Iterator[smtplib.SMTP]:
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=_SECONDS)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.username and not _is_loopback(host):
            raise smtplib.SMTPException("the server offers no TLS, so the password was not sent")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {text}"
