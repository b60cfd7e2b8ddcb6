"""Invitations in words: mail as text and HTML, and what the page says, in each language."""

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from scim_server.store.mails import SECRET, Mail

_TEXTS: Final = Environment(
    loader=PackageLoader("scim_server.documents"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_AS_ROLE: Final = {
    "en": {"user": "", "admin": " as an Admin", "owner": " as an Owner"},
    "es": {"user": "", "admin": " con el rol de administrador", "owner": " con el rol de propietario"},
}


def as_role(language: str, role: str) -> str:
    """How a sentence about joining goes on: as what; nothing for a User."""
    return _AS_ROLE[language][role]


def in_words(expires: str) -> str:
    """The moment from which an invitation is refused, for people, in UTC to the minute."""
    return datetime.fromisoformat(expires).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def as_mail(mail: Mail, public_url: str, sender: str) -> EmailMessage:
    """The mail that brings an invitation, with its link."""
    facts = mail.facts
    values = {
        "organization": facts["organization"],
        "as_role": as_role(mail.language, facts["role"]),
        "expires": in_words(facts["expires"]),
        "link": f"{public_url}/invitations/{facts[SECRET]}",
    }
    text = _TEXTS.get_template(f"invitation.{mail.language}.txt").render(values)
    subject, _, body = text.partition("\n\n")
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    # The same for every attempt: a mail that arrives twice is seen once where the reader's program can.
    name = hashlib.sha256(f"{mail.organization} {mail.id}".encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    html = _TEXTS.get_template(f"invitation.{mail.language}.html").render(values, subject=subject)
    message.add_alternative(html, subtype="html")
    return message
