"""Mails as they are sent. Each kind of mail has its text; the envelope is the same for all."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from scim_server.store.rows.mails import Mail

TEMPLATES: Final = Environment(
    loader=PackageLoader("scim_server.documents"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a mail, as text and as HTML."""

    subject: str
    text: str
    html: str


Writer = Callable[[Mail, str], Letter]
"""Creates a letter from the stored facts. The second argument is the beginning of every link."""


def as_mail(mail: Mail, writers: Mapping[str, Writer], public_url: str, sender: str) -> EmailMessage:
    """The mail to send. The writer for the kind of mail creates its text."""
    letter = writers[mail.kind](mail, public_url)
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    # The id is the same for every attempt, so that the reader's program can hide a mail that arrives twice.
    name = hashlib.sha256(f"{mail.organization} {mail.id} {mail.recipient}".encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
